"""locustfiles/http.py drives a real server under a profile, and says what it cannot run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from support.locust_runs import run
from support.nginx import Nginx

LOCUSTFILE = Path(__file__).parents[2] / "locustfiles" / "http.py"

SERVER = """
location = / { return 200 "home\\n"; }
location = /search { return 200 "found\\n"; }
location = /orders { return 201; }
location = /broken { return 500; }
"""

REQUESTS = """
requests:
  - get: /
    weight: 6
  - get: /search?q=x
    name: /search
    weight: 3
  - post: /orders
    json: {item: 3}
    expect: 201
  - get: /missing
    expect: [404, 410]
"""


@pytest.mark.slow
@pytest.mark.parametrize("workers", [(), ("--processes", "2")], ids=["alone", "two workers"])
def test_a_list_of_requests_passes_the_smoke_profile(
    tmp_path: Path, workers: tuple[str, ...]
) -> None:
    """What nginx saw is in the record, under its name and in its share.

    But for what was under way when Locust ended its users: at most one request of each.
    """
    (tmp_path / "requests.yaml").write_text(REQUESTS)
    with Nginx(tmp_path / "nginx", SERVER) as nginx:
        outcome = run(
            tmp_path, "-f", str(LOCUSTFILE), "--host", nginx.url, "--requests", "requests.yaml",
            "--load-profile", "smoke", "--base-rate", "400/s", "--time-scale", "0.2", *workers,
        )  # fmt: skip
        assert outcome.held, outcome.output
        assert outcome.verdict == "PASS"
        rows = outcome.table("requests.csv")
        counted = Counter[str]()
        for row in rows:
            counted[f"{row['type']} {row['name']}"] += int(row["requests"])
            assert int(row["failures"]) == 0
        seen = nginx.requests(counted.total())
    asked = Counter(" ".join(what.split(" ")[:2]) for _, _, what in seen)
    assert not counted - asked
    assert (asked - counted).total() <= 8
    assert set(counted) == {"GET /", "GET /search", "POST /orders", "GET /missing"}
    assert counted["GET /"] > counted["GET /search"] > counted["POST /orders"] > 0


def test_a_status_that_was_not_expected_fails_the_run(tmp_path: Path) -> None:
    """Without a list it asks for "/"; in a list, what is not expected is a failure."""
    (tmp_path / "requests.yaml").write_text("requests: [{get: /, expect: 404}]")
    with Nginx(tmp_path / "nginx", SERVER) as nginx:
        outcome = run(
            tmp_path, "-f", str(LOCUSTFILE), "--host", nginx.url, "-u", "2", "-t", "4s",
            RELI_REQUESTS="requests.yaml",
        )  # fmt: skip
    # Flat out, on a host with other work, the generator may rightly be called the bottleneck too.
    assert outcome.finding("error_ratio")["verdict"] == "FAIL", outcome.output
    (failure,) = {row["text"] for row in outcome.table("failures.csv")}
    assert failure == "status 200 was not expected"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--requests", "requests.yaml"), "requests.yaml:1: requests[0].gte: unknown key"),
        (("--requests", "missing.yaml"), "missing.yaml: there is no such file"),
        (("--host", ""), "--host http://127.0.0.1:8080"),
        (("--host", "127.0.0.1"), "'127.0.0.1' is not a URL"),
        (("--requests", "requests.yaml", "--processes", "2"), 'did you mean "get"'),
    ],
)
def test_what_cannot_run_is_one_sentence(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    """Exit code 2, no traceback, no load, and nothing is left running."""
    (tmp_path / "requests.yaml").write_text("requests: [{gte: /}]")
    outcome = run(
        tmp_path, "-f", str(LOCUSTFILE), "--host", "http://127.0.0.1:1", *arguments, timeout_s=30
    )
    assert outcome.code == 2, outcome.output
    assert says in outcome.output
    assert outcome.output.count("reli: ") == 1
    assert "Traceback" not in outcome.output
    assert outcome.directory is None


PLAIN_LOCUST = """
from locust import constant, task
from reli.users import LeanHttpUser

class Visitor(LeanHttpUser):
    wait_time = constant(0.01)
    @task
    def home(self):
        assert self.client.get("/").text == "home\\n"
    @task
    def broken(self):
        self.client.get("/broken")
"""


def test_the_user_is_an_ordinary_user_of_locust(tmp_path: Path) -> None:
    """Without reli installed in the locustfile, Locust counts it and sets its own exit code."""
    with Nginx(tmp_path / "nginx", SERVER) as nginx:
        outcome = run(
            tmp_path, "--host", nginx.url, "-u", "4", "-r", "4", "-t", "3s", "--csv", "stats",
            locustfile=PLAIN_LOCUST,
        )  # fmt: skip
        assert outcome.code == 1, outcome.output
        total = int((tmp_path / "stats_stats.csv").read_text().splitlines()[-1].split(",")[2])
        assert 0 < total <= len(nginx.requests(total))
    assert "BadStatusError('status 500')" in outcome.output
    assert "Traceback" not in outcome.output
