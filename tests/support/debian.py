"""Programs of Debian that tests run against; installed when they are missing and we may."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from pathlib import Path

_WHERE = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"


def find_program(name: str, package: str, where: str = _WHERE) -> str:
    """The path of a program; raises ``FileNotFoundError`` that says what to install."""
    if shutil.which(name, path=where) is None and shutil.which("apt-get"):
        # Tests run side by side, and only one of them can install.
        with Path("/tmp/reli-tests-apt.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if shutil.which(name, path=where) is None:
                _install(package)
    found = shutil.which(name, path=where)
    if found is None:
        raise FileNotFoundError(f"there is no {name}; install it: apt-get install {package}")
    return found


def _install(package: str) -> None:
    """Install it without starting what it would serve."""
    subprocess.run(
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", package],
        env={"DEBIAN_FRONTEND": "noninteractive", "PATH": f"{_WHERE}:/bin:/sbin", "RUNLEVEL": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=100,
        check=False,
    )
