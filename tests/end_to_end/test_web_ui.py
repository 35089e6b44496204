"""Locust's web UI starts and stops runs; each leaves a record of its own."""

from __future__ import annotations

import json
import socket
import time
import urllib.parse
import urllib.request
from pathlib import Path

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


def test_start_stop_start_keeps_records_apart(tmp_path: Path) -> None:
    """Two runs from the browser are two records, each judged when it stops."""
    port = _free_port()
    with Running(tmp_path, "--web-host", "127.0.0.1", "--web-port", str(port)) as running:

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
        assert (info["state"], info["profile_name"]) == ("finished", "locust")
        rows = (record / "results.csv").read_text().splitlines()
        assert rows[1].startswith("0,"), "its clock begins with it"
        assert len(rows) < 20
