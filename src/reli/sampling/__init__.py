"""Sources of measurements; one file a source, registered by name when this package is imported."""

from reli.sampling import load_processes, one_process
from reli.sampling.source import SOURCES, ProcessKey, Sample, Source, open_source

__all__ = [
    "SOURCES",
    "ProcessKey",
    "Sample",
    "Source",
    "load_processes",
    "one_process",
    "open_source",
]
