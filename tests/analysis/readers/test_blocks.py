"""Long files of a record are read by Arrow, and come out as if they were read line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reli_analysis.readers import blocks
from reli_analysis.readers.groups import Kind, read_groups
from reli_analysis.readers.table import Table, read_table
from reli_analysis.record.csvfile import format_row

if TYPE_CHECKING:
    from pathlib import Path

HEADER = ["elapsed_s", "name", "value", "other"]

numbers = st.one_of(
    st.none(),
    st.integers(-(10**12), 10**12),
    st.floats(-1e300, 1e300, allow_nan=False),
    st.just(float("inf")),
)
rows = st.lists(
    st.fixed_dictionaries(
        {
            "elapsed_s": st.integers(0, 50),
            "name": st.text(max_size=12),
            "value": numbers,
            "other": numbers,
        }
    ),
    max_size=30,
)
damage = st.sampled_from(
    ["", "torn", "1,x,2\n", "1,x,2,3,4\n", "\n", "1,\x00,2,3\n", "1,x,two,3\n", '1,"x,2,3\n', "1,x,1_0,3\r\n"]
)  # fmt: skip


def _read(path: Path, monkeypatch: pytest.MonkeyPatch, worth_bytes: int) -> Table:
    with monkeypatch.context() as patched:
        patched.setattr(blocks, "_WORTH_ARROW", worth_bytes)
        return read_table(path, texts=("name",), needed=HEADER)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=rows, broken=damage, at=st.integers(0, 30))
def test_both_ways_of_reading_give_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[dict[str, object]], broken: str, at: int
) -> None:  # fmt: skip
    """Numbers, texts and what is said of damage do not depend on the size of a file."""
    lines = [format_row(HEADER, row) for row in rows]
    place = len(lines) if broken == "torn" else at
    path = tmp_path / "table.csv"
    text = ",".join(HEADER) + "\n" + "".join([*lines[:place], broken, *lines[place:]])
    path.write_bytes(text.encode("utf-8"))
    slow, fast = (_read(path, monkeypatch, worth) for worth in (1 << 40, 0))
    assert slow.damage == fast.damage
    assert slow.texts("name") == fast.texts("name")
    for name in ("elapsed_s", "value", "other"):
        assert np.array_equal(slow.numbers[name], fast.numbers[name], equal_nan=True)


def test_a_sound_file_is_read_by_arrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No line of it is taken apart in Python, quoted names included."""
    path = tmp_path / "table.csv"
    texts = ['a "quoted", name', "plain", "=formula"]
    body = [format_row(HEADER, {"elapsed_s": at, "name": t, "value": 1.5}) for at, t in enumerate(texts)]  # fmt: skip
    path.write_text(",".join(HEADER) + "\n" + "".join(body))

    def refuse(*_: object) -> None:
        raise AssertionError("read line by line")

    monkeypatch.setattr(blocks, "_by_line", refuse)
    table = _read(path, monkeypatch, 0)
    assert table.texts("name") == texts
    assert np.isnan(table.numbers["other"]).all()


def test_things_are_told_apart_over_many_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thing keeps its rows in order of time, and the texts of its last row, over block borders."""
    path = tmp_path / "groups.csv"
    header = ["elapsed_s", "kind", "pid", "label", "value"]
    body = [
        format_row(header, {
            "elapsed_s": second, "kind": kind, "pid": pid, "label": f"l{second}", "value": pid * second,
        })
        for second in range(200)
        for kind, pid in (("process", 1), ("process", 2), ("tree", 1))
    ]  # fmt: skip
    path.write_text(",".join(header) + "\n" + "".join(body))
    monkeypatch.setattr(blocks, "_WORTH_ARROW", 0)
    monkeypatch.setattr(blocks, "_BLOCK_BYTES", 512)
    groups, found = read_groups(
        path,
        texts=("kind", "pid", "label"),
        needed=("elapsed_s",),
        kind_of=lambda _kind: Kind(("kind", "pid")),
        by="kind",
    )
    assert not found
    told = {(group.texts["kind"], group.texts["pid"]): group for group in groups}
    assert set(told) == {("process", "1"), ("process", "2"), ("tree", "1")}
    for (_kind, pid), group in told.items():
        assert group.texts["label"] == "l199"
        assert np.array_equal(group.columns["elapsed_s"], np.arange(200.0))
        assert np.array_equal(group.columns["value"], int(pid) * np.arange(200.0))
