"""A live run as a frame of a terminal: numbers, small charts, budgets, events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from reli.live.run import WHOLE, LiveRun, Subject
from reli.live.spark import BLOCKS, spark
from reli_analysis.units import format_duration, format_value
from reli_analysis.visible import one_line, shorten

if TYPE_CHECKING:
    from rich.console import RenderableType

    from reli.live.run import Budget, Key

_LOAD = {
    "completed_per_s": "answered",
    "iterations_per_s": "iterations",
    "offered_per_s": "asked for",
    "p50_ms": "p50",
    "p95_ms": "p95",
    "p99_ms": "p99",
    "max_ms": "longest",
    "error_ratio": "failed",
    "users": "users",
    "waiting": "waiting",
}
_OF_TARGETS = {"rss_bytes": "RSS", "fds": "descriptors", "cpu_cores": "CPU", "threads": "threads"}
_OF_SUBJECTS = {
    **_OF_TARGETS,
    "working_set_bytes": "working set",
    "memory_bytes": "memory",
    "memory_available_bytes": "memory left",
    "pids": "processes",
}
_ROLES = {"generator": "load processes", "recorder": "recorder"}
_STANDINGS = {"holds": "green", "warns": "yellow", "broken": "bold red", "unknown": "dim"}
_VERDICTS = {"PASS": "bold green", "FAIL": "bold red", "INVALID": "bold magenta"}
_LABELS = 34
_NARROW = 70
"""Columns of a terminal below which there is room for the newest numbers only."""
_NARROWEST_SPARK = 8
_WIDEST_SPARK = 80
_EVENTS = 8
_TITLES = 8
"""Lines of a frame that hold no number: the run, the titles, the gaps between them."""
_LEAST_TELLING = ("waiting", "pids", "threads", "iterations_per_s", "offered_per_s", "p99_ms")


def frame(
    run: LiveRun, *, verdict: str, width: int, height: int | None, characters: str = BLOCKS
) -> RenderableType:
    """What is known of the run; ``height`` is how many lines there are room for, if it is known."""
    budgets = list(run.budgets.values())
    rows = _rows(run)
    room = _EVENTS
    if height is not None:
        room = max(2, min(_EVENTS, height // 5))
        rows = _most_telling(rows, height - room - len(budgets) - _TITLES)
    series = _series(run, rows, width, characters)
    parts: list[RenderableType] = [_head(run, verdict), series]
    if budgets:
        parts += [Text("\nbudgets as they stand", "bold"), _budgets(budgets)]
    if len(run.events):
        parts += [Text("\nevents", "bold"), _events(run, room)]
    return Group(*parts)


def _head(run: LiveRun, verdict: str) -> Text:
    info = run.info
    length = format_duration(run.elapsed_s)
    planned = f" of {format_duration(info.planned_s)}" if info.planned_s else ""
    stage = run.spans.spans[-1] if run.spans.spans else None
    where = ", ".join(one_line(t) for t in (stage.stage, stage.window) if t) if stage else ""
    line = Text(overflow="fold")
    if verdict:
        line.append(verdict, _VERDICTS.get(verdict, "bold yellow"))
        line.append("  ")
    line.append(one_line(info.run_id), "bold")
    line.append(f"  {info.state}, {length}{planned}")
    if where and info.state == "running":
        line.append(f"  {where}")
    if info.state_reason:
        line.append(f"\n{one_line(info.state_reason)}")
    return line


def _most_telling(rows: list[tuple[Key, str]], room: int) -> list[tuple[Key, str]]:
    """The rows for which there is room: what tells least is left out first."""
    for column in _LEAST_TELLING:
        if len(rows) > room:
            rows = [row for row in rows if row[0][1] != column]
    return rows[: max(room, 1)]


def _series(run: LiveRun, rows: list[tuple[Key, str]], width: int, characters: str) -> Table:
    titles = ("now", "lowest", "highest") if width >= _NARROW else ("now",)
    numbers = [_numbers(run, key)[: len(titles)] for key, _label in rows]
    widths = [max(map(len, column)) for column in zip(titles, *numbers, strict=True)]
    labels = min(max((len(label) for _key, label in rows), default=0), _LABELS, width // 2)
    left = width - labels - sum(widths) - len(titles) - 1
    room = max(_NARROWEST_SPARK, min(_WIDEST_SPARK, left))
    table = Table(box=None, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("", max_width=labels, overflow="ellipsis", no_wrap=True)
    for title in titles:
        table.add_column(title, justify="right", no_wrap=True, header_style="dim")
    table.add_column(_whole_run(run), no_wrap=True, header_style="dim", max_width=room)
    for (key, label), texts in zip(rows, numbers, strict=True):
        highs = run.store.extremes(key).high
        # All rows share one axis: a series that ended earlier leaves the rest of its row empty.
        highs += [None] * (run.store.count - len(highs))
        chart = Text(spark(highs, room, characters), "cyan")
        table.add_row(Text(label), *map(Text, texts), chart)
    return table


def _numbers(run: LiveRun, key: Key) -> tuple[str, ...]:
    """The newest, lowest and highest value of a series."""
    now, unit = run.now(key), run.unit_of(key[1])
    values = (now.newest, now.lowest, now.highest)
    return tuple(one_line(format_value(value, unit)) for value in values)


def _whole_run(run: LiveRun) -> str:
    return f"0 to {format_duration(run.elapsed_s)}"


def _rows(run: LiveRun) -> list[tuple[Key, str]]:
    """Which series are shown, and what each is called: the load, the targets, the others."""
    series = run.store.series
    subjects = list(dict.fromkeys(subject for subject, _column in series if subject != WHOLE))
    trees = [s for s in subjects if s.kind == "tree" and s.role == "target"]
    shown = [((WHOLE, column), label) for column, label in _LOAD.items()]
    if len(trees) != 1:
        shown += [((WHOLE, column), f"targets {label}") for column, label in _OF_TARGETS.items()]
    shown += [((WHOLE, metric.name), one_line(metric.name)) for metric in run.info.metrics]
    for subject in sorted(subjects, key=lambda s: (s.role != "target", s)):
        name = label_of(subject)
        columns = _OF_SUBJECTS if subject.role == "target" else {"rss_bytes": "RSS"}
        shown += [((subject, column), f"{name} {label}") for column, label in columns.items()]
    return [(key, label) for key, label in shown if key in series]


def label_of(subject: Subject) -> str:
    """A subject in a word or two, fit to be shown."""
    text = _ROLES.get(subject.role, subject.source)
    named = subject.role == "target" and subject.kind == "tree" and subject.process not in text
    return shorten(one_line(f"{text} ({subject.process})" if named else text), _LABELS - 10)


def _budgets(budgets: list[Budget]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for budget in budgets:
        observed, limit = (format_value(n, budget.unit) for n in (budget.observed, budget.limit))
        table.add_row(
            Text(one_line(budget.standing), _STANDINGS.get(budget.standing, "")),
            Text(one_line(budget.budget)),
            Text(f"{observed} of {limit}" if budget.limit is not None else observed),
        )
    return table


def _events(run: LiveRun, room: int) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    newest = list(run.events)[-room:]
    for event in newest:
        what = f"{one_line(event.subject)}: {one_line(event.message)}"
        table.add_row(format_duration(event.elapsed_s), Text(one_line(event.kind)), Text(what))
    if older := run.events.told - len(newest):
        table.add_row("", Text(f"and {older} older", "dim"), "")
    return table
