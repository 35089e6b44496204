"""``reli-analyze``: judges runs and reports on them; ``compare`` and ``history`` are words of it."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from reli_analysis.console import complain, internal_error, say
from reli_analysis.errors import ReliError
from reli_analysis.output_options import output_options
from reli_analysis.verdict import EXIT_INTERRUPTED, EXIT_USAGE, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

_EPILOG = """\b
Exit codes; of several paths, the first in this list that any of them had:
  2    wrong usage, or a path that cannot be read
  4    INVALID, the measurement cannot be believed (or an internal error)
  1    FAIL, a promise was broken
  3    INCONCLUSIVE, too little data to say
  0    PASS
  130  interrupted

\b
Several runs of one thing (each has its own --help):
  reli-analyze compare BASE CANDIDATE   is the candidate worse than the base?
  reli-analyze history DIR              what got worse over many runs?

\b
Lines to paste:
  reli-analyze runs/smoke-20261121T080000Z
  reli-analyze runs/smoke-20261121T080000Z --html report.html
  reli-analyze results.csv --budget "p95 < 250ms" --budget "error_ratio < 1%"
  reli-analyze runs/* --format json | jq -r '[.verdict, .title] | @tsv'
  reli-analyze runs/smoke-20261121T080000Z --step-summary
"""


_OTHERS = {"compare": "reli_analysis.compare.command", "history": "reli_analysis.history.command"}
"""What a first word of these names runs; a path of that name is written ``./compare``."""


def _print_schema(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        from reli_analysis.report.json_report import schema  # noqa: PLC0415 -- only here

        say(schema().rstrip())
        context.exit()


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
@output_options(
    "What to print; json is one document a line and path.",
    "Also write verdict.json, junit.xml and report.html into DIR; "
    "with several paths, into a directory a path below it.",
)
@click.option(
    "--time",
    default="",
    metavar="NAME[=UNIT]",
    help="The column of time of a CSV file, where its name does not tell.",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="NAME[=UNIT]",
    help="Read only this column of a CSV file, in this unit (ms, MiB, %, ...); repeatable.",
)
@click.option(
    "--step-summary",
    is_flag=True,
    help="In a step of GitHub Actions, append the report to its summary ($GITHUB_STEP_SUMMARY).",
)
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_schema,
    help="Print the JSON Schema of verdict.json and exit.",
)
def command(  # noqa: PLR0913, PLR0917 -- click hands over one argument an option
    paths: tuple[Path, ...],
    budgets: tuple[str, ...],
    no_record_budgets: bool,
    profile: Path | None,
    format_: str,
    html: Path | None,
    output: Path | None,
    time: str,
    columns: tuple[str, ...],
    step_summary: bool,
) -> int:
    """Judge runs and say what can be believed about them.

    PATH is the directory of a run record, its results.csv alone, what Locust, k6, JMeter, Vegeta,
    HdrHistogram, psrecord, procpath or Prometheus wrote, or any CSV file with a column of time and
    columns of numbers.
    """
    if html and len(paths) > 1:
        raise click.UsageError("--html takes one PATH; for several, use -o DIR")
    # Imported here because --help must not pay for numpy.
    from reli_analysis.analyse import Options, analyse  # noqa: PLC0415 -- as said

    options = Options(
        budgets=budgets,
        record_budgets=not no_record_budgets,
        profile=profile,
        format=format_,
        html=html,
        output=output,
        step_summary=step_summary,
        time=time,
        columns=columns,
    )
    return analyse(paths, options)


def _command_of(words: Sequence[str]) -> tuple[click.Command, str]:
    """The command of these words, and its name as its help shows it."""
    if not words or words[0] not in _OTHERS:
        return command, "reli-analyze"
    other: click.Command = importlib.import_module(_OTHERS[words[0]]).command
    return other, f"reli-analyze {words[0]}"


def _run(arguments: Sequence[str] | None) -> int:
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        chosen, name = _command_of(words)
        rest = words if chosen is command else words[1:]
        code = chosen.main(rest, prog_name=name, standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        complain("interrupted")
        return EXIT_INTERRUPTED
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except ReliError as error:
        complain(str(error))
        return EXIT_USAGE
    except Exception as error:  # noqa: BLE001 -- never a traceback, never a verdict's exit code
        internal_error(error)
        return Verdict.INVALID.exit_code
    return int(code or 0)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(_run(arguments))
