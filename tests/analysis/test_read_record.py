"""A run directory reads as far as it is there; what is missing or broken becomes damage."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from reli_analysis.errors import RecordError, ReliError
from reli_analysis.judge import judge
from reli_analysis.readers import read
from reli_analysis.record import MetricSpec
from reli_analysis.record.layout import CSV_FILES, LATENCY_HLOG, RESULTS_CSV
from reli_analysis.record.liveness import is_alive
from reli_analysis.series import Run
from reli_analysis.verdict import Verdict
from reli_analysis.windows import Window
from support import synthetic
from support.judging import ask
from support.synthetic import MIB, Life, Script

SCRIPT = Script(
    failures=lambda second: 2 if second in {10, 30} else 0,
    columns={"heap_bytes": lambda second: 5.0 * second},
    metrics=(
        MetricSpec("heap_bytes", "gauge", "the heap", "bytes"),
        MetricSpec("odd", "gauge", "?"),
    ),
    lives=(Life(7, 0, 69), Life(8, 0, 69, role="generator")),
    events=((5.0, "stage", "hold", "=begins"),),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return synthetic.write(tmp_path / "run", SCRIPT).path


def test_everything_of_a_whole_record_is_read(path: Path) -> None:
    """Series with their units, windows, endpoints, failures, events, processes; no damage."""
    run = read(path)
    assert run.damage == ()
    assert run.title == "synthetic"
    assert run.windows == (
        Window("warm-up", "hold", 0.0, 5.0),
        Window("steady", "hold", 5.0, 65.0),
        Window("cool-down", "hold", 65.0, 70.0),
    )
    assert run.duration_s == 70.0
    assert run.series["heap_bytes"].values.tolist() == [5.0 * second for second in range(70)]
    assert run.series["heap_bytes"].unit == "bytes"
    assert run.series["p95_ms"].unit == "ms"
    assert np.isnan(run.series["uss_bytes"].values).all()
    assert {"elapsed_s", "wall_s", "stage", "window"}.isdisjoint(run.series)
    assert float(run.endpoints["GET /a"].requests.sum()) == 700
    assert float(run.endpoints["GET /a"].failures.sum()) == 4
    assert [(f.endpoint, f.error, f.text, f.count) for f in run.failures] == [
        ("GET /a", "Boom", "it broke", 4)
    ]
    assert [(e.elapsed_s, e.kind, e.message) for e in run.events] == [(5.0, "stage", "=begins")]
    assert [(p.role, p.pid, len(p.series["fds"])) for p in run.processes] == [
        ("target", 7, 70),
        ("generator", 8, 70),
    ]
    assert run.latency is not None
    assert run.latency.counts("", 0, 100).total == 1400


@pytest.mark.parametrize("name", [*CSV_FILES, LATENCY_HLOG])
@pytest.mark.parametrize("harm", ["missing", "empty", "binary", "no line break"])
def test_one_spoiled_file_does_not_cost_the_others(path: Path, name: str, harm: str) -> None:
    """The rest reads, the damage names the file, and nothing passes that needs it."""
    file = path / name
    match harm:
        case "missing":
            file.unlink()
        case "empty":
            file.write_bytes(b"")
        case "binary":
            file.write_bytes(bytes(range(256)) * 40)
        case _:
            file.write_bytes(file.read_bytes()[:40])
    run = read(path)
    if (name, harm) != (LATENCY_HLOG, "empty"):
        assert name in {damage.file for damage in run.damage}
    judgement = judge(run, ["p95 < 1s", "error_ratio < 1%", 'p95 of "/a" < 1s'])
    if name == RESULTS_CSV:
        assert judgement.verdict in {Verdict.INCONCLUSIVE, Verdict.INVALID}
    elif name == LATENCY_HLOG:
        assert ask(run, 'p95 of "/a" < 1s').verdict is Verdict.INCONCLUSIVE
    else:
        assert judgement.verdict is Verdict.PASS
        assert any(f.warning for f in judgement.findings)


@pytest.mark.parametrize("name", [*CSV_FILES, LATENCY_HLOG])
def test_a_record_cut_off_anywhere_still_reads(path: Path, name: str) -> None:
    """The torn last line is dropped, told, and no other row changes."""
    file = path / name
    whole = file.read_bytes()
    start = len(whole) // 2
    for cut in range(start, start + 60, 7):
        file.write_bytes(whole[:cut])
        run = read(path)
        torn = not whole[:cut].endswith(b"\n")
        told = [d for d in run.damage if d.file == name and "cut off" in d.message]
        assert bool(told) == (torn and b"\n" in whole[:cut]) or name == "events.csv"
        if name == RESULTS_CSV:
            rows = whole[:cut].count(b"\n") - 1
            assert len(run.series["requests"]) == rows


def test_a_damaged_line_spoils_no_other(path: Path) -> None:
    """Lines that are no rows are left out with their number, cells that are no numbers are NaN."""
    file = path / RESULTS_CSV
    lines = file.read_bytes().splitlines(keepends=True)
    lines[10] = b"1,2,3\n"
    lines[11] = b"\xff" + lines[11]
    lines[12] = b"\0" * 30 + b"\n"
    lines[13] = lines[13].replace(b",20,", b",many,", 1)
    lines[14] = lines[14].replace(b",20,", b",inf,", 1)
    lines[15] = b'"' + lines[15]
    lines[16] = lines[16].replace(b"15,", b",", 1)
    file.write_bytes(b"".join(lines))
    run = read(path)
    messages = "\n".join(damage.message for damage in run.damage)
    assert "line 11 has 3 fields where the header has" in messages
    assert "line 12 is not text and is left out (and 2 more)" in messages
    assert '"many" is not a number' in messages
    assert "infinite or absurdly large" in messages
    assert "a row without a time is left out" in messages
    assert len(run.series["requests"]) == 65


def test_rows_out_of_order_are_put_in_order(path: Path) -> None:
    """The clock never steps back in a record; if the file does, that is told."""
    file = path / RESULTS_CSV
    header, *rows = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(header + b"".join(reversed(rows)))
    run = read(path)
    assert run.series["heap_bytes"].values.tolist() == [5.0 * second for second in range(70)]
    assert any("go back in time" in damage.message for damage in run.damage)


def test_events_may_be_written_when_they_are_known(tmp_path: Path) -> None:
    """A stage's event follows one that came later: that is no damage, and they read in order."""
    late = ((9.0, "worker", "w", "joined"), (5.0, "stage", "hold", "steady begins"))
    run = read(synthetic.write(tmp_path / "run", Script(events=late)).path)
    assert [event.elapsed_s for event in run.events] == [5.0, 9.0]
    assert run.damage == ()


def _edit(path: Path, **changes: Any) -> None:
    file = path / "run.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format_version": 99}, "upgrade it"),
        ({"state": "odd"}, "unknown state"),
        ({"interval_s": 0}, "interval_s must be a number above 0"),
        ({"interval_s": "x"}, "interval_s must be a number"),
        ({"time_scale": True}, "time_scale must be a number"),
        ({"planned_s": "long"}, "planned_s must be a number"),
        ({"recorder": []}, "recorder must be an object"),
        ({"profile_name": 5}, "profile_name must be a text"),
        ({"metrics": [{"name": "x", "kind": "odd", "meaning": ""}]}, 'the metric "x"'),
        ({"metrics": [{"name": 5, "kind": "gauge", "meaning": ""}]}, 'the metric "5"'),
        ({"stages": 7}, "not a run record"),
    ],
)
def test_a_run_json_that_is_not_ours_is_an_error(
    path: Path, changes: dict[str, Any], reason: str
) -> None:
    """One sentence that names the field."""
    _edit(path, **changes)
    with pytest.raises(RecordError, match=reason):
        read(path)


def test_a_stage_with_a_broken_time_is_an_error(path: Path) -> None:
    """The plan is computed with, so its times must be numbers."""
    stages = json.loads((path / "run.json").read_text())["stages"]
    _edit(path, stages=[{**stages[0], "end_s": None}])
    with pytest.raises(RecordError, match='time or level of the stage "ramp"'):
        read(path)


def test_a_directory_without_run_json_is_no_record(tmp_path: Path) -> None:
    """So is a run.json that is no JSON."""
    with pytest.raises(RecordError, match="is not a run record"):
        read(tmp_path)
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(RecordError, match="is not JSON"):
        read(tmp_path)


def _recorder(pid: int, **changes: Any) -> dict[str, Any]:
    boot_id = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    started_s = psutil.Process(pid).create_time()
    return {"pid": pid, "started_s": started_s, "boot_id": boot_id} | changes


def test_a_running_record_lives_as_long_as_its_recorder(path: Path) -> None:
    """The very process that wrote it, on this boot of this host; else the run was lost."""
    me = os.getpid()
    assert is_alive(_recorder(me))
    assert not is_alive(_recorder(me, boot_id="another"))
    assert not is_alive(_recorder(me, started_s=psutil.boot_time() - 100))
    assert not is_alive({**_recorder(me), "pid": "x"})
    assert not is_alive({})
    _edit(path, state="running", recorder=_recorder(me))
    judgement = judge(read(path), ["p95 < 1s"])
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert any("still running" in finding.message for finding in judgement.findings)


def test_a_running_record_of_a_dead_recorder_is_lost(path: Path) -> None:
    """Also while the dead process has not been waited for."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        recorder = _recorder(child.pid)
        assert is_alive(recorder)
        child.kill()
        deadline = time.monotonic() + 10
        while is_alive(recorder):
            assert time.monotonic() < deadline, "a zombie counts as alive"
            time.sleep(0.01)
    finally:
        child.kill()
        child.communicate()
    _edit(path, state="running", recorder=recorder)
    run = read(path)
    assert run.info is not None
    assert run.info.state == "lost"
    assert "without closing the record" in run.info.state_reason


def test_a_source_that_is_no_process_is_one_source(path: Path) -> None:
    """Rows without a process id belong together."""
    file = path / "resources.csv"
    columns = file.read_text().splitlines()[0].split(",")
    with file.open("a") as out:
        for second in range(5):
            row = {"elapsed_s": second, "role": "target", "source": "host", "host": "here"}
            row |= {"kind": "host", "process": "here", "memory_bytes": 5.0 * MIB}
            out.write(",".join(str(row.get(column, "")) for column in columns) + "\n")
    (host,) = (one for one in read(path).sampled if one.kind == "host")
    assert (host.pid, host.started_s, host.segment) == (0, 0.0, 0)
    assert host.series["memory_bytes"].values.tolist() == [5.0 * MIB] * 5
    assert set(host.series) == {"memory_bytes"}


def test_results_alone_know_their_windows(path: Path) -> None:
    """results.csv is recognised by its header, wherever it lies and whatever it is called."""
    other = path.parent / "renamed.txt"
    other.write_bytes((path / RESULTS_CSV).read_bytes())
    run: Run = read(other)
    assert run.info is None
    assert [window.kind for window in run.windows] == ["warm-up", "steady", "cool-down"]
    assert run.interval_s == 1.0
    assert any("run directory" in note for note in run.notes)
    judgement = judge(run, ["error_ratio < 5%", "throughput > 1/s", "p95 < 1s"])
    assert judgement.verdict is Verdict.PASS


@pytest.mark.parametrize("column", ["elapsed_s", "window", "requests", "failures", "interval_s"])
def test_results_without_a_needed_column_are_an_error(path: Path, column: str) -> None:
    """The sentence names the file and the column."""
    file = path / RESULTS_CSV
    file.write_text(file.read_text().replace(column, f"x{column}", 1))
    with pytest.raises(ReliError, match=f'results.csv, line 1: the column "{column}" is missing'):
        read(file)
    damage = {entry.file: entry.message for entry in read(path).damage}
    assert column in damage[RESULTS_CSV]


def test_results_with_a_header_only_are_an_error(path: Path) -> None:
    """No row is no run."""
    file = path / RESULTS_CSV
    file.write_text(file.read_text().splitlines(keepends=True)[0])
    with pytest.raises(ReliError, match="no complete row"):
        read(file)
    assert judge(read(path), ["p95 < 1s"]).verdict is Verdict.INVALID


def test_a_column_twice_is_an_error(path: Path) -> None:
    """Which of them would be judged is anyone's guess."""
    file = path / RESULTS_CSV
    file.write_text(file.read_text().replace("fds", "threads", 1))
    with pytest.raises(ReliError, match='"threads" appears twice'):
        read(file)
