"""What a target publishes is recorded, and judged."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.metrics_server import MetricsServer, counting

_RUN = "import sys; from {0} import main; sys.argv[0] = '{1}'; main()"


def _run(module: str, name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _RUN.format(module, name), *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("limit", "verdict"), [("1GiB", "PASS"), ("100MiB", "FAIL")])
def test_a_budget_on_a_published_number_is_judged(tmp_path: Path, limit: str, verdict: str) -> None:
    """From the endpoint's page to the verdict: a named selector is a column like any other."""
    pages = counting(
        f'heap{{area="old"}} {200_000_000 + n}\njobs_total {n * 10}\n' for n in range(2000)
    )
    with MetricsServer(*pages) as server:
        selectors = 'heap_bytes=heap{area="old"},jobs_total'
        target = f"prometheus:{server.url}#{selectors}"
        budget = f"max heap_bytes < {limit}"
        done = _run(
            *("reli.cli", "reli", "sample", target, "-o", tmp_path, "--name", "one"),
            *("--every", "0.1s", "--for", "4s", "--budget", budget),
        )
    assert done.returncode == 0, done.stderr
    record = tmp_path / "one"
    heap = [row["heap_bytes"] for row in _rows(record / "results.csv")]
    assert len([value for value in heap if value]) > 10
    assert all(float(value) >= 200_000_000 for value in heap if value)
    metrics = _rows(record / "metrics.csv")
    assert {row["metric"] for row in metrics} == {"heap_bytes", "jobs_total_per_s"}
    assert {row["source"] for row in metrics} == {target}
    judged = _run("reli_analysis.cli", "reli-analyze", record, "--format", "json")
    findings = json.loads(judged.stdout)["findings"]
    (finding,) = [finding for finding in findings if finding["subject"] == "heap_bytes"]
    assert finding["verdict"] == verdict, judged.stdout
