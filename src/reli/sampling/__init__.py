"""Sources of measurements; one file a source, registered by name."""

from reli.sampling.source import SOURCES, ProcessKey, Sample, Source, open_source

__all__ = ["SOURCES", "ProcessKey", "Sample", "Source", "open_source"]
