"""What the recorder tells of an interval is of that interval."""

from __future__ import annotations

import os
import time
from pathlib import Path

from reli.clock import boot_id
from reli.recorder.protocol import IntervalRow
from reli.recorder.recording import Recorder
from reli.recorder.settings import Settings
from reli.recorder.told import Told
from reli_analysis.record import RunInfo

HEALTH = {"lag_ms": 1.0, "cpu_cores": 0.1, "fds_ratio": 0.01, "sockets_ratio": 0.01}


class Ear:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.told: list[Told] = []

    def tell(self, told: Told) -> None:
        self.told.append(told)

    def close(self) -> None:
        """Nothing is held open."""


def row(index: int) -> IntervalRow:
    return IntervalRow(
        index=index,
        stage="",
        window="steady",
        users=1,
        workers=1,
        offered=None,
        iterations=None,
        health=HEALTH,
        services={},
        open_model=None,
        endpoints=[],
        failures=[],
        metrics={},
    )


def test_intervals_that_come_late_are_told_with_their_own_samples(tmp_path: Path) -> None:
    """Three intervals at once have three samples; one without any has the newest, and says whose."""
    info = RunInfo(
        run_id="told",
        profile_name="told",
        started_wall_s=time.time(),
        started_monotonic_s=time.monotonic(),
        boot_id=boot_id(),
        interval_s=0.1,
        targets=(f"pid:{os.getpid()}",),
    )
    recorder = Recorder(info, Settings(parent=str(tmp_path)))
    ear = Ear()
    recorder.observers.append(ear)
    indexes: list[int] = []
    while len(indexes) < 3:
        time.sleep(recorder.wait_s)
        tick = recorder.sample()
        if tick is not None:
            indexes.append(tick.index)
    for index in indexes:
        recorder.take(row(index))
    recorder.write()
    recorder.take(row(indexes[-1] + 1))
    recorder.end("finished", "")
    assert [told.row.index for told in ear.told] == [*indexes, indexes[-1] + 1]
    assert [told.measured_index for told in ear.told] == [*indexes, indexes[-1]]
    samples = [tuple(map(id, told.measured)) for told in ear.told]
    assert len(set(samples)) == 3
    assert samples[3] == samples[2]
