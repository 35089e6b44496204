"""Budgets as they stand while a run goes on, in the recorder's own process.

Only the analysis gives a verdict; what stands here is the same number from the same rules, without
its doubts (too few requests, a sampler that was silent). One file a family of functions, each
registered under its name in the vocabulary. Standard library only, and nothing grows with the run.
"""

from reli.standings import (
    afterwards,
    errors,
    growth,
    latency,
    level,
    named,
    percentile,
    traffic,
)
from reli.standings.measures import MEASURES
from reli.standings.rows import StandingRows
from reli.standings.standings import Standings

__all__ = [
    "MEASURES",
    "StandingRows",
    "Standings",
    "afterwards",
    "errors",
    "growth",
    "latency",
    "level",
    "named",
    "percentile",
    "traffic",
]
