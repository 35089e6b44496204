"""Whatever a run goes through, its budgets stand in the end where the analysis puts them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reli.recorder.protocol import EndpointRow, IntervalRow
from reli_analysis.readers import read
from reli_analysis.record import MetricSpec
from reli_analysis.record.csvfile import read_table
from reli_analysis.record.layout import BUDGETS_CSV, DRAIN, OTHER
from support.judging import ask
from support.recorded import arrivals, buckets, endpoint, record, table_of, usual

BUDGETS = (
    "p50 < 3ms",
    "p95 < 20ms, critical 40ms",
    "p50 < 3ms over 3s",
    "service_p50 < 2ms",
    'p50 of "/a" < 3ms',
    'p50 of "GET /*" < 3ms',
    "mean < 5ms",
    'mean of "/[ab]" < 5ms',
    "max_latency < 30ms",
    "error_ratio < 20%",
    'error_ratio of "/b" < 20%',
    'availability of "*" > 90%',
    "availability > 50% over 2s",
    "dropped_ratio < 10%",
    "dropped_ratio < 90% over 4s",
    "throughput > 5/s",
    'throughput of "GET /*" > 5/s',
    'throughput of "*" > 5/s',
    "throughput > 2/s over 3s",
    "level < 5",
    "max level < 5",
    "min users >= 3",
    "mean level > 2",
    "last level < 4",
    "growth level < 1",
    "level < 5 over 3s",
    "hits < 30 over 3s",
    "hits < 100",
)
METRICS = (MetricSpec("level", "gauge", "a level"), MetricSpec("hits", "counter", "some hits"))
NAMES = ("/a", "/b", "/[ab]", OTHER)

latencies = st.lists(st.sampled_from([0.5, 1.0, 2.0, 8.0, 35.0, 900.0]), max_size=40)
answers = st.tuples(latencies, st.sampled_from([0.0, 0.1, 1.0]))
seconds = st.fixed_dictionaries(
    {
        "answers": st.dictionaries(st.sampled_from(NAMES), answers, max_size=3),
        "dropped": st.integers(0, 3),
        "level": st.none() | st.integers(0, 9),
        "hits": st.none() | st.integers(0, 50),
        "lost": st.integers(0, 9),
    }
)
stages = st.tuples(
    st.sampled_from(["warm-up", "steady", "steady", "steady", "fault"]),
    st.sampled_from(["one", "two", "three"]),
    st.lists(seconds, min_size=1, max_size=14),
)


def interval(
    index: int, stage: str, window: str, second: dict[str, Any], is_open: bool
) -> IntervalRow:
    endpoints: list[EndpointRow] = [
        endpoint(name, times, round(failing * len(times)), "" if name == OTHER else "GET")
        for name, (times, failing) in second["answers"].items()
        if times
    ]
    times = [ms for chosen, _ in second["answers"].values() for ms in chosen]
    dropped = second["dropped"] if is_open else 0
    if dropped:
        endpoints.append(endpoint("(dropped)", [30_000.0] * dropped, dropped, "ARRIVAL"))
    metrics = {name: second[name] for name in ("level", "hits") if second[name] is not None}
    row = usual(index, stage=stage, window=window, endpoints=endpoints, metrics=metrics)
    if not is_open:
        return row
    arrived = 0 if stage == DRAIN else len(times) + dropped
    services = buckets(ms / 2 for ms in times)
    return replace(row, open_model=arrivals(arrived, dropped), services=services)


@settings(max_examples=30, deadline=None)
@given(
    plan=st.lists(stages, min_size=1, max_size=5),
    drain=st.none() | st.tuples(st.sampled_from(["steady", "cool-down"]), st.lists(seconds)),
    is_open=st.booleans(),
)
def test_any_run_ends_where_the_analysis_puts_it(
    plan: list[tuple[str, str, list[dict[str, Any]]]],
    drain: tuple[str, list[dict[str, Any]]] | None,
    is_open: bool,
) -> None:
    """Stages, gaps, folded names, drops and a drain: each observed number is the last standing."""
    if drain is not None:
        plan = [*plan, (drain[0], DRAIN, drain[1])]
    rows = []
    index = 0
    for window, stage, drawn in plan:
        for second in drawn:
            if second["lost"]:  # one interval in ten is lost with its worker
                rows.append(interval(index, stage, window, second, is_open))
            index += 1
    with TemporaryDirectory() as parent:
        path = record(Path(parent), rows, budgets=BUDGETS, metrics=METRICS)
        run = read(path)
        written = table_of(read_table(path / BUDGETS_CSV).columns)
        last = {row["budget"]: row for row in written}
        for budget in BUDGETS if rows else ():
            finding = ask(run, budget)
            if finding.observed is not None:
                observed = float(last[budget]["observed"] or "nan")
                assert observed == pytest.approx(finding.observed, rel=1e-6, abs=1e-9), budget
