"""Sources of measurements; one file a source, registered by name when this package is imported."""

from reli.sampling import load_processes, one_process
from reli.sampling.source import (
    SOURCES,
    NamedTarget,
    PublishesMetrics,
    Reading,
    Source,
    Surroundings,
    Target,
    parse_target,
)

__all__ = [
    "SOURCES",
    "NamedTarget",
    "PublishesMetrics",
    "Reading",
    "Source",
    "Surroundings",
    "Target",
    "load_processes",
    "one_process",
    "parse_target",
]
