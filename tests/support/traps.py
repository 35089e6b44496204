"""Runs that another tool passes and this one must not: small records and tables from a script.

Each trap has the usual rule of other tools beside it (``passes_elsewhere``), so that a test can show
that the trap is one.
"""

from __future__ import annotations

import csv
import itertools
import os
import statistics
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from reli_analysis.record import MetricSpec
from support import synthetic
from support.synthetic import MIB, OpenModel, Script, Tree

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

P95 = "p95 < 250ms"
ERRORS = "error_ratio < 1%"
RSS = "max rss < 512MiB"

Make = Callable[["Path"], "Path"]
"""Makes the trap below an empty directory; returns what is given to the command."""

Latencies = Callable[["np.random.Generator", int, int], "NDArray[np.float64]"]

Rule = Callable[["Path"], bool]
"""What another tool would say of the same input: whether it passes."""


@dataclass(frozen=True)
class Trap:
    """``finding`` is the subject of the finding that must tell, ``says`` a piece of its sentence.

    ``command`` is what of ``reli-analyze`` judges: runs one by one, ``compare`` or ``history``.
    """

    name: str
    elsewhere: str
    make: Make
    passes_elsewhere: Rule
    verdict: str
    finding: str
    says: str
    arguments: tuple[str, ...] = ()
    command: str = ""

    @property
    def exit_code(self) -> int:
        return {"FAIL": 1, "REGRESSED": 1, "INCONCLUSIVE": 3, "INVALID": 4}[self.verdict]

    def words(self, path: Path) -> tuple[str | Path, ...]:
        """What follows ``reli-analyze`` for the input that ``make`` has made."""
        match self.command:
            case "compare":
                return ("compare", path / "base", path / "candidate", *self.arguments)
            case "history":
                return ("history", path, *self.arguments)
            case _:
                return (path, *self.arguments)


def column(path: Path, name: str, window: str = "steady") -> list[float]:
    """The filled cells of a column, of a record in one of its windows."""
    table = path / "results.csv" if path.is_dir() else path
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    cells = [
        row[name] for row in rows if not path.is_dir() or row["window"] == window or not window
    ]
    return [float(cell) for cell in cells if cell and cell.lower() != "nan"]


def never_above(name: str, limit: float) -> Rule:
    """A threshold on a column: no value that is there breaks it."""
    return lambda path: all(value < limit for value in column(path, name))


def averaged(name: str, limit: float) -> Rule:
    """The average of a column of percentiles."""
    return lambda path: statistics.fmean(column(path, name)) < limit


def end_like_start(name: str, factor: float = 1.1) -> Rule:
    """The last value against the first."""

    def rule(path: Path) -> bool:
        values = column(path, name)
        return values[-1] < factor * values[0]

    return rule


def record(script: Script, *budgets: str) -> Make:
    """A record of this script, with these budgets in it."""

    def make(directory: Path) -> Path:
        info = {**script.info, "budgets": tuple(budgets)}
        return synthetic.write(directory / "run", replace(script, info=info)).path

    return make


def table(columns: str, row: Callable[[int], tuple[Any, ...] | None], rows: int = 300) -> Make:
    """A CSV file; a row that is ``None`` is left out."""

    def make(directory: Path) -> Path:
        path = directory / "table.csv"
        lines = [columns, *(",".join(map(str, r)) for n in range(rows) if (r := row(n)))]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return make


def then(make: Make, change: Callable[[Path], None]) -> Make:
    """The same, changed by somebody."""

    def changed(directory: Path) -> Path:
        path = make(directory)
        change(path)
        return path

    return changed


def _slow(rng: np.random.Generator, second: int, count: int) -> NDArray[np.float64]:
    """Around 300 ms from the steady window on; the warm-up was quick."""
    return np.asarray((300.0 if second >= 60 else 2.0) * np.exp(0.1 * rng.standard_normal(count)))


def _bursts(rng: np.random.Generator, second: int, count: int) -> NDArray[np.float64]:
    """Every tenth second carries most of the requests, and is slow."""
    slow = 400.0 if second % 10 == 0 else 2.0
    return np.asarray(slow * np.exp(0.1 * rng.standard_normal(count)))


def _fast_failures(rng: np.random.Generator, second: int, count: int) -> NDArray[np.float64]:
    del second
    return np.asarray(0.3 + 0.1 * rng.random(count))


def _stalled(rng: np.random.Generator, second: int, count: int) -> NDArray[np.float64]:
    """Arrivals wait up to 6 s for a service that stood still from second 20 to 26."""
    wait_ms = 1000.0 * max(0, 26 - second) if second >= 20 else 0.1
    return np.asarray(wait_ms + 0.1 * rng.random(count))


def _twice(path: Path) -> None:
    """Rows of the results are appended a second time."""
    results = path / "results.csv"
    header, *rows = results.read_text().splitlines(keepends=True)
    results.write_text(header + "".join(rows) + "".join(rows[20:40]))


def _cut(path: Path) -> None:
    """A process was killed, and a copy ended in mid-line: two fifths of everything are left."""
    for name in ("results.csv", "latency.hlog", "requests.csv"):
        raw = (path / name).read_bytes()
        (path / name).write_bytes(raw[: int(0.4 * len(raw))])


def _in_seconds(path: Path) -> None:
    """Somebody's script wrote the mean and the percentiles of results.csv in seconds."""
    results = path / "results.csv"
    with results.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        for name in row:
            if name.endswith("_ms") and row[name] and "lag" not in name:
                row[name] = repr(float(row[name]) / 1000)
    with results.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _swapped(path: Path) -> None:
    """The columns of p50 and p99 have changed places."""
    results = path / "results.csv"
    header, rest = results.read_text().split("\n", 1)
    names = header.split(",")
    at, other = names.index("p50_ms"), names.index("p99_ms")
    names[at], names[other] = names[other], names[at]
    results.write_text(",".join(names) + "\n" + rest)


def _base_and_candidate(directory: Path) -> Path:
    """A base without a failure, and a candidate in which two of five requests fail."""
    base = Script(steady_s=120, requests=lambda _s: 50)
    synthetic.write(directory / "base", base)
    synthetic.write(directory / "candidate", replace(base, failures=lambda _s: 20, seed=2))
    return directory


def _relative(path: Path) -> bool:
    """Failures of the candidate by those of the base, where the base has any."""
    base, candidate = (sum(column(path / one, "failures")) for one in ("base", "candidate"))
    return not base or candidate / base < 1.1


def _slower_each_time(directory: Path) -> Path:
    """Eight runs a day apart, each 9 % slower than the one before."""

    def latencies(factor: float) -> Latencies:
        return lambda rng, _second, count: factor * np.exp(0.3 * rng.standard_normal(count))

    for number in range(8):
        script = Script(
            requests=lambda _s: 50,
            seed=number + 1,
            latencies_ms=latencies(20.0 * 1.09**number),
            info={
                "run_id": f"run{number}",
                "started_wall_s": synthetic.STARTED_WALL_S + 86_400 * number,
                "budgets": (P95,),
            },
        )
        synthetic.write(directory / f"run{number}", script)
    return directory


def _against_the_last(path: Path) -> bool:
    """The median p95 of each run within 15 % of the one before."""
    medians = [statistics.median(column(run, "p95_ms")) for run in sorted(path.iterdir())]
    return all(later < 1.15 * earlier for earlier, later in itertools.pairwise(medians))


_HISTORY = (
    "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,"
    "99.99%,100%,Total Request Count,Total Failure Count,Total Median Response Time,"
    "Total Average Response Time,Total Min Response Time,Total Max Response Time,"
    "Total Average Content Size"
)
_PERCENTS = (50, 66, 75, 80, 90, 95, 98, 99, 99.9, 99.99, 100)


def _locust_history(directory: Path) -> Path:
    """Ten minutes by Locust, of which the last twenty seconds took two seconds a request."""
    rng, times_ms = np.random.default_rng(1), np.empty(0)
    lines = [_HISTORY]
    for second in range(600):
        level_ms = 20.0 if second < 580 else 2000.0
        times_ms = np.append(times_ms, level_ms * np.exp(0.1 * rng.standard_normal(20)))
        percentiles = [round(value) for value in np.percentile(times_ms, _PERCENTS).tolist()]
        totals = (times_ms.mean(), times_ms.min(), times_ms.max())
        row = (1_795_000_000 + second, 10, "", "Aggregated", 20.0, 0.0, *percentiles)
        row += (len(times_ms), 0, percentiles[0], *(f"{total:.3f}" for total in totals), 100)
        lines.append(",".join(map(str, row)))
    path = directory / "run_stats_history.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


_LEAKY = Script(
    steady_s=300,
    columns={"rss_bytes": lambda s: (100.0 + s) * MIB},
    trees=(Tree("name:service", ((0, 309),)),),
)
_AT_REST = Script(
    steady_s=120,
    requests=lambda _s: 200,
    columns={"cpu_cores": lambda _s: 0.0},
    trees=(Tree("pid:4711", ((0, 129),)),),
)
_ARRIVED = MetricSpec("spans_arrived", "counter", "spans that arrived", required=True)

TRAPS: tuple[Trap, ...] = (
    Trap(
        "no samples",
        "a threshold without samples passes",
        record(Script(requests=lambda _s: 0), P95),
        never_above("p95_ms", 250),
        "INVALID",
        "measured anything",
        "no request was answered",
    ),
    Trap(
        "an endpoint that nobody called",
        "a threshold without samples passes",
        record(Script(), 'p95 of "GET /checkout" < 250ms'),
        never_above("p95_ms", 250),
        "INCONCLUSIVE",
        'p95 of "GET /checkout"',
        "/checkout",
    ),
    Trap(
        "three requests",
        "p95 of three requests is the slowest of them, and passes",
        record(Script(requests=lambda s: 1 if s in {20, 30, 40} else 0), P95),
        never_above("p95_ms", 250),
        "INCONCLUSIVE",
        "p95",
        "only 3 requests",
    ),
    Trap(
        "three seconds",
        "a thousand requests are enough, however soon they are over",
        record(Script(steady_s=3, requests=lambda _s: 400), P95, ERRORS),
        never_above("p95_ms", 250),
        "INCONCLUSIVE",
        "long enough",
        "a moment",
    ),
    Trap(
        "nothing asked",
        "a run without thresholds passes",
        record(Script()),
        lambda _path: True,
        "INCONCLUSIVE",
        "budgets",
        "nothing was asked",
    ),
    Trap(
        "an empty window",
        "a rule about a phase that never came is never broken",
        record(Script(), ERRORS, f"{P95} in fault"),
        lambda path: not column(path, "p95_ms", "fault"),
        "INCONCLUSIVE",
        "p95",
        "fault",
    ),
    Trap(
        "warm-up inside p95",
        "p95 over everything is that of a long, quick warm-up",
        record(
            Script(
                warm_up_s=60,
                steady_s=60,
                requests=lambda s: 400 if s < 60 else 10,
                latencies_ms=_slow,
            ),
            P95,
        ),
        lambda path: sum(v < 250 for v in _weighted(path)) >= 0.95 * len(_weighted(path)),
        "FAIL",
        "p95",
        "breaks",
    ),
    Trap(
        "percentiles averaged",
        "the average of p95 over all seconds keeps the limit",
        record(
            Script(
                steady_s=100, requests=lambda s: 100 if s % 10 == 0 else 5, latencies_ms=_bursts
            ),
            P95,
        ),
        averaged("p95_ms", 250),
        "FAIL",
        "p95",
        "breaks",
    ),
    Trap(
        "fast failures",
        "latencies of requests that all failed keep every limit",
        record(
            Script(failures=lambda _s: 20, latencies_ms=_fast_failures),
            P95,
        ),
        never_above("p95_ms", 250),
        "INVALID",
        "measured anything",
        "requests failed",
    ),
    Trap(
        "a quarter of the load was dropped",
        "the three quarters that were made were quick",
        record(
            Script(requests=lambda _s: 15, open_model=OpenModel()),
            P95,
            ERRORS,
        ),
        never_above("p95_ms", 250),
        "INVALID",
        "load delivered",
        "arrivals came about",
    ),
    Trap(
        "a stall that users waited out",
        "service times know nothing of those who were not sent",
        record(
            Script(
                steady_s=60,
                open_model=OpenModel(delays_ms=_stalled),
                columns={
                    "busy_users": lambda s: 50.0 if 20 <= s < 26 else 1.0,
                    "idle_start_delay_p99_ms": lambda _s: 0.2,
                },
            ),
            P95,
        ),
        never_above("service_p95_ms", 250),
        "FAIL",
        "p95",
        "breaks",
    ),
    Trap(
        "arrivals given up",
        "what was never sent cannot fail",
        record(
            Script(requests=lambda _s: 19, open_model=OpenModel(dropped=lambda _s: 1)),
            ERRORS,
        ),
        lambda path: sum(column(path, "failures")) == sum(column(path, "dropped")),
        "FAIL",
        "error_ratio",
        "breaks",
    ),
    Trap(
        "a generator at its limit",
        "its latencies are taken for the target's",
        record(Script(columns={"generator_cpu_cores": lambda _s: 0.99}), P95),
        never_above("p95_ms", 250),
        "INVALID",
        "generator kept up",
        "of its one core",
    ),
    Trap(
        "a target restarted in the middle",
        "memory at the end is that at the beginning",
        record(
            replace(
                _LEAKY,
                columns={"rss_bytes": lambda s: (100.0 + (s if s < 155 else s - 155)) * MIB},
                trees=(Tree("name:service", ((0, 154), (155, 309))),),
            ),
            ERRORS,
            RSS,
        ),
        never_above("rss_bytes", 512 * MIB),
        "INCONCLUSIVE",
        "restarts",
        "restarted once",
    ),
    Trap(
        "a series that stops half-way",
        "what was not measured kept the limit",
        record(
            replace(
                _LEAKY,
                columns={"rss_bytes": lambda s: (300.0 + s) * MIB if s < 150 else None},
                trees=(),
            ),
            ERRORS,
            "mean rss < 512MiB",
        ),
        averaged("rss_bytes", 512 * MIB),
        "INCONCLUSIVE",
        "series go on",
        "rss_bytes stopped",
    ),
    Trap(
        "a column that stops half-way",
        "what was not measured kept the limit",
        table("time,queue", lambda n: (n, n if n < 150 else "")),
        never_above("queue", 200),
        "INCONCLUSIVE",
        "series go on",
        "queue stopped",
        ("--budget", "last queue < 200", "--budget", "growth queue < 200"),
    ),
    Trap(
        "a service that hangs",
        "nothing is answered any more, and nothing is not slow",
        record(Script(steady_s=100, requests=lambda s: 20 if s < 50 else 0), P95, ERRORS),
        never_above("p95_ms", 250),
        "INCONCLUSIVE",
        "series go on",
        "answers stopped",
    ),
    Trap(
        "the wrong process",
        "a process at rest leaks nothing",
        record(_AT_REST, P95, RSS),
        never_above("rss_bytes", 512 * MIB),
        "INVALID",
        "target at work",
        "another one did",
    ),
    Trap(
        "a target that was never there",
        "a column without values never breaks a limit",
        record(
            Script(
                columns={"rss_bytes": lambda _s: None},
                trees=(Tree("name:other", ((0, 69),)),),
                info={"targets": ("name:servcie", "name:other")},
            ),
            ERRORS,
            RSS,
        ),
        never_above("rss_bytes", 512 * MIB),
        "INCONCLUSIVE",
        "targets",
        "never there: name:servcie",
    ),
    Trap(
        "a column of NaN",
        "no value is above the limit",
        table("time,rss_bytes,cpu", lambda n: (n, "nan", 0.5)),
        never_above("rss_bytes", 512 * MIB),
        "INCONCLUSIVE",
        "rss_bytes",
        "rss_bytes",
        ("--budget", RSS),
    ),
    Trap(
        "a placeholder for what could not be read",
        "0 bytes of memory is little",
        table("time,rss_bytes,cpu", lambda n: (n, 0, 0.5)),
        never_above("rss_bytes", 512 * MIB),
        "INVALID",
        "plausible",
        "impossibly low",
        ("--budget", RSS),
    ),
    Trap(
        "seconds in a column of milliseconds",
        "0.5 keeps a limit of 250",
        then(
            record(Script(latencies_ms=lambda r, _s, n: 500 + r.random(n)), "mean mean_ms < 250"),
            _in_seconds,
        ),
        never_above("mean_ms", 250),
        "INVALID",
        "plausible",
        "latency.hlog",
    ),
    Trap(
        "columns that changed places",
        "p99 is as low as the median was",
        then(
            record(Script(latencies_ms=lambda r, _s, n: 400 * r.random(n)), "mean p99_ms < 250"),
            _swapped,
        ),
        averaged("p99_ms", 250),
        "INVALID",
        "plausible",
        "lies above",
    ),
    Trap(
        "rows that are there twice",
        "half of the run, counted twice, keeps the limit",
        then(record(Script(), P95, ERRORS), _twice),
        never_above("p95_ms", 250),
        "INCONCLUSIVE",
        "clock",
        "written twice",
    ),
    Trap(
        "a clock that was set back",
        "rows are taken in the order in which they stand",
        table("time,rss_bytes", lambda n: (n if n < 150 else n - 30, 1e8)),
        never_above("rss_bytes", 512 * MIB),
        "INCONCLUSIVE",
        "clock",
        "a clock was set back",
        ("--budget", RSS),
    ),
    Trap(
        "a host that slept",
        "time that nobody measured broke nothing",
        record(
            Script(
                steady_s=100,
                events=((50.0, "clock", "host", "the host was suspended for 600.0 s"),),
            ),
            P95,
        ),
        never_above("p95_ms", 250),
        "INCONCLUSIVE",
        "clock",
        "suspended",
    ),
    Trap(
        "intervals that are missing",
        "what was not recorded was not slow",
        record(Script(steady_s=100, missing=frozenset(range(40, 60))), P95),
        never_above("p95_ms", 250),
        "INCONCLUSIVE",
        "gaps",
        "missing",
    ),
    Trap(
        "a record that was cut off",
        "the first minutes kept the limit",
        then(record(Script(steady_s=200), P95), _cut),
        never_above("p95_ms", 250),
        "INCONCLUSIVE",
        "record complete",
        "too little is left",
    ),
    Trap(
        "nothing arrived",
        "calls that lead nowhere are quick",
        record(
            Script(metrics=(_ARRIVED,), columns={"spans_arrived": lambda _s: 0.0}),
            P95,
        ),
        never_above("p95_ms", 250),
        "INVALID",
        "measured anything",
        "spans_arrived",
    ),
    Trap(
        "cumulative percentiles",
        "p95 of everything so far hides the end of the run",
        _locust_history,
        never_above("95%", 250),
        "INCONCLUSIVE",
        "p95",
        "cumulative",
        ("--budget", P95),
    ),
    Trap(
        "a baseline of 0",
        "a relative rule cannot rise from 0",
        _base_and_candidate,
        _relative,
        "REGRESSED",
        "error ratio",
        "+40 points",
        command="compare",
    ),
    Trap(
        "9 % slower with each run",
        "each run is within 15 % of the one before",
        _slower_each_time,
        _against_the_last,
        "REGRESSED",
        "p95",
        "it creeps",
        command="history",
    ),
    Trap(
        "ten bad seconds in an hour",
        "the error ratio of the whole run keeps the limit",
        record(
            Script(steady_s=1200, failures=lambda s: 18 if 600 <= s < 610 else 0),
            ERRORS,
            "error_ratio < 50% over 10s",
        ),
        lambda path: sum(column(path, "failures")) < 0.01 * sum(column(path, "requests")),
        "FAIL",
        "error_ratio",
        "window",
    ),
)


def _weighted(path: Path) -> list[float]:
    """The median of each second, once for every request of it, warm-up included."""
    requests, medians = column(path, "requests", ""), column(path, "p50_ms", "")
    return [m for n, m in zip(requests, medians, strict=True) for _ in range(round(n))]


def pipe_in_a_record(directory: Path) -> Path:
    """A record in which a named pipe stands in the place of a file."""
    path = record(Script(steady_s=10), P95)(directory)
    (path / "results.csv").unlink()
    os.mkfifo(path / "results.csv")
    return path
