"""The Reliability tab of Locust's web UI, in a real Chromium."""

from __future__ import annotations

import csv
import json
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from reli_analysis.units import format_value
from support.chromium import Chromium
from support.live_records import results_row
from support.locust_runs import PLAIN, Running

HOSTILE = "<img src=x onerror=document.title=`hacked`>"

HOSTILE_CALLS = PLAIN.replace('self.call("serve"', f"self.call({HOSTILE!r}").replace(
    "self.calls += 1",
    f"self.calls += 1\n        if self.calls % 7 == 0: raise ValueError({HOSTILE!r})",
)

WITH_LOGIN = (
    PLAIN
    + """
from flask import session
from flask_login import UserMixin, login_user

class Somebody(UserMixin):
    def get_id(self):
        return "somebody"

@locust.events.init.add_listener
def logins(environment, **_others):
    app = environment.web_ui.app
    app.secret_key = "for a test"
    environment.web_ui.login_manager.user_loader(lambda _id: Somebody())
    environment.web_ui.auth_args = {"username_password_callback": "/enter"}

    @app.route("/enter", methods=["POST"])
    def enter():
        login_user(Somebody())
        return "welcome"
"""
)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


class Page(Running):
    """Locust with its web UI, and what its pages answer."""

    def __init__(self, home: Path, *arguments: str, base: str = "", **keywords: str) -> None:
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}{base}"
        web = ("--web-host", "127.0.0.1", "--web-port", str(port))
        super().__init__(home, *web, *arguments, **keywords)

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[dict[str, str], str]:
        """Headers and text of an answer."""
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        with urllib.request.urlopen(f"{self.url}/{path}", data=data, timeout=30) as answer:
            return dict(answer.headers), answer.read().decode()

    def data(self, query: str = "") -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.ask(f"reliability/data{query}")[1])
        return body

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + 40
        while True:
            try:
                self.ask("reliability")
            except urllib.error.HTTPError:
                return
            except OSError:
                assert time.monotonic() < deadline, self.outcome().output
                time.sleep(0.1)
            else:
                return

    def start(self) -> None:
        self.ask("swarm", {"user_count": "2", "spawn_rate": "2"})

    def stop_and_wait(self) -> Path:
        """Stop the run; returns its record once it is judged."""
        directory = self.directory
        assert directory is not None
        self.ask("stop", {})
        deadline = time.monotonic() + 60
        while not (directory / "verdict.json").exists():
            assert time.monotonic() < deadline, self.outcome().output
            time.sleep(0.1)
        return directory


@contextmanager
def locust(home: Path, *arguments: str, **keywords: str) -> Iterator[Page]:
    with Page(home, *arguments, **keywords) as page:
        page.wait_until_up()
        yield page


def columns_of(path: Path) -> dict[str, list[float]]:
    """The numbers of each column of a CSV file; cells that hold none are left out."""
    found: dict[str, list[float]] = {}
    for row in csv.DictReader(path.read_text().splitlines()):
        for name, cell in row.items():
            if re.fullmatch(r"-?[\d.]+(e[-+]?\d+)?", cell):
                found.setdefault(name, []).append(float(cell))
    return found


def series_of(body: dict[str, Any]) -> dict[tuple[str, str], tuple[list[float], list[float]]]:
    """Of each series (role, column) of a snapshot: its buckets' highs, and its three numbers."""
    subjects = body["catalog"]["subjects"]
    return {
        (subjects[place]["role"], column): (body["series"][at][-1], body["now"][at])
        for at, (place, column, _unit) in enumerate(body["catalog"]["series"])
    }


def _as_recorded(body: dict[str, Any], record: Path) -> dict[str, list[float]]:
    """Hold a snapshot against the files of the record; returns the columns of ``results.csv``."""
    series = series_of(body)
    results, resources = columns_of(record / "results.csv"), record / "resources.csv"
    for column in (
        "completed_per_s",
        "error_ratio",
        "p50_ms",
        "p95_ms",
        "p99_ms",
        "max_ms",
        "users",
    ):
        written = results[column]
        highs, now = series["", column]
        assert [high for high in highs if high is not None] == pytest.approx(written, rel=1e-5)
        assert now == pytest.approx([written[-1], min(written), max(written)], rel=1e-8), column
    trees = [
        row
        for row in csv.DictReader(resources.read_text().splitlines())
        if (row["kind"], row["role"]) == ("tree", "target")
    ]
    for column in ("rss_bytes", "fds", "threads"):
        written = [float(row[column]) for row in trees if row[column]]
        highs, now = series["target", column]
        told = [high for high in highs if high is not None]
        assert told == pytest.approx(written[: len(told)], rel=1e-5), column
        assert len(told) >= len(written) - 2, "only what was sampled after the last interval"
    return results


@pytest.mark.slow
def test_the_tab_shows_the_numbers_of_the_record(tmp_path: Path) -> None:
    """From Locust's navigation to a page whose charts and numbers are those of the record.

    The empty page before the first run, the run as it goes on, its verdict, and a second run in its
    place; ``reli watch`` says the same.
    """
    with locust(tmp_path) as page, Chromium() as browser:
        browser.open(f"{page.url}/reliability")
        browser.wait_for("document.getElementById('title').textContent === 'No run yet'")
        page.start()
        browser.wait_for("!document.getElementById('content').hidden")
        browser.open(page.url)
        tab = "[...document.querySelectorAll('[role=tab]')].find(t => t.textContent === 'Reliability')"
        browser.wait_for(f"Boolean({tab})")
        browser.evaluate(f"{tab}.focus()")
        browser.press("Enter")
        browser.wait_for("location.pathname === '/reliability'")
        browser.wait_for("document.querySelectorAll('[data-chart] path.line').length > 8")
        page.wait_for_rows(5)
        record = page.stop_and_wait()
        browser.wait_for(
            "/^(PASS|FAIL|INCONCLUSIVE|INVALID)$/.test(document.getElementById('badge').textContent)"
        )

        results = _as_recorded(page.data(), record)
        shown = dict(
            zip(browser.texts("#budgets th"), browser.texts("#budgets .badge"), strict=True)
        )
        assert set(shown) == {"error_ratio < 1%"}
        browser.evaluate("document.querySelector('details').open = true")
        numbers = browser.wait_for(
            "[...document.querySelectorAll('#numbers tr')].map(r => [...r.cells].map(c => c.textContent))"
        )
        p95 = results["p95_ms"]
        expected = [format_value(value, "ms") for value in (p95[-1], min(p95), max(p95))]
        assert ["the run", "p95_ms", *expected] in numbers
        assert browser.complaints == []

        watched = subprocess.run(
            [Path(sys.executable).with_name("reli"), "watch", "--once", record],
            capture_output=True,
            text=True,
            check=True,
            env={"COLUMNS": "140", "PYTHONIOENCODING": "utf-8"},
        ).stdout
        assert re.search(
            r"^p95\s+" + r"\s+".join(map(re.escape, expected)), watched, re.MULTILINE
        ), watched
        assert browser.texts("#badge")[0] in watched.splitlines()[0]

        browser.wait_for("!document.getElementById('report').hidden")
        browser.open(f"{page.url}/reliability/report")
        assert record.name in browser.text()

        browser.open(f"{page.url}/reliability")
        browser.wait_for(f"document.getElementById('title').textContent === {record.name!r}")
        page.start()
        browser.wait_for(f"document.getElementById('title').textContent !== {record.name!r}")
        assert page.directory != record
        assert page.data()["elapsed_s"] < results["elapsed_s"][-1]
        with pytest.raises(urllib.error.HTTPError):
            page.ask("reliability/report")


@pytest.mark.slow
def test_hostile_names_are_only_text(tmp_path: Path) -> None:
    """Names of endpoints and errors that are markup are shown at most, and never run."""
    budget = f'p95 of "{HOSTILE}" < 5s'
    with (
        locust(tmp_path, "--budget", budget, locustfile=HOSTILE_CALLS) as page,
        Chromium() as browser,
    ):
        page.start()
        browser.open(f"{page.url}/reliability")
        browser.wait_for("document.querySelectorAll('#budgets tr').length === 2")
        page.wait_for_rows(3)
        assert budget in browser.text()
        assert browser.evaluate("document.querySelectorAll('main img').length") == 0
        assert "hacked" not in browser.evaluate("document.title")
        headers, _ = page.ask("reliability")
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe-inline" not in headers["Content-Security-Policy"]
        assert browser.complaints == []


@pytest.mark.slow
def test_a_master_with_workers_shows_its_run_below_a_base_path(tmp_path: Path) -> None:
    """The page works on the master, and below ``--web-base-path`` as without."""
    options = ("--processes", "2", "--web-base-path", "/load")
    with locust(tmp_path, *options, base="/load") as page, Chromium() as browser:
        page.start()
        browser.open(f"{page.url}/?tab=reliability")
        browser.wait_for("location.pathname === '/load/reliability'")
        browser.wait_for("document.querySelectorAll('[data-chart] path.line').length > 8")
        assert browser.complaints == []
        workers = series_of(page.data())["", "workers"]
        assert workers[1][2] == 2


@pytest.mark.slow
def test_the_page_is_behind_locusts_login(tmp_path: Path) -> None:
    """With ``--web-login`` neither the page nor its data is told to a stranger."""
    with locust(tmp_path, "--web-login", locustfile=WITH_LOGIN) as page:
        for path in (
            "reliability",
            "reliability/data",
            "reliability/report",
            "reliability/page.js",
        ):
            _, text = page.ask(path)
            assert "Reliability" not in text, path
            assert "auth_args" in text or "authArgs" in text, (path, text[:500])
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        opener.open(f"{page.url}/enter", data=b"").close()
        with opener.open(f"{page.url}/reliability/data") as answer:
            assert json.loads(answer.read()) == {}


@pytest.mark.slow
def test_two_days_are_drawn_within_bounds() -> None:
    """A run of 48 h at 1 s: a bounded answer, then only what changed; every peak is in the page."""
    port, two_days = _free_port(), 172_800
    serve = [sys.executable, "-m", "support.live_page", str(port), str(two_days)]
    home = Path(__file__).parents[1]
    with subprocess.Popen(serve, cwd=home) as server, Chromium() as browser:
        try:
            url = f"http://127.0.0.1:{port}/reliability"
            first = _ask_until_up(f"{url}/data")
            assert len(first) < 300_000
            body = json.loads(first)
            cursor = body["cursor"]
            assert len(_ask_until_up(f"{url}/data?since={cursor}")) < 2_000
            rows = [results_row(index)["max_ms"] for index in range(two_days)]
            highs, now = series_of(body)["", "max_ms"]
            assert now == [rows[-1], min(rows), max(rows)]
            stretch = round(body["bucket_s"])
            tops = [max(rows[at : at + stretch]) for at in range(0, two_days, stretch)]
            assert highs == pytest.approx(tops, rel=1e-5)

            browser.open(url)
            path = "document.querySelector('[data-chart=latency] [data-column=max_ms]')"
            browser.wait_for(f"Boolean({path})")
            assert 300 < browser.evaluate(f"{path}.getAttribute('d').split('L').length") < 1300
            assert browser.evaluate("document.querySelectorAll('.event.grave').length") > 0
            browser.evaluate("document.querySelector('input[value=recent]').click()")
            browser.wait_for(
                "document.querySelector('[data-chart=latency]').innerHTML.includes('1 d 23:5')"
            )
            assert browser.evaluate(f"{path}.getAttribute('d').split('L').length") <= 620
            assert browser.complaints == []
        finally:
            server.terminate()


def _ask_until_up(url: str) -> str:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                text: str = answer.read().decode()
                return text
        except OSError:
            assert time.monotonic() < deadline, f"{url} does not answer"
            time.sleep(0.2)
