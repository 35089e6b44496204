"""Records of a service that is run again and again: the same but for noise, or changed on purpose."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from reli_analysis.cli import main
from support.synthetic import STARTED_WALL_S, Script, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOST = {
    "name": "bench-1",
    "cores": 4,
    "usable_cores": 4,
    "memory_bytes": 8 * 2**30,
    "kernel": "6.1",
    "machine": "x86_64",
    "platform": "linux",
}
VERSIONS = {"reli": "0.1.0", "locust": "2.47"}
_OUR_OWN = {"COLUMNS", "FORCE_COLOR", "NO_COLOR", "RELI_TRACEBACK", "GITHUB_STEP_SUMMARY"}


@dataclass(frozen=True)
class Repeat:
    """One run: latencies around ``level`` times 20 ms, a share of failures, when it began.

    ``noise`` is the standard deviation of the logarithm of the run's own level. ``info`` are fields
    of run.json in the place of the usual ones.
    """

    name: str
    seed: int = 0
    level: float = 1.0
    noise: float = 0.01
    error_ratio: float = 0.0
    at_s: float = 0.0
    steady_s: int = 100
    requests_per_s: int = 40
    endpoints: tuple[tuple[str, str], ...] = (("GET", "/a"), ("GET", "/b"))
    columns: dict[str, float | None] = field(default_factory=dict)
    info: dict[str, Any] = field(default_factory=dict)

    def write(self, parent: Path) -> Path:
        """The record, in a directory of the run's name."""
        own = float(np.exp(np.random.default_rng(1000 + self.seed).normal(0, self.noise)))
        level_ms = 20 * self.level * own
        failed = round(self.requests_per_s / len(self.endpoints) * self.error_ratio)
        columns = {"offered_per_s": float(self.requests_per_s), **self.columns}
        columns["iterations_per_s"] = columns["offered_per_s"]
        script = Script(
            steady_s=self.steady_s,
            seed=self.seed,
            requests=lambda _second: self.requests_per_s,
            failures=lambda _second: failed,
            latencies_ms=lambda rng, _second, count: np.asarray(
                level_ms * np.exp(0.3 * rng.standard_normal(count))
            ),
            endpoints=self.endpoints,
            columns={name: _always(value) for name, value in columns.items()},
            info={
                "run_id": self.name,
                "started_wall_s": STARTED_WALL_S + self.at_s,
                "host": HOST,
                "versions": VERSIONS,
                **self.info,
            },
        )
        return write(parent / self.name, script).path


def _always(value: float | None) -> Callable[[int], float | None]:
    return lambda _second: value


def several(parent: Path, name: str, count: int, seed: int, **fields: Any) -> list[Path]:
    """So many repeats, an hour apart."""
    return [
        Repeat(f"{name}-{at}", seed=seed + at, at_s=3600.0 * at + seed, **fields).write(parent)
        for at in range(count)
    ]


def analyze(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """``reli-analyze`` as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "reli_analysis", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        cwd=cwd,
        env={name: value for name, value in os.environ.items() if name not in _OUR_OWN},
    )


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


def ask(*words: str | Path) -> Said:
    """``reli-analyze`` within this process, which has imported everything once."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return Said(int(ended.value.code or 0), out.getvalue(), err.getvalue())


def document(*words: str | Path) -> dict[str, Any]:
    """What ``reli-analyze ... --format json`` tells; its exit code is that of the verdict."""
    said = ask(*words, "--format", "json")
    assert said.stdout, said.stderr
    told: dict[str, Any] = json.loads(said.stdout)
    assert said.returncode == told["exit_code"], said.stderr
    return told


def row_of(told: dict[str, Any], metric: str, endpoint: str | None = None) -> dict[str, Any]:
    """The row of a metric in a comparison's document."""
    (row,) = [r for r in told["rows"] if (r["metric"], r["endpoint"]) == (metric, endpoint)]
    return dict(row)
