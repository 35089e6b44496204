"""A verdict that a person reads in ten seconds, for a terminal or a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.report.facts import facts
from reli_analysis.report.parts import (
    check,
    headline,
    interval,
    limit,
    observed,
    plural,
    word,
    worst_first,
)
from reli_analysis.report.registry import REPORTS
from reli_analysis.report.target_parts import target_words
from reli_analysis.report.terminal import (
    NARROWEST,
    STYLES,
    Screen,
    bullets,
    grid,
    printed,
    say_verdict,
    screen,
    verdict_table,
)
from reli_analysis.verdict import Verdict
from reli_analysis.visible import one_line, shorten

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from reli_analysis.judgement import Judgement
    from reli_analysis.verdict import Finding

_WIDE = 110
_VERDICT = len("  INCONCLUSIVE")
_MOST_FAILURES = 5
_MOST_TARGETS = 20
_LONGEST_TARGET = 120


class TextReport:
    """The report in the form that standard output can show."""

    def render(self, judgement: Judgement) -> str:
        return printed(screen(), lambda console: _draw(console, judgement))


def render_text(judgement: Judgement, *, width: int, color: bool, ascii_only: bool) -> str:
    """The report at a given width in characters."""
    on = Screen(max(width, NARROWEST), color, ascii_only)
    return printed(on, lambda console: _draw(console, judgement))


def _draw(console: Console, judgement: Judgement) -> None:
    """The verdict and what tripped first, then what was run and what held."""
    ordered = worst_first(judgement.findings)
    tripped = [finding for finding in ordered if word(finding) != Verdict.PASS.value]
    sentence = f"{one_line(judgement.run.title)}: {headline(judgement)}"
    say_verdict(console, judgement.verdict.value, sentence)
    _findings(console, tripped)
    _facts(console, judgement)
    _findings(console, ordered[len(tripped) :])
    _targets(console, judgement)
    _failures(console, judgement)
    bullets(console, "notes", judgement.run.notes, most=None)
    bullets(console, "what to do next", judgement.advice, most=None)


def _facts(console: Console, judgement: Judgement) -> None:
    from reli_analysis.summary import summarise  # noqa: PLC0415 -- --help must not pay for numpy

    run = judgement.run
    lines = grid()
    lines.add_column(no_wrap=True, style="dim")
    lines.add_column(overflow="fold")
    for label, value in facts(run, summarise(run)):
        lines.add_row(f"  {label}", _plain(value))
    console.print()
    console.print(lines)
    # A path stays in one piece, so that it can be copied.
    path = one_line(str(run.path))
    console.print(_plain("").append("  record    ", "dim").append(path), soft_wrap=True)


def _plain(text: str) -> Text:
    """Text that rich takes as it is, whatever brackets it holds."""
    from rich.text import Text  # noqa: PLC0415 -- --help must not pay for rich

    return Text(text)


def _findings(console: Console, findings: list[Finding]) -> None:
    if not findings:
        return
    wide = console.width >= _WIDE
    table = verdict_table()
    table.add_column("  verdict", no_wrap=True, min_width=_VERDICT)
    table.add_column("check", overflow="fold", ratio=None if wide else 1)
    table.add_column("observed", justify="right", no_wrap=True)
    table.add_column("limit", justify="right", no_wrap=True)
    if wide:
        table.add_column("", overflow="fold", ratio=1)
    for finding in findings:
        table.add_row(*_cells(finding, wide=wide))
    console.print()
    console.print(table)


def _cells(finding: Finding, *, wide: bool) -> list[RenderableType]:
    """One row; what has no column of its own stands below the check's name."""
    from rich.console import Group  # noqa: PLC0415 -- as above
    from rich.padding import Padding  # noqa: PLC0415 -- as above
    from rich.text import Text  # noqa: PLC0415 -- as above

    verdict, ends = word(finding), interval(finding)
    message = Text(one_line(finding.message), "" if wide else "dim")
    shown = wide or verdict != Verdict.PASS.value
    below = [message] if shown and not wide else []
    if ends and not (shown and ends in finding.message):
        below.append(Text(f"interval {ends}", "dim"))
    indented = (Padding(text, (0, 0, 0, 2)) for text in below)
    what: RenderableType = Group(Text(check(finding)), *indented) if below else Text(check(finding))
    numbers = [Text(observed(finding)), Text(limit(finding))]
    cells = [Text(f"  {verdict}", STYLES[verdict]), what, *numbers]
    return [*cells, message] if wide else cells


def _targets(console: Console, judgement: Judgement) -> None:
    """What every target used, in words: a table of its numbers is too wide for a terminal."""
    from reli_analysis.target_summary import summarise_targets  # noqa: PLC0415 -- as above

    targets = summarise_targets(judgement.run)
    if not targets:
        return
    lines = grid()
    lines.add_column(overflow="fold", max_width=console.width // 3)
    lines.add_column(overflow="fold")
    for target in targets[:_MOST_TARGETS]:
        name = shorten(one_line(target.source), _LONGEST_TARGET)
        lines.add_row(_plain(name), _plain(target_words(target)))
    console.print()
    console.print("  targets", style="dim")
    console.print(_indented(lines))
    more = len(targets) - _MOST_TARGETS
    if more > 0:
        console.print(f"  and {plural(more, 'more target')}")


def _indented(table: Table) -> Padding:
    from rich.padding import Padding  # noqa: PLC0415 -- as above

    return Padding(table, (0, 0, 0, 2))


def _failures(console: Console, judgement: Judgement) -> None:
    failures = sorted(judgement.run.failures, key=lambda f: -f.count)
    if not failures:
        return
    lines = grid()
    lines.add_column(justify="right", no_wrap=True)
    lines.add_column(overflow="fold")
    for failure in failures[:_MOST_FAILURES]:
        what = f"{failure.error} at {failure.endpoint}: {failure.text}"
        lines.add_row(f"  {failure.count:,} x", _plain(shorten(one_line(what), 200)))
    console.print()
    console.print("  failures", style="dim")
    console.print(lines)
    more = len(failures) - _MOST_FAILURES
    if more > 0:
        console.print(f"  and {plural(more, 'more kind')}")


REPORTS.register("text", TextReport())
