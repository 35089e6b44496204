"""``reli-analyze history``: its options, help and exit codes."""

from __future__ import annotations

from pathlib import Path

import click

from reli_analysis.output_options import output_options

_EPILOG = """\b
Exit codes:
  0    PASS or IMPROVED, nothing creeps or stepped up by its floor or more
  1    REGRESSED, something does
  2    wrong usage, or nothing that can be read
  3    INCONCLUSIVE, too few or too noisy runs to say
  130  interrupted

\b
Lines to paste:
  reli-analyze history runs
  reli-analyze history runs --profile soak --last 20 --html history.html
  reli-analyze history runs --profile soak --otava soak.csv
  reli-analyze history runs --format markdown >> "$GITHUB_STEP_SUMMARY"
"""


@click.command(epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("directories", metavar="DIR...", nargs=-1, required=True, type=Path)
@click.option("--profile", metavar="NAME", help="Look at the runs of this profile alone.")
@click.option(
    "--last",
    type=click.IntRange(min=2),
    default=50,
    show_default=True,
    metavar="N",
    help="Look at the last N runs of each profile.",
)
@click.option(
    "--floor",
    metavar="SHARE",
    help="The smallest change over the history that matters.  [default: 10%]",
)
@click.option(
    "--otava",
    type=Path,
    metavar="FILE",
    help="Also write the levels of one profile's runs as CSV for Apache Otava.",
)
@output_options("What to print.", "Also write history.json, junit.xml and history.html into DIR.")
def command(  # noqa: PLR0913, PLR0917 -- click hands over one argument an option
    directories: tuple[Path, ...],
    profile: str | None,
    last: int,
    floor: str | None,
    otava: Path | None,
    format_: str,
    html: Path | None,
    output: Path | None,
) -> int:
    """Say what got worse over many runs.

    DIR holds run records, at any depth. Runs of one profile are followed in order of their start:
    levels that creep or jump, verdicts that flip although nothing changed, runs that are missing.
    """
    # Imported here because --help must not pay for numpy.
    from reli_analysis.history.followed import with_floor  # noqa: PLC0415 -- as said
    from reli_analysis.history.run import Options, follow  # noqa: PLC0415 -- as said

    options = Options(profile, last, with_floor(floor), otava, format_, html, output)
    return follow(directories, options)
