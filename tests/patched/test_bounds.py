"""Locust's own statistics stay bounded, and what it shows of the recent past stays the same."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import locust.stats
import pytest
from hypothesis import given
from hypothesis import strategies as st
from locust.env import Environment
from locust.html import get_html_report
from locust.stats import (
    PERCENTILES_TO_REPORT,
    StatsCSVFileWriter,
    StatsError,
    setup_distributed_stats_event_listeners,
    update_stats_history,
)

from reli.folding import MAX_NAMES, OTHER_ENDPOINT
from reli.wiring.bounds import (
    KEPT_S,
    MAX_ERRORS,
    MAX_EXCEPTIONS,
    OLDER_POINTS,
    RECENT_POINTS,
    LocustBounds,
    has_room,
)
from reli_analysis.record.layout import OTHER

STARTED_S = 1_795_000_000


class Clock:
    """The wall clock that Locust's statistics read."""

    def __init__(self) -> None:
        self.now_s = float(STARTED_S)

    def time(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(locust.stats, "time", clock)
    return clock


class Shown:
    """One local Locust, and everything that it shows of its statistics."""

    def __init__(self, home: Path, clock: Clock) -> None:
        home.mkdir()
        self._clock = clock
        self.environment = Environment()
        self.runner = self.environment.create_local_runner()
        self.environment.stats.clear_all()  # starts now, by the fake clock
        self.csv = StatsCSVFileWriter(
            self.environment, PERCENTILES_TO_REPORT, str(home / "run"), full_history=True
        )
        self.web = self.environment.create_web_ui(
            "127.0.0.1", stats_csv_writer=self.csv, delayed_start=True
        )

    def close(self) -> None:
        self.csv.close_files()
        self.runner.quit()

    def numbers(self) -> list[Any]:
        """What the console, the tables and the charts are made of."""
        stats = self.environment.stats
        entries = [*stats.entries.values(), stats.total]
        return [
            (entry.to_dict(), entry.to_string(), entry.get_current_response_time_percentile(0.95))
            for entry in entries
        ]

    def csv_rows(self) -> str:
        out = StringIO()
        writer: Any = csv.writer(out)
        self.csv.requests_csv(writer)
        self.csv.failures_csv(writer)
        self.csv.exceptions_csv(writer)
        self.csv._stats_history_data_rows(writer, self._clock.now_s)
        return out.getvalue()

    def page(self) -> Any:
        assert self.web.app is not None
        return self.web.app.test_client().get("/stats/requests").get_json()


@pytest.fixture
def plain_and_bounded(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Shown, Shown]]:
    monkeypatch.setattr("sys.argv", ["locust"])  # the page's options are read from it
    both = Shown(tmp_path / "plain", clock), Shown(tmp_path / "bounded", clock)
    yield both
    for shown in both:
        shown.close()


def test_what_locust_shows_does_not_change(
    plain_and_bounded: tuple[Shown, Shown], clock: Clock
) -> None:
    """Over hours, rates, percentiles, CSV rows, the page and the last hour's charts agree."""
    plain, bounded = plain_and_bounded
    bounds = LocustBounds(bounded.environment)
    draw = random.Random(7)
    seconds = 5 * (RECENT_POINTS + OLDER_POINTS) + 600
    for second in range(seconds):
        stalled = second % 600 < 40  # longer than Locust's windows
        for _ in range(0 if stalled else draw.randrange(3)):
            clock.now_s = STARTED_S + second + draw.random()
            name, time_ms = draw.choice(("/a", "/b", "/c")), draw.lognormvariate(3, 1)
            error = ValueError(draw.choice("xy")) if draw.random() < 0.1 else None
            for shown in plain_and_bounded:
                shown.environment.stats.log_request("GET", name, time_ms, 12)  # type: ignore[arg-type] # Locust says int and takes any number
                if error:
                    shown.environment.stats.log_error("GET", name, error)
        clock.now_s = STARTED_S + second + 1.0
        bounds.trim()
        if second % 5 == 0:
            for shown in plain_and_bounded:
                update_stats_history(shown.runner)
        if second % 97 == 0 or second == seconds - 1:
            assert plain.numbers() == bounded.numbers()
            assert plain.csv_rows() == bounded.csv_rows()
    assert plain.page() == bounded.page()
    whole, kept = plain.environment.stats, bounded.environment.stats
    assert whole.history[-RECENT_POINTS:] == kept.history[-RECENT_POINTS:]
    assert whole.history[0] == kept.history[0], "the charts still begin where the run did"
    assert all(point in whole.history for point in kept.history)
    assert len(whole.history) > len(kept.history) < RECENT_POINTS + OLDER_POINTS
    assert len(whole.total.num_reqs_per_sec) > 1000
    for entry in (kept.total, *kept.entries.values()):
        assert max(len(entry.num_reqs_per_sec), len(entry.num_fail_per_sec)) <= KEPT_S + 1
    assert "GET" in get_html_report(bounded.environment)


def _entry(name: str, method: str, second: int, requests: int) -> dict[str, Any]:
    return {
        "name": name,
        "method": method,
        "last_request_timestamp": second + 0.5,
        "start_time": float(STARTED_S),
        "num_requests": requests,
        "num_none_requests": 0,
        "num_failures": requests,
        "total_response_time": 5 * requests,
        "max_response_time": 5,
        "min_response_time": 5,
        "total_content_length": 0,
        "response_times": {5: requests},
        "num_reqs_per_sec": {second: requests},
        "num_fail_per_sec": {second + 1: requests},
    }


def _report(
    second: int, names: list[str], texts: list[str] | None = None, *, each: int = 1
) -> dict[str, Any]:
    """What a worker sends: ``each`` requests under every name, all failed, in one second."""
    errors = {}
    for name, text in zip(names, texts or ["down"] * len(names), strict=True):
        error = StatsError("GET", name, text, each, float(second), second + 0.5)
        errors[StatsError.create_key("GET", name, text)] = error.serialize()
    total = _entry("Aggregated", "", second, each * len(names))
    entries = [_entry(name, "GET", second, each) for name in names]
    return {"stats": entries, "stats_total": total, "errors": errors}


def _master() -> Environment:
    """A master's statistics and their merging, without its sockets."""
    environment = Environment()
    setup_distributed_stats_event_listeners(environment.events, environment.stats)
    return environment


steps = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 400), st.integers(1, 5)), min_size=1, max_size=60
)


@given(steps, st.lists(st.integers(-4000, 4000), min_size=4, max_size=4))
def test_rates_agree_whatever_the_workers_clocks(
    reports: list[tuple[int, int, int]], skews_s: list[int]
) -> None:
    """On a master, workers whose clocks differ by an hour and that fall silent change nothing."""
    plain, bounded = _master(), _master()
    bounds = LocustBounds(bounded)
    now_s = STARTED_S + 5000
    for worker, passed_s, requests in reports:
        now_s += passed_s
        for environment in (plain, bounded):
            data = _report(now_s + skews_s[worker], ["/a", f"/{worker}"], each=requests)
            environment.events.worker_report.fire(client_id=str(worker), data=data)
        bounds.trim()
        for key in plain.stats.entries:
            one, other = plain.stats.entries[key], bounded.stats.entries[key]
            assert one.current_rps == other.current_rps
            assert one.current_fail_per_sec == other.current_fail_per_sec
            assert one.total_rps == other.total_rps
            assert len(other.num_reqs_per_sec) <= 2 * KEPT_S
        assert plain.stats.total.current_rps == bounded.stats.total.current_rps


def test_workers_whose_clocks_lag_leave_no_trail() -> None:
    """What they count lies in seconds that nobody reads, among seconds that somebody does."""
    master = _master()
    bounds = LocustBounds(master)
    for second in range(STARTED_S + 10_000, STARTED_S + 10_200):
        for worker in range(10):
            data = _report(second - 1000 * worker, ["/"])
            master.events.worker_report.fire(client_id=str(worker), data=data)
        bounds.trim()
    assert len(master.stats.total.num_reqs_per_sec) <= 2 * KEPT_S
    assert master.stats.total.num_requests == 2000


def test_a_master_folds_what_its_workers_name() -> None:
    """Names and errors past the limits are counted together; none is lost, the total is exact."""
    master = _master()
    LocustBounds(master)
    reported = 0
    for second in range(10):
        for worker in "ab":
            names = [f"/{worker}/{second}/{number}" for number in range(300)]
            texts = [f"no {worker} {second} {number % 250}" for number in range(300)]
            data = _report(STARTED_S + second, names, texts)
            master.events.worker_report.fire(client_id=worker, data=data)
            reported += 300
    stats = master.stats
    assert len(stats.entries) == MAX_NAMES + 1
    assert stats.total.num_requests == reported
    assert sum(entry.num_requests for entry in stats.entries.values()) == reported
    assert stats.entries[OTHER_ENDPOINT].num_failures == reported - MAX_NAMES
    assert sum(error.occurrences for error in stats.errors.values()) == reported
    assert len([error for error in stats.errors.values() if error.error != OTHER]) == MAX_ERRORS
    others = [error for error in stats.errors.values() if error.error == OTHER]
    assert len(others) == MAX_NAMES - MAX_ERRORS + 1, "one an endpoint that is told apart"
    seen = {error.name: (error.first_seen, error.last_seen) for error in others}
    assert seen[OTHER] == (STARTED_S + 1, STARTED_S + 9.5)
    stats.clear_all()
    master.events.worker_report.fire(client_id="a", data=_report(STARTED_S + 11, ["/new"]))
    assert list(stats.entries) == [("/new", "GET")], "the next test has room again"


def test_a_report_within_the_limits_is_left_as_it_is() -> None:
    """Other listeners see what the worker sent."""
    master = _master()
    LocustBounds(master)
    data = _report(STARTED_S, ["/a", "/b"])
    master.events.worker_report.fire(client_id="a", data=data)
    assert data == _report(STARTED_S, ["/a", "/b"])


def test_an_error_has_room_until_the_limit() -> None:
    """Texts that Locust knows always have; new ones only while there are few."""
    stats = Environment().stats
    for number in range(MAX_ERRORS):
        assert has_room(stats, "GET", "/", f"no {number}")
        stats.log_error("GET", "/", f"no {number}")
    assert has_room(stats, "GET", "/", "no 7")
    assert not has_room(stats, "GET", "/", "no such")


def test_tracebacks_past_the_limit_share_a_row() -> None:
    """Each exception stays counted, also when one comes back after it was folded."""
    environment = Environment()
    runner = environment.create_local_runner()
    bounds = LocustBounds(environment)
    for _ in range(2):
        for number in range(MAX_EXCEPTIONS + 50):
            runner.log_exception(f"worker {number % 3}", "boom", f"line {number}")
        bounds.trim()
    rows = list(runner.exceptions.values())
    assert len(rows) == MAX_EXCEPTIONS
    assert sum(row["count"] for row in rows) == 2 * (MAX_EXCEPTIONS + 50)
    assert (rows[-1]["msg"], rows[-1]["count"]) == (OTHER, 102)
    assert rows[-1]["nodes"] == {"worker 0", "worker 1", "worker 2"}
    runner.quit()
