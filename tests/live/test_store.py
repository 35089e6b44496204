"""The store of a live run has one size and loses no extreme."""

from __future__ import annotations

from math import inf, isfinite

from hypothesis import given
from hypothesis import strategies as st

from reli.live.happenings import MATTERING, MOST_MATTERING, MOST_OTHERS, Event, Events, Spans
from reli.live.store import RECENT_INTERVALS, Recent, Store

values = st.floats(allow_nan=True, allow_infinity=True)
written = st.lists(st.tuples(st.integers(0, 5000), values), max_size=300)


@given(written, st.integers(2, 40))
def test_every_extreme_is_kept(rows: list[tuple[int, float]], most: int) -> None:
    """Each bucket holds exactly the smallest and the largest of the raw values of its stretch."""
    store: Store[str] = Store(most)
    for index, value in rows:
        store.put(index, {"a": value})
    raw = [(index, value) for index, value in rows if isfinite(value)]
    if not raw:
        assert "a" not in store.series
        return
    kept = store.extremes("a")
    for bucket, (low, high) in enumerate(zip(kept.low, kept.high, strict=True)):
        inside = [value for index, value in raw if index // store.width == bucket]
        assert (low, high) == (min(inside, default=None), max(inside, default=None))
    assert all(index // store.width < len(kept.low) for index, _ in raw)
    series = store.series["a"]
    assert series.lowest == min(value for _, value in raw)
    assert series.highest == max(value for _, value in raw)


@given(written, st.integers(2, 40))
def test_buckets_are_contiguous_and_bounded(rows: list[tuple[int, float]], most: int) -> None:
    """However late an interval, there are at most so many buckets, each as long as the others."""
    store: Store[str] = Store(most)
    for index, value in rows:
        store.put(index, {"a": value, "b": 1.0})
        assert store.count <= most
        assert index // store.width < store.count, "each interval lies in a bucket"
        assert all(len(series.low) <= store.count for series in store.series.values())
    assert store.width & (store.width - 1) == 0


def test_two_days_take_the_memory_of_ten_minutes() -> None:
    """A store after 48 h at 1 s has no more buckets than one after ten minutes."""
    store: Store[str] = Store()
    for index in range(600):
        store.put(index, {"a": float(index)})
    short = store.count
    for index in range(600, 172_800):
        store.put(index, {"a": float(index % 86_399)})
    assert short == 600
    assert 300 < store.count <= 600
    assert len(store.series["a"].low) == store.count
    assert store.series["a"].highest == 86_398


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=60))
def test_the_newest_intervals_are_kept_one_by_one(indexes: list[int]) -> None:
    """Of the newest ten minutes every value is there as it was, whatever came before or late."""
    recent: Recent[str] = Recent()
    truth: dict[int, float] = {}
    for index in indexes:
        recent.put(index, {"a": index / 7})
        truth[index] = index / 7
    newest = max(indexes)
    assert recent.count <= 2 * RECENT_INTERVALS
    kept = recent.extremes("a")
    for index in range(max(0, newest - RECENT_INTERVALS + 1), newest + 1):
        at = index - recent.begin
        value = kept.low[at] if at < len(kept.low) else None
        assert value == (truth.get(index) if index >= recent.begin else None)


@given(written)
def test_a_reader_can_ask_for_what_changed(rows: list[tuple[int, float]]) -> None:
    """All buckets before the first that changed are as they were when the reader looked last."""
    store: Store[str] = Store(16)
    for index, value in rows:
        before = (store.width, store.change)
        was = store.extremes("a") if store.series else None
        store.put(index, {"a": value})
        if was is None or store.width != before[0] or not store.series:
            continue
        first = store.first_changed(before[1])
        now = store.extremes("a")
        nothing = [None] * first  # a series ends with its last value
        assert [*now.low, *nothing][:first] == [*was.low, *nothing][:first]
        assert [*now.high, *nothing][:first] == [*was.high, *nothing][:first]
        assert first <= index // store.width


def test_series_are_bounded_and_the_rest_is_counted() -> None:
    """Past the limit of series a value is counted, and those that are kept go on."""
    store: Store[int] = Store(10, most_series=3)
    store.put(0, dict.fromkeys(range(5), 1.0))
    store.put(1, {0: 2.0})
    assert set(store.series) == {0, 1, 2}
    assert store.left_out == 2
    assert store.series[0].newest == 2.0
    assert store.series[1].low[0] != inf


kinds_in_runs = st.lists(
    st.tuples(
        st.sampled_from(["restart", "exit", "sampling", "late", "stage"]), st.integers(1, 150)
    ),
    max_size=8,
)


@given(kinds_in_runs)
def test_chatter_does_not_push_out_what_matters(runs: list[tuple[str, int]]) -> None:
    """Restarts stay however many others follow; how many there were is known."""
    kinds = [kind for kind, count in runs for _ in range(count)]
    events = Events()
    for at, kind in enumerate(kinds):
        events.take(Event(float(at), kind, "x", "y"))
    told = [(float(at), kind) for at, kind in enumerate(kinds) if kind != "stage"]
    kept = [(event.elapsed_s, event.kind) for event in events]
    assert events.told == len(told)
    assert kept == sorted(kept)
    mattering = [one for one in told if one[1] in MATTERING]
    others = [one for one in told if one[1] not in MATTERING]
    assert sorted(kept) == sorted([*mattering[-MOST_MATTERING:], *others[-MOST_OTHERS:]])


def test_stages_are_spans_with_a_bound() -> None:
    """A stage that goes on is one span; a loop of thousands keeps the newest and their number."""
    spans = Spans()
    for at in range(5000):
        began = spans.take(f"step {at // 2}", "steady", float(at))
        assert began == (at % 2 == 0)
    assert spans.begun == 2500
    assert len(spans.spans) <= 100
    assert spans.spans[-1].start_s == 4998.0
