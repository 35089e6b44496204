"""A plausible run of five minutes, on disk and in memory, with findings of every kind."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from reli_analysis.judgement import Judgement
from reli_analysis.record import Histogram, MetricSpec, RecordWriter, RunInfo, StageSpan
from reli_analysis.record.layout import (
    EVENTS_CSV,
    FAILURES_CSV,
    PROCESS,
    REQUESTS_CSV,
    RESOURCES_CSV,
    RESULTS_COLUMNS,
    RESULTS_CSV,
    unit_of,
)
from reli_analysis.series import (
    Damage,
    Endpoint,
    Event,
    Failure,
    Published,
    Run,
    Sampled,
    Series,
    Stood,
)
from reli_analysis.verdict import Finding, Verdict, overall
from reli_analysis.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

STARTED_WALL_S = 1_795_000_000.0
MIB = 2**20

HOSTILE = "<script>alert(1)</script>\"'`|]]>{{ 7*7 }}\x1b[31m\x00\u202e$x_1$"
"""A name that breaks whatever does not escape it."""

ENDPOINTS = ("SPAN simple", "SPAN attributes", "SPAN nested")


@dataclass(frozen=True)
class Script:
    """What the synthetic run does; ``leak_mib_per_h`` is added to the target's memory."""

    length_s: int = 300
    time_scale: float = 1.0
    leak_mib_per_h: float = 0.0
    failing_s: frozenset[int] = frozenset()
    generator_cpu_cores: float = 0.3
    stage: str = "hold at 100 %"
    profile_name: str = "load"
    budgets: tuple[str, ...] = ("p95 < 250ms", "error_ratio < 1%")
    versions: dict[str, str] = field(default_factory=lambda: {"reli": "0.1.0", "locust": "2.47"})


def stages(script: Script) -> tuple[StageSpan, ...]:
    n = float(script.length_s)
    return (
        StageSpan("ramp to 100 %", "ramp", "warm-up", 0.0, 0.2 * n, 0.0, 100.0),
        StageSpan(script.stage, "hold", "steady", 0.2 * n, 0.6 * n, 100.0, 100.0),
        StageSpan("burst", "burst", "steady", 0.6 * n, 0.7 * n, 200.0, 200.0),
        StageSpan("calm", "hold", "steady", 0.7 * n, 0.9 * n, 100.0, 100.0),
        StageSpan("ramp down", "ramp", "cool-down", 0.9 * n, n, 100.0, 0.0),
    )


def info(script: Script) -> RunInfo:
    return RunInfo(
        run_id=f"{script.profile_name}-20261118T053320Z",
        profile_name=script.profile_name,
        started_wall_s=STARTED_WALL_S,
        started_monotonic_s=1000.0,
        boot_id="b",
        time_scale=script.time_scale,
        planned_s=float(script.length_s),
        profile={"name": script.profile_name, "base_rate": "100/s", "budgets": script.budgets},
        budgets=script.budgets,
        stages=stages(script),
        metrics=(
            MetricSpec("drop_ratio", "ratio", "spans that the SDK dropped", "ratio", "d", "c"),
            MetricSpec("queue_ratio", "gauge", "how full the SDK's queue is", "ratio"),
        ),
        targets=("self",),
        command=("locust", "-f", "locustfiles/tracer.py", "--headless"),
        seed=7,
        versions=script.versions,
        host={"name": "bench-1", "cores": 4, "memory_bytes": 8 * 2**30, "kernel": "6.1.0"},
        state="finished",
        ended_elapsed_s=float(script.length_s),
    )


def rows(script: Script) -> list[dict[str, Any]]:
    """One results row a second, by column name."""
    noise = random.Random(1)
    spans = stages(script)
    out: list[dict[str, Any]] = []
    for second in range(script.length_s):
        span = next(s for s in spans if s.start_s <= second < s.end_s)
        share = (second - span.start_s) / (span.end_s - span.start_s)
        offered = span.from_level + (span.to_level - span.from_level) * share
        requests = max(0, round(offered + noise.gauss(0, 2)))
        failures = requests // 5 if second in script.failing_s else 0
        p50 = 4 + offered / 100 + noise.random() * 0.4 + (4 if failures else 0)
        row: dict[str, Any] = {
            "elapsed_s": float(second),
            "wall_s": STARTED_WALL_S + second,
            "interval_s": 1.0,
            "stage": span.name,
            "window": span.window,
            "users": math.ceil(offered / 2),
            "workers": 2,
            "offered_per_s": offered,
            "iterations_per_s": float(requests),
            "completed_per_s": float(requests),
            "requests": requests,
            "failures": failures,
            "generator_cpu_cores": script.generator_cpu_cores * (0.5 + offered / 200),
            "loop_lag_ms": 0.4 + noise.random(),
            "rss_bytes": 80 * MIB
            + script.leak_mib_per_h * MIB * second / 3600
            + noise.random() * MIB,
            "uss_bytes": 60 * MIB if second % 60 == 0 else None,
            "fds": 24 + (second // 40) % 3,
            "threads": 9,
            "cpu_cores": 0.1 + offered / 250 + noise.random() * 0.05,
            "drop_ratio": 0.0,
            "queue_ratio": min(0.9, offered / 400 + noise.random() * 0.05),
        }
        if requests:
            row["error_ratio"] = failures / requests
            factors = {"mean": 1.1, "p50": 1, "p90": 2, "p95": 2.6, "p99": 5, "p999": 8, "max": 9}
            for name, factor in factors.items():
                row[f"{name}_ms"] = p50 * factor * (1 + 0.1 * noise.random())
            row["mean_ms"] = row["p50_ms"] * (
                1 - 0.5 / requests
            )  # as in the histograms of write_record
            for name in ("p50", "p95", "p99", "max"):
                row[f"service_{name}_ms"] = row[f"{name}_ms"]
        out.append(row)
    return out


def write_record(directory: Path, script: Script | None = None) -> Path:
    """A complete record of the run in ``directory``, which must not exist yet."""
    script = script or Script()
    directory.mkdir()
    writer = RecordWriter(directory, info(script))
    for row in rows(script):
        writer.row(RESULTS_CSV, row)
        second = row["elapsed_s"]
        histogram = Histogram()
        for number in range(row["requests"]):
            histogram.record(int(row["p50_ms"] * 1e6 * (0.5 + number / max(1, row["requests"]))))
        writer.histogram(second, 1.0, histogram.counts)
        if second % 10 == 0:
            for endpoint in ENDPOINTS:
                kind, name = endpoint.split()
                writer.row(
                    REQUESTS_CSV,
                    {**row, "type": kind, "name": name, "interval_s": 10.0, "requests": 333},
                )
                writer.histogram(second, 10.0, {4000: 333}, f"r:{kind}%20{name}")
        writer.row(
            RESOURCES_CSV,
            {**row, "role": "target", "source": "self", "kind": PROCESS, "host": "bench-1"}
            | {"pid": 42, "segment": 0}
            | {"started_s": STARTED_WALL_S, "process": "locust"},
        )
        if row["failures"]:
            writer.row(
                FAILURES_CSV,
                {"elapsed_s": second, "type": "SPAN", "name": "simple", "error": "TimeoutError"}
                | {"text": "export took 5 s", "count": row["failures"]},
            )
    for event in events(script):
        writer.row(
            EVENTS_CSV,
            {"elapsed_s": event.elapsed_s, "wall_s": STARTED_WALL_S + event.elapsed_s}
            | {"kind": event.kind, "subject": event.subject, "message": event.message},
        )
    writer.close()
    return directory


def events(script: Script) -> tuple[Event, ...]:
    begun = tuple(Event(s.start_s, "stage", s.name, "stage begins") for s in stages(script))
    joined = Event(0.5, "worker", "w1", "joined with 2 processes")
    return (begun[0], joined, *begun[1:])


def make_run(path: Path, script: Script | None = None) -> Run:
    """The same run in memory, without reading anything."""
    script = script or Script()
    data = rows(script)
    elapsed = np.array([row["elapsed_s"] for row in data])
    texts = {"stage", "window"}
    names = [c.name for c in RESULTS_COLUMNS if c.name not in texts] + ["drop_ratio", "queue_ratio"]
    series = {
        name: Series(name, unit_of(name), elapsed, np.array([_number(r.get(name)) for r in data]))
        for name in names
    }
    tens = elapsed[::10]
    endpoints = {
        name: Endpoint(
            name, tens, np.full(len(tens), 333.0), np.zeros(len(tens)), np.full(len(tens), 10.0)
        )
        for name in ENDPOINTS
    }
    failed = sum(row["failures"] for row in data)
    failures = (Failure(ENDPOINTS[0], "TimeoutError", "export took 5 s", failed),) if failed else ()
    process = Sampled(
        role="target",
        source="self",
        host="bench-1",
        name="locust",
        elapsed_s=elapsed,
        series={"rss_bytes": series["rss_bytes"]},
        pid=42,
        started_s=STARTED_WALL_S,
    )
    return Run(
        title=info(script).run_id,
        path=path,
        series=series,
        windows=tuple(Window(s.window, s.name, s.start_s, s.end_s) for s in stages(script)),
        info=info(script),
        endpoints=endpoints,
        events=events(script),
        failures=failures,
        sampled=(process,),
        notes=("The record was read whole.",),
    )


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


PASSED = (
    Finding(
        "budget-p95-lt-50ms",
        "budget",
        "p95",
        Verdict.PASS,
        "p95 is 18.2 ms, within the limit of < 50 ms",
        18.2,
        50.0,
        "ms",
        {"budget": "p95 < 50ms", "requests": 20979},
    ),
    Finding(
        "budget-max-rss-lt-512mib",
        "budget",
        "rss_bytes",
        Verdict.PASS,
        "The highest RSS was 81 MiB, over the first of two levels.",
        81.0 * MIB,
        512.0 * MIB,
        "bytes",
        {"budget": "max rss < 512MiB", "at_s": 211.0},
        warning=True,
    ),
)
FAILED = Finding(
    "budget-no-leak-in-rss-bytes",
    "budget",
    "rss_bytes",
    Verdict.FAIL,
    "RSS of the target grows by 61.3 MiB/h (95 % interval 58.9 to 63.4 MiB/h) in the steady window.",
    61.3 * MIB,
    5.0 * MIB,
    "bytes/h",
    {"budget": "no leak in rss, fds", "low": 58.9 * MIB, "high": 63.4 * MIB, "points": 210},
)
INCONCLUSIVE = Finding(
    "budget-p95-over-30s",
    "budget",
    "p95",
    Verdict.INCONCLUSIVE,
    "The steady window is 20 s long, which holds no window of 30 s; let it last at least 5 min.",
    None,
    400.0,
    "ms",
    {"budget": "p95 < 400ms over 30s"},
)
INVALID = Finding(
    "validity-generator-kept-up",
    "validity",
    "generator kept up",
    Verdict.INVALID,
    "The busiest load process used 0.99 cores, so its own wait is in every latency.",
    0.99,
    0.9,
    "cores",
)


def judged(
    run: Run, findings: Iterable[Finding] = PASSED, advice: tuple[str, ...] = ()
) -> Judgement:
    found = tuple(findings)
    return Judgement(run, overall(found), found, advice)


def _hostile_target() -> Sampled:
    """A tree, with a line on each of its charts."""
    times = np.arange(3.0)
    columns = ("rss_bytes", "fds", "threads", "cpu_cores", "children", "fds_ratio")
    series = {name: Series(name, unit_of(name), times, times) for name in columns}
    return Sampled("target", HOSTILE, HOSTILE, HOSTILE, times, series, "tree")


def hostile_judgement(path: Path) -> Judgement:
    """A run whose every name, text and message tries to break out of the report."""
    script = Script(stage=HOSTILE, profile_name=HOSTILE, versions={HOSTILE: HOSTILE})
    run = make_run(path / "hostile", script)
    tens = np.arange(3.0)
    run = Run(
        **{
            **{name: getattr(run, name) for name in run.__dataclass_fields__},
            "title": HOSTILE,
            "endpoints": {HOSTILE: Endpoint(HOSTILE, tens, tens, tens, tens)},
            "events": (Event(1.0, HOSTILE, HOSTILE, HOSTILE), Event(2.0, "restart", HOSTILE, "m")),
            "sampled": (_hostile_target(),),
            "published": (Published(HOSTILE, HOSTILE, HOSTILE, Series("v", "", tens, tens)),),
            "stood": (Stood(HOSTILE, ((1.0, "broken"), (2.0, HOSTILE)), 3.0),),
            "failures": (Failure(HOSTILE, HOSTILE, HOSTILE, 3),),
            "damage": (Damage(HOSTILE, HOSTILE),),
            "notes": (HOSTILE,),
        }
    )
    finding = Finding(
        HOSTILE, HOSTILE, HOSTILE, Verdict.FAIL, HOSTILE, math.nan, math.inf, HOSTILE,
        {HOSTILE: [HOSTILE, math.nan, {"deep": -math.inf}]},
    )  # fmt: skip
    return Judgement(run, Verdict.FAIL, (finding,), (HOSTILE,))
