"""Appends the Markdown report to the summary of a step of GitHub Actions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from reli_analysis.errors import RecordError
from reli_analysis.report.markdown import render_within

if TYPE_CHECKING:
    from reli_analysis.judgement import Judgement

VARIABLE = "GITHUB_STEP_SUMMARY"
"""Names the file that GitHub shows; it is set only inside a step."""

MOST_BYTES = 1_000_000
"""GitHub shows nothing of a step whose summary is over 1 MiB."""


def append_summary(judgement: Judgement) -> Path | None:
    """Append the report; returns the file, or ``None`` where no step asks for a summary.

    What a step wrote before stays, and what would not fit any more is left out: first the folded
    tables, then the whole report. Raises ``RecordError`` in one sentence.
    """
    named = os.environ.get(VARIABLE)
    if not named:
        return None
    path = Path(named)
    try:
        there = path.stat().st_size if path.exists() else 0
        text = render_within(judgement, MOST_BYTES - there)
        with path.open("a", encoding="utf-8") as file:
            file.write(text + "\n\n")
    except OSError as error:
        raise RecordError(
            f"the summary cannot be written to {path} (${VARIABLE}): {error.strerror}"
        ) from None
    return path
