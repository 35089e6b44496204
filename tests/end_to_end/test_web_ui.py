"""Locust's web UI starts and stops runs; each leaves a record of its own."""

from __future__ import annotations

import csv
import json
import socket
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from support.locust_runs import Running


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def _ask(port: int, path: str, form: dict[str, str] | None = None) -> str:
    data = urllib.parse.urlencode(form).encode() if form is not None else None
    url = f"http://127.0.0.1:{port}/{path}"
    with urllib.request.urlopen(url, data=data, timeout=30) as answer:
        text: str = answer.read().decode()
        return text


def _wait_for(condition: str, check: object, timeout_s: float = 40) -> None:
    deadline = time.monotonic() + timeout_s
    while not check():  # type: ignore[operator]
        assert time.monotonic() < deadline, condition
        time.sleep(0.1)


OPEN_MODEL = "{name: steady, model: open, users: 5, stages: [{hold: {at: 50/s, for: 5m}}]}"


@pytest.mark.parametrize("name", ["locust", "steady"])
def test_start_stop_start_keeps_records_apart(tmp_path: Path, name: str) -> None:
    """Two runs from the browser, of Locust's load or of a profile, are two records, each judged."""
    port = _free_port()
    profile = tmp_path / "steady.yaml"
    profile.write_text(OPEN_MODEL)
    arguments = ("--load-profile", str(profile)) if name == "steady" else ()
    with Running(
        tmp_path, "--web-host", "127.0.0.1", "--web-port", str(port), *arguments
    ) as running:

        def answers() -> bool:
            try:
                return "state" in json.loads(_ask(port, "stats/requests"))
            except OSError:
                return False

        _wait_for("the web UI did not come up", answers)
        for number in (1, 2):
            _ask(port, "swarm", {"user_count": "2", "spawn_rate": "2"})
            _wait_for("no record", lambda n=number: len(list(tmp_path.glob("runs/*"))) == n)
            running.wait_for_rows(4)
            _ask(port, "stop", {})
            _wait_for(
                "no verdict", lambda n=number: len(list(tmp_path.glob("runs/*/verdict.json"))) == n
            )
    for record in tmp_path.glob("runs/*"):
        info = json.loads((record / "run.json").read_text())
        state = "finished" if name == "locust" else "interrupted"
        assert (info["state"], info["profile_name"]) == (state, name)
        rows = list(csv.DictReader((record / "results.csv").read_text().splitlines()))
        assert rows[0]["elapsed_s"] == "0", "its clock begins with it"
        assert len(rows) < 20
        calls = [int(float(row["calls"])) for row in rows if row["calls"]]
        assert sum(int(row["requests"]) for row in rows) == calls[-1] > 10
        if name == "steady":
            assert sum(int(row["arrivals"]) for row in rows) >= calls[-1]
