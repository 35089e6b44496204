"""Takes paths one after the other: read, judge, print, write."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reli_analysis.console import complain, internal_error, note, say
from reli_analysis.errors import ReliError
from reli_analysis.judge import judge
from reli_analysis.profile_budgets import read_profile_budgets
from reli_analysis.progress import ConsoleProgress
from reli_analysis.readers import read
from reli_analysis.readers.asked import columns_asked
from reli_analysis.readers.base import Guide
from reli_analysis.report import REPORTS, JoinedReport, write_reports
from reli_analysis.report.files import write_report
from reli_analysis.report.step_summary import append_summary
from reli_analysis.verdict import EXIT_USAGE, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reli_analysis.judgement import Judgement

EXIT_INTERNAL = Verdict.INVALID.exit_code
"""An error of our own: nothing can be believed, so never 0 and never 1."""


@dataclass(frozen=True)
class Options:
    """What is asked for, the paths aside."""

    budgets: tuple[str, ...] = ()
    record_budgets: bool = True
    profile: Path | None = None
    format: str = "text"
    html: Path | None = None
    output: Path | None = None
    step_summary: bool = False
    time: str = ""
    columns: tuple[str, ...] = ()


@dataclass
class _Tally:
    """What came of the paths so far; only what a joined report needs is kept of a run."""

    exit_codes: list[int] = field(default_factory=list)
    joined: list[Judgement] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)
    directories: set[str] = field(default_factory=set)


def worst(exit_codes: Sequence[int]) -> int:
    """The exit code of several paths: wrong input, INVALID, FAIL, INCONCLUSIVE, PASS."""
    verdicts = (Verdict.INVALID, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS)
    return min(exit_codes, key=(EXIT_USAGE, *(v.exit_code for v in verdicts)).index)


def analyse(paths: Sequence[Path], options: Options) -> int:
    """Judge every path, whatever is wrong with the others; returns the worst exit code."""
    profile_budgets = read_profile_budgets(options.profile) if options.profile else None
    report, tally = REPORTS.get(options.format), _Tally()
    for path in paths:
        code = _take(path, options, profile_budgets, tally, alone=len(paths) == 1)
        tally.exit_codes.append(code)
    if isinstance(report, JoinedReport):
        say(report.render_all(tally.joined, tally.unread))
    return worst(tally.exit_codes)


def _take(
    path: Path,
    options: Options,
    profile_budgets: tuple[str, ...] | None,
    tally: _Tally,
    *,
    alone: bool,
) -> int:
    """Judge one path and report on it; never raises for what the path holds."""
    try:
        judgement = _judge(path, options, profile_budgets)
        _print(judgement, options, tally, alone=alone)
        _write(judgement, options, tally, alone=alone)
    except ReliError as error:
        complain(str(error))
        tally.unread.append((str(path), str(error)))
        return EXIT_USAGE
    except Exception as error:  # noqa: BLE001 -- a bug with one path must not lose the others
        tally.unread.append((str(path), internal_error(error, f" with {path}")))
        return EXIT_INTERNAL
    return judgement.verdict.exit_code


def _judge(path: Path, options: Options, profile_budgets: tuple[str, ...] | None) -> Judgement:
    """Read and judge, with a word on how far it is when that takes long."""
    progress = ConsoleProgress(f"reading {path}")
    try:
        asked = columns_asked(options.columns)
        run = read(path, Guide(time=options.time, columns=asked, progress=progress))
        own = run.info.budgets if options.record_budgets and run.info else ()
        budgets = (*(own if profile_budgets is None else profile_budgets), *options.budgets)
        progress.then(f"judging {path}")
        return judge(run, tuple(dict.fromkeys(budgets)))
    finally:
        progress.close()


def _print(judgement: Judgement, options: Options, tally: _Tally, *, alone: bool) -> None:
    report = REPORTS.get(options.format)
    if isinstance(report, JoinedReport):
        tally.joined.append(judgement)
        return
    gap = "" if alone or options.format == "json" else "\n"
    say(report.render(judgement) + gap)


def _write(judgement: Judgement, options: Options, tally: _Tally, *, alone: bool) -> None:
    """Write the files that were asked for and say where they are."""
    written = []
    if options.output:
        directory = options.output if alone else options.output / _directory(judgement, tally)
        written += write_reports(judgement, directory)
    if options.html:
        write_report(options.html, REPORTS.get("html").render(judgement))
        written.append(options.html)
    if options.step_summary and (summary := append_summary(judgement)):
        written.append(summary)
    for path in written:
        note(f"wrote {path}")


def _directory(judgement: Judgement, tally: _Tally) -> str:
    """A directory's name for one of several runs, taken by no other of this call."""
    path = judgement.run.path.resolve()
    own = path.stem if path.is_file() else path.name
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", own).strip(".-") or "run"
    candidates = (name, *(f"{name}-{number}" for number in range(2, 10_000)))
    free = next(candidate for candidate in candidates if candidate not in tally.directories)
    tally.directories.add(free)
    return free
