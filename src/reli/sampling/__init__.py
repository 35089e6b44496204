"""Sources of measurements; one file a source, registered by name when this package is imported."""

from reli.sampling import (
    agent,
    by_command,
    by_name,
    by_port,
    cgroup,
    container,
    host,
    load_processes,
    one_process,
    prometheus,
)
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
    "agent",
    "by_command",
    "by_name",
    "by_port",
    "cgroup",
    "container",
    "host",
    "load_processes",
    "one_process",
    "parse_target",
    "prometheus",
]
