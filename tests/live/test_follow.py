"""A record is followed as it grows, whatever state its files are in."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reli.live.follow import Follower
from reli.live.run import WHOLE, Key, LiveRun, Subject
from reli_analysis.errors import RecordError
from reli_analysis.record.csvfile import read_table
from reli_analysis.record.layout import BUDGETS_CSV, EVENTS_CSV, RESOURCES_CSV, RESULTS_CSV
from reli_analysis.record.run import write_run_info
from support.live_records import BUDGETS, Scripted, results_row

REDIS = Subject("target", "name:redis-server", "tree", "db1", "redis-server")


def everything(follower: Follower) -> LiveRun:
    """The run after all that is there was read."""
    while follower.read():
        pass
    return follower.run


def series(run: LiveRun) -> dict[Key, tuple[list[float | None], list[float | None]]]:
    return {
        key: (found.low, found.high)
        for key in run.store.series
        if (found := run.store.extremes(key))
    }


def test_a_growing_record_is_read_as_it_grows(tmp_path: Path) -> None:
    """What was read bit by bit is what is read at once, and equal to what was written."""
    record = Scripted(tmp_path)
    follower = Follower(record.directory)
    for intervals in (1, 0, 7, 800, 3):
        record.grow(intervals)
        run = everything(follower)
        assert run.last_index == record.count - 1
    assert series(run) == series(everything(Follower(record.directory)))
    rows = [results_row(index) for index in range(record.count)]
    assert run.now((WHOLE, "max_ms")).highest == pytest.approx(max(r["max_ms"] for r in rows))
    assert run.now((WHOLE, "p95_ms")).newest == pytest.approx(rows[-1]["p95_ms"])
    assert run.now((REDIS, "rss_bytes")).newest == 60_000_000 + 1000 * (record.count - 1)
    assert [(span.window, span.start_s) for span in run.spans.spans] == [
        ("warm-up", 0.0),
        ("steady", 20.0),
    ]


def test_a_process_row_is_no_series(tmp_path: Path) -> None:
    """Trees, cgroups and hosts are shown; the processes below them are in the record only."""
    record = Scripted(tmp_path)
    record.grow(3)
    kinds = {subject.kind for subject, _ in everything(Follower(record.directory)).store.series}
    assert kinds == {"", "tree"}


def test_budgets_and_events_are_read_as_they_come(tmp_path: Path) -> None:
    """A budget's newest row counts, and an event is read once."""
    record = Scripted(tmp_path)
    record.grow(5)
    follower = Follower(record.directory)
    run = everything(follower)
    assert [budget.standing for budget in run.budgets.values()] == ["unknown", "unknown"]
    for standing in ("holds", "broken"):
        record.budget(
            elapsed_s=4, budget=BUDGETS[0], observed=9.5, limit=250, unit="ms", standing=standing
        )
    record.event(4.0, "restart", "name:redis-server", "=pid 7 ended, with a formula's sign")
    run = everything(follower)
    assert run.budgets[BUDGETS[0]].standing == "broken"
    (event,) = run.events
    assert event.message == "=pid 7 ended, with a formula's sign"
    assert list(everything(follower).events) == [event]


@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_files_cut_at_any_byte_are_read_up_to_there(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A torn last line is not read; once it is whole, all is as if it had never been torn."""
    home = tmp_path_factory.mktemp("cut")
    record = Scripted(home / "whole")
    record.grow(30)
    record.event(3.0, "restart", "name:redis-server", 'it "said", so')
    record.budget(
        elapsed_s=4, budget=BUDGETS[0], observed=9.5, limit=250, unit="ms", standing="warns"
    )
    cut = home / "cut"
    shutil.copytree(record.directory, cut)
    whole: dict[str, bytes] = {}
    for name in (RESULTS_CSV, RESOURCES_CSV, EVENTS_CSV, BUDGETS_CSV):
        whole[name] = (cut / name).read_bytes()
        at = data.draw(st.integers(0, len(whole[name])), label=name)
        (cut / name).write_bytes(whole[name][:at])
    follower = Follower(cut)
    run = everything(follower)
    lines = (cut / RESULTS_CSV).read_bytes().count(b"\n")
    rows = max(0, lines - 1)
    found = run.store.series.get((WHOLE, "users"))
    assert (found.newest_index + 1 if found else 0) == rows
    for name, text in whole.items():
        with (cut / name).open("ab") as file:
            file.write(text[(cut / name).stat().st_size :])
    assert series(everything(follower)) == series(everything(Follower(record.directory)))
    assert len(follower.run.events) == 1


def test_a_recorder_that_goes_on_with_a_record_is_followed(tmp_path: Path) -> None:
    """It cuts the results to what was acknowledged and writes on: nothing is lost or made up."""
    record = Scripted(tmp_path)
    record.grow(10)
    results = record.directory / RESULTS_CSV
    follower = Follower(record.directory)
    everything(follower)
    lines = results.read_bytes().splitlines(keepends=True)
    results.write_bytes(b"".join(lines[:8]))
    everything(follower)
    again = b"".join(lines[8:]).replace(b"hold at 100%", b"x").replace(b",50,", b",77,")
    with results.open("ab") as file:
        file.write(again)
    record.grow(5)
    run = everything(follower)
    assert run.store.extremes((WHOLE, "users")).high[7:] == [77] * 3 + [50] * 5
    assert run.last_index == 14


def test_a_file_that_is_replaced_is_read_from_its_start(tmp_path: Path) -> None:
    """Another file under the same name is not read from the middle."""
    record = Scripted(tmp_path)
    record.grow(10)
    results = record.directory / RESULTS_CSV
    follower = Follower(record.directory)
    everything(follower)
    other = tmp_path / "other.csv"
    other.write_text(results.read_text().replace(",50,", ",77,"))
    other.replace(results)
    assert everything(follower).now((WHOLE, "users")).highest == 77


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    """A record of format 1 has fewer columns and no budgets.csv; one of tomorrow has more."""
    record = Scripted(tmp_path)
    record.grow(4)
    results, resources = record.directory / RESULTS_CSV, record.directory / RESOURCES_CSV
    table = read_table(results)
    names = ["tomorrow", "p95_ms", "elapsed_s"]
    columns = {**table.columns, "tomorrow": ["x"] * 4}
    lines = [
        ",".join(names),
        *(",".join(row) for row in zip(*(columns[n] for n in names), strict=True)),
    ]
    results.write_text("\n".join(lines) + "\n")
    resources.write_text("elapsed_s,role,source,process,rss_bytes\n1.004,target,self,python,5\n")
    (record.directory / BUDGETS_CSV).unlink()
    write_run_info(record.directory, replace(record.info, format_version=1))
    run = everything(Follower(record.directory))
    assert [column for _, column in run.store.series] == ["p95_ms"]
    assert run.last_index == 3


def test_rows_that_make_no_sense_are_passed_over(tmp_path: Path) -> None:
    """Too few cells, no number, infinity, a time before the start or beyond all reason: no row."""
    record = Scripted(tmp_path)
    record.grow(3)
    results = record.directory / RESULTS_CSV
    good = results.read_text().splitlines()[-1].split(",")
    with results.open("a") as file:
        file.write("1,2,3\n\n")
        for at in ("nan", "-5", "1e300", "later"):
            file.write(",".join([at, *good[1:]]) + "\n")
        file.write(",".join(["3", *good[1:4], "0", "inf", *good[6:]]) + "\n")
        file.write('"' + ",".join(good) + "\n")
    record.count = 4
    record.grow(1)
    run = everything(Follower(record.directory))
    assert run.last_index == 4
    assert run.store.count == 5


def test_the_state_of_the_run_and_its_verdict_are_seen(tmp_path: Path) -> None:
    """run.json is read again when it is written again; the verdict once it is there."""
    record = Scripted(tmp_path)
    record.grow(2)
    follower = Follower(record.directory)
    assert everything(follower).info.state == "running"
    record.end("interrupted", "stopped after 2 of 7200 s")
    assert everything(follower).info.state_reason == "stopped after 2 of 7200 s"
    assert follower.verdict() == ""
    (record.directory / "verdict.json").write_text('{"verdict": "FAIL"}')
    assert follower.verdict() == "FAIL"
    (record.directory / "verdict.json").write_text('["FA')
    assert follower.verdict() == ""


def test_what_is_no_record_is_refused(tmp_path: Path) -> None:
    """A directory without run.json is answered in one sentence."""
    with pytest.raises(RecordError, match="is not a run record"):
        Follower(tmp_path)
