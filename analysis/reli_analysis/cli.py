"""``reli-analyze``: judges runs and reports on them."""

from __future__ import annotations

import os
import re
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from reli_analysis.errors import InputError, ReliError
from reli_analysis.report import REPORTS, JoinedReport, write_reports
from reli_analysis.report.files import write_report
from reli_analysis.report.parts import one_line
from reli_analysis.verdict import EXIT_INTERRUPTED, EXIT_USAGE, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.judgement import Judgement

EXIT_INTERNAL = Verdict.INVALID.exit_code
"""An error of our own: nothing can be believed, so never 0 and never 1."""

_EPILOG = """\b
Exit codes; of several paths, the first in this list that any of them had:
  2    wrong usage, or a path that cannot be read
  4    INVALID, the measurement cannot be believed
  1    FAIL, a promise was broken
  3    INCONCLUSIVE, too little data to say
  0    PASS
  130  interrupted

\b
Lines to paste:
  reli-analyze runs/smoke-20261121T080000Z
  reli-analyze runs/smoke-20261121T080000Z --html report.html
  reli-analyze results.csv --budget "p95 < 250ms" --budget "error_ratio < 1%"
  reli-analyze runs/* --format json | jq -r '[.verdict, .title] | @tsv'
  reli-analyze runs/smoke-20261121T080000Z --format markdown >> "$GITHUB_STEP_SUMMARY"
"""


@dataclass(frozen=True)
class Options:
    """What the command line asked for, the paths aside."""

    budgets: tuple[str, ...]
    record_budgets: bool
    profile_budgets: tuple[str, ...] | None
    format: str
    html: Path | None
    output: Path | None


@dataclass
class Tally:
    """What came of the paths so far."""

    exit_codes: list[int] = field(default_factory=list)
    judgements: list[Judgement] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)
    directories: set[str] = field(default_factory=set)


def worst(exit_codes: Sequence[int]) -> int:
    """The exit code of several paths: wrong input, INVALID, FAIL, INCONCLUSIVE, PASS."""
    order = (EXIT_USAGE, *(v.exit_code for v in (Verdict.INVALID, Verdict.FAIL)))
    order += (Verdict.INCONCLUSIVE.exit_code, Verdict.PASS.exit_code)
    return min(exit_codes, key=order.index)


@click.command(epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=Path)
@click.option(
    "--budget",
    "budgets",
    multiple=True,
    metavar="TEXT",
    help='A budget such as "p95 < 250ms", judged besides those of the record; repeatable.',
)
@click.option("--no-record-budgets", is_flag=True, help="Leave out the budgets of the record.")
@click.option(
    "--profile",
    type=Path,
    metavar="FILE",
    help="Judge by the budgets of this profile in place of the record's.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "junit", "markdown"]),
    default="text",
    show_default=True,
    help="What to print; json is one document a line and path.",
)
@click.option("--html", type=Path, metavar="FILE", help="Also write the report as one HTML file.")
@click.option(
    "-o",
    "--output",
    type=Path,
    metavar="DIR",
    help="Also write verdict.json, junit.xml and report.html into DIR; "
    "with several paths, into a directory a path below it.",
)
def command(
    paths: tuple[Path, ...],
    budgets: tuple[str, ...],
    no_record_budgets: bool,
    profile: Path | None,
    format_: str,
    html: Path | None,
    output: Path | None,
) -> int:
    """Judge runs and say what can be believed about them.

    PATH is the directory of a run record, its results.csv alone, or any CSV file with a column of
    time and columns of numbers.
    """
    if html and len(paths) > 1:
        raise click.UsageError("--html takes one PATH; for several, use -o DIR")
    options = Options(
        budgets=budgets,
        record_budgets=not no_record_budgets,
        profile_budgets=_profile_budgets(profile),
        format=format_,
        html=html,
        output=output,
    )
    tally = Tally()
    for path in paths:
        tally.exit_codes.append(_take(path, options, tally, alone=len(paths) == 1))
    report = REPORTS.get(format_)
    if isinstance(report, JoinedReport):
        _print(report.render_all(tally.judgements, tally.unread))
    return worst(tally.exit_codes)


def _profile_budgets(profile: Path | None) -> tuple[str, ...] | None:
    if profile is None:
        return None
    from reli_analysis.profile_budgets import (  # noqa: PLC0415 -- --help must not pay for it
        read_profile_budgets,
    )

    return read_profile_budgets(profile)


def _take(path: Path, options: Options, tally: Tally, *, alone: bool) -> int:
    """Judge one path and report on it; returns its exit code and never raises for its content."""
    try:
        judgement = _judge(path, options)
        report = REPORTS.get(options.format)
        if isinstance(report, JoinedReport):
            tally.judgements.append(judgement)
        else:
            _print(report.render(judgement) + ("" if alone or options.format == "json" else "\n"))
        _write(judgement, options, tally, alone=alone)
    except ReliError as error:
        _complain(str(error))
        tally.unread.append((str(path), str(error)))
        return EXIT_USAGE
    except Exception as error:  # noqa: BLE001 -- a bug with one path must not lose the others
        sentence = _internal(error, f" with {path}")
        tally.unread.append((str(path), sentence))
        return EXIT_INTERNAL
    return judgement.verdict.exit_code


def _judge(path: Path, options: Options) -> Judgement:
    from reli_analysis.judge import judge  # noqa: PLC0415 -- --help must not pay for numpy
    from reli_analysis.readers import read  # noqa: PLC0415 -- as above

    run = read(path)
    budgets: tuple[str, ...] = ()
    if options.profile_budgets is not None:
        budgets = options.profile_budgets
    elif options.record_budgets and run.info is not None:
        budgets = run.info.budgets
    return judge(run, tuple(dict.fromkeys((*budgets, *options.budgets))))


def _write(judgement: Judgement, options: Options, tally: Tally, *, alone: bool) -> None:
    """Write the files that were asked for and say where they are."""
    written = []
    if options.output:
        directory = options.output if alone else options.output / _directory(judgement, tally)
        written += write_reports(judgement, directory)
    if options.html:
        write_report(options.html, REPORTS.get("html").render(judgement))
        written.append(options.html)
    for path in written:
        click.echo(f"wrote {one_line(str(path))}", err=True)


def _directory(judgement: Judgement, tally: Tally) -> str:
    """A directory's name for one of several runs, taken by no other of this call."""
    path = judgement.run.path.resolve()
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", path.stem if path.is_file() else path.name).strip(".-")
    candidates = (name or "run", *(f"{name or 'run'}-{n}" for n in range(2, 10_000)))
    free = next(candidate for candidate in candidates if candidate not in tally.directories)
    tally.directories.add(free)
    return free


def _print(text: str) -> None:
    """Print to standard output; that its reader went away (``| head``) changes no verdict."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise InputError(f"standard output cannot be written: {error.strerror}") from None


def _complain(sentence: str) -> None:
    """One problem on standard error, each of its lines without control characters."""
    for line in sentence.splitlines():
        click.echo(f"reli-analyze: {one_line(line)}", err=True)


def _internal(error: Exception, where: str = "") -> str:
    """Say that the fault is ours, in one line."""
    if os.environ.get("RELI_TRACEBACK") == "1":
        traceback.print_exception(error)
    what = f"{type(error).__name__}: {error}".strip(": ")
    sentence = f"internal error{where} ({what}); run with RELI_TRACEBACK=1 to see where"
    _complain(one_line(sentence))
    return sentence


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code = command.main(arguments, prog_name="reli-analyze", standalone_mode=False)
    except click.exceptions.Abort:
        _complain("interrupted")
        return EXIT_INTERRUPTED
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except ReliError as error:
        _complain(str(error))
        return EXIT_USAGE
    except Exception as error:  # noqa: BLE001 -- never a traceback, never the exit code of a verdict
        _internal(error)
        return EXIT_INTERNAL
    return int(code or 0)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(_run(arguments))
