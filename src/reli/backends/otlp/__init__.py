"""A loopback OTLP collector in a process of its own: it counts spans and misbehaves on request.

``python -m reli.backends.otlp --mode slow:3s`` runs one by hand.
"""

from reli.backends.otlp.counters import CollectorCounts
from reli.backends.otlp.modes import parse_mode
from reli.backends.otlp.process import CollectorProcess

__all__ = ["CollectorCounts", "CollectorProcess", "parse_mode"]
