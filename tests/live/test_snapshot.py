"""What the recorder tells of an interval becomes the page's JSON, whole or what changed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reli.live.run import LiveRun
from reli.live.snapshot import snapshot
from reli.live.wire import MOST_EVENTS, MOST_SUBJECTS, told_to_json
from reli.recorder.protocol import EndpointRow, IntervalRow
from reli.recorder.told import EventRow, Measured, Standing, Told
from reli.sampling import Reading
from reli_analysis.record import Histogram, MetricSpec
from reli_analysis.record.histogram import index_of
from support.live_records import run_info

HEALTH = {"lag_ms": 1.0, "cpu_cores": 0.1, "fds_ratio": 0.01, "sockets_ratio": 0.01}
HOSTILE = '<img src=x onerror=alert(1)>"\\\x1b[31m\u202e\x00'


def told(index: int, **changes: Any) -> Told:
    """What the recorder tells of an interval with 10 requests of 1 to 10 ms, one of them failed."""
    counts = {index_of(ms * 1_000_000): 1 for ms in range(1, 11)}
    row = IntervalRow(
        index=index,
        stage="hold at 100%",
        window="steady",
        users=5,
        workers=1,
        offered=12.0,
        iterations=10,
        health=HEALTH,
        services={},
        open_model=None,
        endpoints=[EndpointRow("GET", "/", 10, 1, 100, counts)],
        failures=[],
        metrics={"spans": 7.0 + index},
    )
    known: dict[str, Any] = {
        "row": row,
        "everything": Histogram(counts),
        "resources": {"rss_bytes": 1000 + index, "fds": 3},
        "measured": [tree("name:redis-server", rss_bytes=1000 + index, fds=3)],
        "standings": (Standing("p95 < 250ms", 9.5, 250.0, "ms", "holds"),),
        "events": [],
    }
    return Told(**{**known, **changes})


def tree(source: str, process: str = "redis-server", **values: float) -> Measured:
    return Measured("target", source, Reading("tree", process, values, pid=7, started_s=1.0))


def live_run(**changes: Any) -> LiveRun:
    info = run_info(interval_s=2.0, metrics=(MetricSpec("spans", "counter", "spans"),))
    return LiveRun(replace(info, **changes))


def taken(run: LiveRun, since: str = "", **keywords: Any) -> dict[str, Any]:
    """The snapshot as a page reads it."""
    text = "".join(snapshot(run, 1, since, {"verdict": None}, **keywords))
    body: dict[str, Any] = json.loads(text)
    return body


def series_of(body: dict[str, Any], column: str, source: str = "") -> Any:
    """Lows and highs of a series, by its column and its subject's source."""
    subjects, series = body["catalog"]["subjects"], body["catalog"]["series"]
    names = [(subjects[place]["source"], name) for place, name, _unit in series]
    return body["series"][names.index((source, column))]


def test_an_interval_arrives_with_its_numbers() -> None:
    """Counts become rates by the interval's length; percentiles and readings stay as they are."""
    run = live_run()
    run.hear(json.loads(json.dumps(told_to_json(told(0)))))
    body = taken(run)
    assert series_of(body, "completed_per_s") == [[5]]
    assert series_of(body, "offered_per_s") == [[6]]
    assert series_of(body, "error_ratio") == [[0.1]]
    p95_ms = told(0).everything.quantile_ms(0.95)
    assert p95_ms is not None
    assert series_of(body, "p95_ms") == [[float(f"{p95_ms:.6g}")]]
    assert series_of(body, "rss_bytes", "name:redis-server") == [[1000]]
    assert series_of(body, "spans") == [[7]]
    assert body["stages"]["spans"] == [
        {"stage": "hold at 100%", "window": "steady", "start_s": 0.0}
    ]
    assert body["budgets"][0] == {
        "budget": "p95 < 250ms",
        "observed": 9.5,
        "limit": 250.0,
        "unit": "ms",
        "standing": "holds",
    }
    assert body["budgets"][1]["standing"] == "unknown", "a budget without a word is there, too"


def test_an_interval_that_is_sent_again_counts_once() -> None:
    """A recorder that was started again may tell twice; the second time changes nothing."""
    run = live_run()
    event = EventRow(1.0, "restart", "name:redis-server", "pid 7 ended")
    for _ in range(2):
        run.hear(told_to_json(told(0, events=[event])))
    assert run.events.told == 1
    assert run.store.change == 2, "one row and one reading"


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=8), st.booleans())
def test_what_changed_adds_up_to_the_whole(steps: list[int], recent: bool) -> None:
    """A page that asks for what changed holds the same as one that asks for all at the end."""
    run = live_run()
    index, cursor = 0, ""
    held: list[list[float | None]] = []
    begins = 0
    for step in steps:
        for _ in range(step):
            run.hear(told_to_json(told(index)))
            index += 1
        body = taken(run, cursor, recent=recent)
        if body["whole"]:
            held, begins = [[] for _ in body["series"]], body["first"]
        for place, one in enumerate(body["series"]):
            if place == len(held):
                held.append([])
            held[place][body["first"] - begins :] = one[-1]
        cursor = body["cursor"]
    whole = taken(run, "", recent=recent)
    for kept, one in zip(held, whole["series"], strict=True):
        assert kept[whole["first"] - begins :] == one[-1]
    assert taken(run, cursor, recent=recent)["series"] == [[[]] for _ in held], "nothing new"


def test_parts_that_did_not_change_are_not_sent_again() -> None:
    """After the first answer the catalog, budgets, stages and events come when they change."""
    run = live_run()
    run.hear(told_to_json(told(0)))
    cursor = taken(run)["cursor"]
    run.hear(told_to_json(told(1)))
    body = taken(run, cursor)
    assert not body["whole"]
    assert not {"facts", "catalog", "stages", "events", "budgets"} & set(body)
    gone = told(2, events=[EventRow(4.0, "restart", "x", "y")], measured=[tree("name:nginx")])
    run.hear(told_to_json(gone))
    run.change_info(replace(run.info, state="finished"))
    body = taken(run, cursor)
    assert body["events"]["kept"][0]["kind"] == "restart"
    assert body["facts"]["state"] == "finished"


def test_another_run_or_a_wrong_cursor_is_answered_whole() -> None:
    """What a page held of another run, or made up, is replaced and never mixed in."""
    run = live_run()
    run.hear(told_to_json(told(0)))
    cursor = taken(run)["cursor"]
    other = "".join(snapshot(run, 2, cursor, {}))
    assert json.loads(other)["whole"]
    for wrong in ("x", "1.2", "1.0.1.2.-3", "1.0.1.9999999999999999999.1", "٣.0.1.1.1"):
        assert taken(run, wrong)["whole"], wrong


def test_the_largest_run_stays_within_bounds() -> None:
    """Two days with more targets, budgets, events and metrics than are kept: under 300 KB."""
    names = tuple(f"metric_{n}_" + "m" * 80 for n in range(80))
    run = live_run(
        metrics=tuple(MetricSpec(name, "gauge", "x") for name in names),
        budgets=tuple(f"{name} < 5" for name in names),
    )
    measured = [
        tree(f"name:{n}" + "s" * 300, "p" * 300, rss_bytes=1e9 + n, fds=1, cpu_cores=1, threads=1)
        for n in range(100)
    ]
    standings = [Standing(f"{name} < 5", 1.5, 2.5, "count", "holds") for name in names]
    for index in range(0, 172_800, 150):
        row = replace(told(index).row, metrics=dict.fromkeys(names, index / 7))
        row = replace(row, stage=f"stage {index} " + "x" * 200)
        events = [EventRow(index, "restart", "s" * 300, "m" * 900) for _ in range(80)]
        body = told_to_json(
            told(index, row=row, measured=measured, standings=standings, events=events)
        )
        run.hear(body)
    assert len(body["subjects"]) == MOST_SUBJECTS
    assert len(body["events"]) == MOST_EVENTS
    assert body["events_left_out"] == 30
    assert len(json.dumps(body)) < 64_000, "what crosses the channel fits a pipe"
    for recent in (False, True):
        assert len("".join(snapshot(run, 1, "", {}, recent=recent)).encode()) < 300_000


def test_numbers_that_are_none_and_texts_that_are_hostile_are_fit_for_json() -> None:
    """NaN and infinity are absent, control characters are gone, and the text is strict JSON."""
    run = live_run()
    one = told(
        0,
        measured=[tree(HOSTILE, HOSTILE, rss_bytes=float("nan"), fds=float("inf"), threads=2)],
        standings=(Standing(HOSTILE, float("nan"), None, "", "unknown"),),
        events=[EventRow(0.0, "worker", HOSTILE, HOSTILE)],
    )
    text = json.dumps(told_to_json(one), allow_nan=False)
    assert "\x1b" not in json.loads(text)["events"][0]["message"]
    run.hear(json.loads(text))
    body = taken(run)
    columns = [name for place, name, _ in body["catalog"]["series"] if place == 1]
    assert columns == ["threads"]


def test_a_target_that_is_gone_has_no_newest_value() -> None:
    """Ten seconds after its last reading a target's newest value is unknown, its extremes stay."""
    run = live_run()
    for index in range(12):
        run.hear(told_to_json(told(index, measured=[] if index > 3 else told(index).measured)))
    body = taken(run)
    place = [name for _, name, _ in body["catalog"]["series"]].index("rss_bytes")
    assert body["now"][place][0] is not None, "the sum over all targets is still told"
    of_tree = max(
        at for at, (_, name, _) in enumerate(body["catalog"]["series"]) if name == "rss_bytes"
    )
    assert body["now"][of_tree] == [None, 1000, 1003]


def test_a_late_interval_is_told_with_the_sample_that_ended_it() -> None:
    """A sample that comes with a later interval is shown where it was taken, and once."""
    run = live_run()
    for index in range(3):
        run.hear(told_to_json(told(index, measured_index=min(index, 1))))
    assert series_of(taken(run), "fds", "name:redis-server") == [[3, 3]]


def test_an_agent_that_lies_about_its_time_does_not_squash_the_axis() -> None:
    """A reading from far ahead is shown a minute ahead; the run keeps its length."""
    run = live_run()
    reading = Reading("tree", "redis", {"fds": 3}, host="db1", elapsed_s=1e9)
    run.hear(told_to_json(told(0, measured=[Measured("target", "agent:db1:9646", reading)])))
    assert run.store.width == 1
    assert run.store.count <= 61
    assert run.elapsed_s == 2.0
