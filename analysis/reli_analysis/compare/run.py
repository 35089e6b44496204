"""Takes the paths of both sides: read, compare, print, write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli_analysis.compare.comparison import compare_runs
from reli_analysis.compare.read_runs import check_paths, read_runs
from reli_analysis.console import say
from reli_analysis.report.compare_reports import COMPARE_REPORTS
from reli_analysis.report.files import write_asked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reli_analysis.compare.settings import Settings

FILES = {"json": "compare.json", "junit": "junit.xml", "html": "compare.html"}
"""What ``--output`` writes, by report."""


@dataclass(frozen=True)
class Options:
    """How it is told."""

    format: str = "text"
    html: Path | None = None
    output: Path | None = None


def compare(
    base: Sequence[Path], candidate: Sequence[Path], settings: Settings, options: Options
) -> int:
    """Compare two sides and report; returns the exit code. Raises ``ReliError`` in one sentence."""
    check_paths(base, candidate)
    sides = [read_runs(paths, settings) for paths in (base, candidate)]
    settings.check_endpoints(name for side in sides for run in side for name in run.endpoints)
    comparison = compare_runs(sides[0], sides[1], settings)

    def render(kind: str) -> str:
        return COMPARE_REPORTS.get(kind).render(comparison)

    say(render(options.format))
    write_asked(render, options.output, options.html, FILES)
    return comparison.outcome.exit_code
