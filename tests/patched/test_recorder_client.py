"""Locust's side of the recorder gives up on one that hangs, before it fills the memory."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import gevent

from reli.clock import boot_id
from reli.recorder.client import MAX_QUEUED_BYTES, RecorderClient
from reli_analysis.record import RunInfo

MIB = 2**20


def test_a_recorder_that_hangs_has_failed_once_too_much_waits_for_it(tmp_path: Path) -> None:
    """Up to the limit its messages wait; past it, the run is told that nothing is recorded."""
    info = RunInfo(
        run_id="hangs",
        profile_name="test",
        started_wall_s=time.time(),
        started_monotonic_s=time.monotonic(),
        boot_id=boot_id(),
    )
    client = RecorderClient(tmp_path, info, uss_every_s=60, show_progress=False, metrics_port=None)
    pid = client._process.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        text = "x" * MIB
        for _ in range(MAX_QUEUED_BYTES // MIB - 2):
            client.send("event", {"event": "test", "subject": "", "message": text})
            gevent.sleep(0)
        assert client.alive
        for _ in range(4):
            client.send("event", {"event": "test", "subject": "", "message": text})
        assert not client.alive
    finally:
        os.kill(pid, signal.SIGKILL)
    assert not client.finish("lost", "the test is over")
