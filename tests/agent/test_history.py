"""An agent keeps its newest samples, in bounds."""

from __future__ import annotations

import gzip
import random

from hypothesis import given
from hypothesis import strategies as st

from reli.agent.history import MOST_AT_ONCE, MOST_AT_ONCE_BYTES, History


@given(
    st.lists(st.tuples(st.integers(0, 300), st.booleans()), max_size=60),
    st.integers(1, 20),
    st.integers(50, 2000),
)
def test_the_newest_are_kept_in_their_order(
    items: list[tuple[int, bool]], most_items: int, most_bytes: int
) -> None:
    """As many as fit, at least one, numbered without a hole."""
    history = History(most_items, most_bytes)
    for number, (size, is_sample) in enumerate(items, 1):
        history.add(f"{number}:" + random.Random(number).randbytes(size).hex(), is_sample=is_sample)
    kept = history.after(0)
    assert [item.number for item in kept] == list(range(history.oldest, len(items) + 1))
    assert len(kept) <= most_items
    assert len(kept) <= 1 or sum(len(item.packed) for item in kept) <= most_bytes
    assert history.newest == len(items)
    assert all(gzip.decompress(i.packed).startswith(f"{i.number}:".encode()) for i in kept)
    samples = [item.number for item in kept if item.is_sample]
    assert [item.number for item in history.last_sample()] == samples[-1:]


def test_one_answer_holds_so_much() -> None:
    """Who is further behind asks again, and misses nothing."""
    history = History()
    for number in range(1, 501):
        history.add(random.Random(number).randbytes(3000).hex(), is_sample=True)
    seen: list[int] = []
    while found := history.after(seen[-1] if seen else 0):
        assert len(found) <= MOST_AT_ONCE
        assert sum(len(item.packed) for item in found) <= MOST_AT_ONCE_BYTES
        seen += [item.number for item in found]
    assert seen == list(range(history.oldest, 501))
