"""Runs ``locust --headless`` on a locustfile and a profile, and reads the record that it leaves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from reli_analysis.readers import read

if TYPE_CHECKING:
    from reli_analysis.series import Run

LOCUST = str(Path(sys.executable).with_name("locust"))


def start(
    home: Path, locustfile: str, *arguments: str, **environment: str
) -> subprocess.Popen[bytes]:
    """A locust in a directory of its own, which it writes its files into."""
    home.mkdir(exist_ok=True)
    (home / "locustfile.py").write_text(locustfile)
    with (home / "locust.log").open("wb") as log:
        return subprocess.Popen(
            [LOCUST, "-f", "locustfile.py", "--headless", "--only-summary", *arguments],
            cwd=home,
            env={**os.environ, **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def start_profile(home: Path, locustfile: str, profile: str) -> subprocess.Popen[bytes]:
    """The same under a load profile, given as YAML."""
    home.mkdir(exist_ok=True)
    (home / "profile.yaml").write_text(profile)
    return start(home, locustfile, "--load-profile", "profile.yaml", "--run-name", "run")


def record(home: Path) -> Run:
    """What :func:`start_profile` left; raises ``RuntimeError`` with its log when there is none."""
    if not (home / "runs" / "run").exists():
        raise RuntimeError((home / "locust.log").read_text())
    return read(home / "runs" / "run")
