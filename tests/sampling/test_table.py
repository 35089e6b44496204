"""The table of processes sees what has started without listing all of them each time."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from reli.sampling.proc import table as module
from reli.sampling.proc.table import ProcessTable


@contextmanager
def _never_listed(monkeypatch: pytest.MonkeyPatch) -> Iterator[ProcessTable]:
    """A table that has listed once and would fail to do so again."""
    monkeypatch.setattr(module, "_LIST_ANYWAY_S", 1e9)
    monkeypatch.setattr(module, "_FEW_NEW", 100_000)
    table = ProcessTable()
    table.refresh()
    monkeypatch.setattr(table, "_list", lambda: pytest.fail("it listed"))
    yield table


def test_a_new_process_is_found_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel tells the newest number, and those up to it are tried."""
    with _never_listed(monkeypatch) as table, subprocess.Popen(["sleep", "60"]) as new:
        table.refresh()
        found = table.get(new.pid)
        assert found is not None
        assert found.parent_pid == os.getpid()
        assert new.pid in table.kin.offspring(os.getpid())
        new.kill()


def test_a_thread_is_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its number is of the same kind, and can be looked up in /proc, too."""
    end = threading.Event()
    with _never_listed(monkeypatch) as table:
        thread = threading.Thread(target=end.wait)
        thread.start()
        table.refresh()
        assert thread.native_id is not None
        assert table.get(thread.native_id) is None
        end.set()
        thread.join()


def test_a_number_that_is_given_away_and_not_seen_yet_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A process has its number a moment before it can be seen."""
    with _never_listed(monkeypatch) as table, subprocess.Popen(["sleep", "60"]) as new:
        found = table._found
        monkeypatch.setattr(table, "_found", lambda pid: pid != new.pid and found(pid))
        table.refresh()
        assert table.get(new.pid) is None
        monkeypatch.setattr(table, "_found", found)
        table.refresh()
        assert table.get(new.pid) is not None
        new.kill()
