"""docker-compose.yml says commands that work: they are run here as local processes."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import yaml

from support.locust_runs import Running, master_ports

ROOT = Path(__file__).parents[2]


def _command(service: str) -> list[str]:
    """A service's command with the defaults of its variables."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", compose["services"][service]["command"])
    return shlex.split(text)


def _local(command: list[str], ports: tuple[str, ...]) -> list[str]:
    """The command on this host alone: loopback, a free port, and the locustfile at hand."""
    words = iter(command)
    kept: list[str] = []
    for word in words:
        if word in {"-f", "--master-bind-host", "--master-host"}:
            next(words)
        else:
            kept.append(word)
    return [*kept, *ports]


def test_the_services_of_the_compose_file_make_one_run(tmp_path: Path) -> None:
    """Master and two workers, started as the file says, leave one judged record."""
    master, worker = _command("master"), _command("worker")
    locustfile = ROOT / master[master.index("-f") + 1]
    assert locustfile.exists()
    assert worker[worker.index("-f") + 1] == master[master.index("-f") + 1]
    shutil.copy(locustfile, tmp_path / "locustfile.py")
    ports = master_ports()
    shortened = {"RELI_TIME_SCALE": "0.2"}
    with (
        Running(tmp_path, *_local(master, ports), **shortened) as leader,
        Running(tmp_path, *_local(worker, ports)),
        Running(tmp_path, *_local(worker, ports)),
    ):
        outcome = leader.wait()
    joined = [row for row in outcome.table("events.csv") if "joined" in row["message"]]
    assert len(joined) == 2
    assert outcome.column("spans_arrived")[-1] == outcome.column("spans_created")[-1] > 0
    assert outcome.finding("drop_ratio")["verdict"] == "PASS"
