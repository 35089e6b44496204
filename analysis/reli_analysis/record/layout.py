"""What a run record is made of: its files and the words in them; ``columns`` has their columns.

History of the format, newest first. A reader accepts its own version and older ones.

    2   2026-11-21   resources.csv tells whole targets (kind, segment) and cgroups and hosts, with
                     many more columns; metrics.csv (what targets publish themselves) and
                     budgets.csv (budgets as they stood) are new
    1   2026-11-21   the first: run.json, results.csv, requests.csv, latency.hlog, resources.csv,
                     events.csv, failures.csv

Columns carry their unit in the name. A missing measurement is an empty field, never 0.
"""

from __future__ import annotations

from reli_analysis.record.columns.budgets import BUDGETS_COLUMNS
from reli_analysis.record.columns.column import Column
from reli_analysis.record.columns.events import EVENTS_COLUMNS
from reli_analysis.record.columns.failures import FAILURES_COLUMNS
from reli_analysis.record.columns.metrics import METRICS_COLUMNS
from reli_analysis.record.columns.requests import REQUESTS_COLUMNS
from reli_analysis.record.columns.resources import RESOURCES_COLUMNS
from reli_analysis.record.columns.results import RESULTS_COLUMNS
from reli_analysis.record.columns.times import (
    IDLE_START_DELAY_QUANTILES,
    RESPONSE_QUANTILES,
    SERVICE_QUANTILES,
    START_DELAY_QUANTILES,
)

__all__ = [
    "ABORT_EVENT",
    "ARRIVAL",
    "BUDGETS_COLUMNS",
    "BUDGETS_CSV",
    "CGROUP",
    "CSV_FILES",
    "DRAIN",
    "ERRORS_EVENT",
    "EVENTS_COLUMNS",
    "EVENTS_CSV",
    "FAILURES_COLUMNS",
    "FAILURES_CSV",
    "FORMAT_VERSION",
    "HOST",
    "IDLE_START_DELAY_QUANTILES",
    "JUNIT_XML",
    "KINDS",
    "LATENCY_HLOG",
    "LATENCY_SUMS_HLOG",
    "METRIC",
    "METRICS_COLUMNS",
    "METRICS_CSV",
    "NAMES_EVENT",
    "OTHER",
    "PROCESS",
    "REPORT_HTML",
    "REQUESTS_COLUMNS",
    "REQUESTS_CSV",
    "RESOURCES_COLUMNS",
    "RESOURCES_CSV",
    "RESPONSE_QUANTILES",
    "RESULTS_COLUMNS",
    "RESULTS_CSV",
    "RUN_JSON",
    "SERVICE_QUANTILES",
    "STANDINGS",
    "START_DELAY_QUANTILES",
    "STATES",
    "TREE",
    "VERDICT_JSON",
    "WINDOWS",
    "Column",
    "unit_of",
]

FORMAT_VERSION = 2

RUN_JSON = "run.json"
RESULTS_CSV = "results.csv"
REQUESTS_CSV = "requests.csv"
LATENCY_HLOG = "latency.hlog"
LATENCY_SUMS_HLOG = "latency-10min.hlog"
RESOURCES_CSV = "resources.csv"
EVENTS_CSV = "events.csv"
FAILURES_CSV = "failures.csv"
METRICS_CSV = "metrics.csv"
BUDGETS_CSV = "budgets.csv"
VERDICT_JSON = "verdict.json"
REPORT_HTML = "report.html"
JUNIT_XML = "junit.xml"

WINDOWS = ("warm-up", "steady", "fault", "recovery", "cool-down")
"""The parts of a run; every interval lies in one."""

DRAIN = "drain"
"""The stage after the plan's end, in which users finish what was due and services flush."""

ARRIVAL = "ARRIVAL"
"""Type of request of arrivals that no user carried to an end, and nobody answered."""

STATES = ("running", "finished", "interrupted", "aborted", "lost")
"""How a run stands or ended; ``aborted``: by a budget that says so when it breaks."""

ABORT_EVENT = "abort"
"""Kind of the event of a budget for which the run was ended; its subject is the budget."""

OTHER = "(other)"
"""Stands for the endpoints past the limit of names, and for the texts past that of texts."""

NAMES_EVENT = "names"
ERRORS_EVENT = "errors"
"""Kinds of events that say, after the message's first colon, what was folded has in common."""


PROCESS = "process"
TREE = "tree"
CGROUP = "cgroup"
HOST = "host"
METRIC = "metric"
KINDS = (PROCESS, TREE, CGROUP, HOST, METRIC)
"""What one reading is of: a process, a target's processes as a sum, a cgroup, a host, a number."""

STANDINGS = ("unknown", "holds", "warns", "broken")
"""How a budget stands while the run goes on; only the analysis gives a verdict."""

CSV_FILES: dict[str, tuple[Column, ...]] = {
    RESULTS_CSV: RESULTS_COLUMNS,
    REQUESTS_CSV: REQUESTS_COLUMNS,
    RESOURCES_CSV: RESOURCES_COLUMNS,
    EVENTS_CSV: EVENTS_COLUMNS,
    FAILURES_CSV: FAILURES_COLUMNS,
    METRICS_CSV: METRICS_COLUMNS,
    BUDGETS_CSV: BUDGETS_COLUMNS,
}

_UNIT_SUFFIXES = (
    ("_bytes", "bytes"),
    ("_per_s", "1/s"),
    ("_ratio", "ratio"),
    ("_cores", "cores"),
    ("_ms", "ms"),
    ("_s", "s"),
)


def unit_of(column: str) -> str:
    """The unit that a column's name states; ``"count"`` when it states none."""
    for suffix, unit in _UNIT_SUFFIXES:
        if column.endswith(suffix):
            return unit
    return "count"
