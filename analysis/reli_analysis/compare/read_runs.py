"""Reads the runs of both sides one after the other; of each only its numbers are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.compare.measure import measure_run
from reli_analysis.errors import InputError
from reli_analysis.progress import ConsoleProgress
from reli_analysis.readers import Guide, read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reli_analysis.compare.measured import MeasuredRun
    from reli_analysis.compare.settings import Settings


def read_runs(paths: Sequence[Path], settings: Settings) -> list[MeasuredRun]:
    """Measure the run of each path; raises ``ReliError`` in one sentence."""
    return [_measured(path, settings) for path in paths]


def _measured(path: Path, settings: Settings) -> MeasuredRun:
    progress = ConsoleProgress(f"reading {path}")
    try:
        return measure_run(read(path, Guide(progress=progress)), settings)
    finally:
        progress.close()


def check_paths(base: Sequence[Path], candidate: Sequence[Path]) -> None:
    """Raise ``InputError`` when a run is given twice: compared with itself it says nothing."""
    seen: set[Path] = set()
    for path in (*base, *candidate):
        if path.resolve() in seen:
            raise InputError(f"{path} is given twice; a run compared with itself says nothing")
        seen.add(path.resolve())
