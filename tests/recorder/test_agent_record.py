"""What an agent hands over is recorded row by row, and told once."""

from __future__ import annotations

import os
import time
from pathlib import Path

from reli.clock import RunClock
from reli.recorder.sampler import Sampler
from reli_analysis.record import RecordWriter, RunInfo
from reli_analysis.record.csvfile import read_table
from reli_analysis.record.layout import RESOURCES_CSV, TREE
from support.agents import AgentProcess


def test_several_moments_of_one_sample_are_rows_of_their_own(tmp_path: Path) -> None:
    """An agent that samples ten times as often fills the record; the newest is what is told."""
    pid = os.getpid()
    with AgentProcess(tmp_path, f"pid:{pid}", "host", every="0.1s") as agent:
        target = f"agent:{agent.address}"
        clock = RunClock.begin(1.0)
        info = RunInfo("test", "test", clock.started_wall_s, clock.start_s, "", targets=(target,))
        (tmp_path / "record").mkdir()
        writer = RecordWriter(tmp_path / "record", info)
        events: list[tuple[str, str, str]] = []
        sampler = Sampler(writer, clock, [target], 60.0, lambda *event: events.append(event))
        tree = f"{target}/pid:{pid}"
        columns: dict[str, object] = {}
        deadline = time.monotonic() + 30
        while _trees(writer, tree) < 20:
            assert time.monotonic() < deadline, events
            time.sleep(1.0)
            columns, told = sampler.sample()
            writer.flush()
            kinds = [(one.source, one.reading.kind, one.reading.pid) for one in told]
            assert len(kinds) == len(set(kinds))
        sampler.close()
        writer.close()
    assert columns["restarts"] == 0
    assert float(str(columns["rss_bytes"])) > 1e6
    assert float(str(columns["host_memory_available_bytes"])) > 0
    rows = read_table(writer.directory / RESOURCES_CSV).columns
    own = [row for row, source in enumerate(rows["source"]) if source == tree]
    assert any(rows["cpu_cores"][row] for row in own)
    times = [float(rows["elapsed_s"][row]) for row in own if rows["kind"][row] == TREE]
    assert times == sorted(set(times))


def _trees(writer: RecordWriter, source: str) -> int:
    rows = read_table(writer.directory / RESOURCES_CSV).columns
    return sum(
        (s, kind) == (source, TREE) for s, kind in zip(rows["source"], rows["kind"], strict=True)
    )
