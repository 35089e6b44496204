"""``reli-analyze compare``: its options, help and exit codes."""

from __future__ import annotations

from pathlib import Path

import click

from reli_analysis.output_options import output_options
from reli_analysis.variadic import VariadicCommand

_EPILOG = """\b
Exit codes:
  0    PASS or IMPROVED, nothing got worse by its floor or more
  1    REGRESSED, something did
  2    wrong usage, or a path that cannot be read
  3    INCONCLUSIVE, too much noise or too few data to say; says how many runs would tell
  4    INVALID, the runs cannot be compared, or one cannot be believed (or an internal error)
  130  interrupted

\b
Lines to paste:
  reli-analyze compare runs/base-1 runs/candidate-1
  reli-analyze compare --base runs/base-* --candidate runs/candidate-* --html compare.html
  reli-analyze compare runs/base-1 runs/candidate-1 --metric p95 --floor p95=10%,2ms
  reli-analyze compare --base runs/a-* --candidate runs/b-* --format markdown >> "$GITHUB_STEP_SUMMARY"
"""


@click.command(
    cls=VariadicCommand,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.argument("paths", metavar="[BASE CANDIDATE]", nargs=-1, type=Path)
@click.option("--base", multiple=True, type=Path, metavar="PATH...", help="The runs of the base.")
@click.option(
    "--candidate",
    multiple=True,
    type=Path,
    metavar="PATH...",
    help="The runs of the candidate. Several of each tell noise from change.",
)
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="NAME",
    help="Compare this alone: p50, p95, p99, throughput, error_ratio, rss, fds, cpu_per_request; "
    "repeatable.",
)
@click.option(
    "--endpoint",
    "endpoints",
    multiple=True,
    metavar="PATTERN",
    help='Of the endpoints, compare only such as "GET /cart" or "GET *"; repeatable.',
)
@click.option(
    "--floor",
    "floors",
    multiple=True,
    metavar="NAME=SHARE[,AMOUNT]",
    help='The smallest change that matters, such as "p95=5%,2ms": it must exceed both; repeatable.',
)
@click.option(
    "--run-noise",
    "noise",
    multiple=True,
    metavar="[NAME=]SHARE",
    help="By how much runs of the same thing differ (standard deviation), as long as fewer than "
    "three runs of each show it; repeatable.",
)
@click.option(
    "--allow",
    multiple=True,
    type=click.Choice(["host", "profile", "duration", "time-scale", "endpoints", "checks"]),
    help="Compare although this differs (or, checks, although a run cannot be believed); "
    "repeatable.",
)
@output_options("What to print.", "Also write compare.json, junit.xml and compare.html into DIR.")
def command(  # noqa: PLR0913, PLR0917 -- click hands over one argument an option
    paths: tuple[Path, ...],
    base: tuple[Path, ...],
    candidate: tuple[Path, ...],
    metrics: tuple[str, ...],
    endpoints: tuple[str, ...],
    floors: tuple[str, ...],
    noise: tuple[str, ...],
    allow: tuple[str, ...],
    format_: str,
    html: Path | None,
    output: Path | None,
) -> int:
    """Say whether a candidate is worse than a base.

    Latencies, throughput, errors and resources are compared, endpoint by endpoint and together.
    BASE and CANDIDATE are run records (or other files that reli-analyze reads). With one run of
    each, the noise between runs is assumed; from three of each on it is measured.
    """
    if paths and (base or candidate):
        raise click.UsageError("name the runs as BASE CANDIDATE, or by --base and --candidate")
    if paths and len(paths) != 2:
        hint = "for several of each: --base A B C --candidate D E F"
        raise click.UsageError(f"compare takes one BASE and one CANDIDATE; {hint}")
    if paths:
        base, candidate = paths[:1], paths[1:]
    if not base or not candidate:
        side = "BASE" if not base else "CANDIDATE"
        raise click.UsageError(f"there is no {side}: name at least one run of each side")
    # Imported here because --help must not pay for numpy.
    from reli_analysis.compare.run import Options, compare  # noqa: PLC0415 -- as said
    from reli_analysis.compare.settings import make_settings  # noqa: PLC0415 -- as said

    settings = make_settings(metrics, endpoints, floors, noise, allow)
    return compare(base, candidate, settings, Options(format_, html, output))
