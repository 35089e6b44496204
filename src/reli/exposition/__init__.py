"""``/metrics``: a run as Prometheus reads it, served by the recorder.

Base units, ``_total`` for what only grows, one prefix, and labels that take few values: the number
of time series depends on the targets and the budgets, never on the load. One file a group of
metrics; each names its own, and docs/monitoring.md has them all.
"""

from reli.exposition.server import GROUPS, Exposition

__all__ = ["GROUPS", "Exposition"]
