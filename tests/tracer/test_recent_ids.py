"""Counting distinct ids in bounded memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reli.backends.otlp.recent_ids import RecentIds


def test_days_of_ids_take_no_more_memory_than_two_generations() -> None:
    """However many ids come, no more than two generations of them are kept, and all count."""
    ids = RecentIds(generation_size=1000)
    most = total = 0
    for batch in range(500):
        total += ids.count_new((batch * 512 + n).to_bytes(8) for n in range(512))
        most = max(most, len(ids))
    assert total == 500 * 512
    assert most <= 2000


def test_an_id_is_forgotten_only_after_a_generation_of_others() -> None:
    """A repeat within ``generation_size`` ids is recognised; one much later counts again."""
    ids = RecentIds(generation_size=100)
    assert ids.count_new([b"first"]) == 1
    assert ids.count_new(n.to_bytes(8) for n in range(99)) == 99
    assert ids.count_new([b"first"]) == 0
    assert ids.count_new(n.to_bytes(8) for n in range(1000, 1200)) == 200
    assert ids.count_new([b"first"]) == 1


@given(st.lists(st.lists(st.integers(0, 10**6), max_size=20)), st.data())
def test_the_count_is_exact_when_each_batch_is_retried_before_the_next(
    batches: list[list[int]], data: st.DataObject
) -> None:
    """Retries as exporters make them never change the count, though old ids are forgotten."""
    ids = RecentIds(generation_size=25)
    counted = 0
    for number, batch in enumerate(batches):
        distinct = {number * 10**7 + value for value in batch}
        for _ in range(data.draw(st.integers(1, 4))):
            counted += ids.count_new(value.to_bytes(8) for value in distinct)
    assert counted == sum(len(set(batch)) for batch in batches)
