"""What the run record says about the machine and the software."""

from __future__ import annotations

import os
import platform
import resource
import socket
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import psutil

_PACKAGES = ("reli", "locust", "gevent", "numpy", "psutil")


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that shape a measurement."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def describe() -> dict[str, Any]:
    """Cores, memory, kernel and limits of this host."""
    descriptors, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return {
        "name": socket.gethostname(),
        "cores": os.cpu_count(),
        "usable_cores": len(os.sched_getaffinity(0)),
        "memory_bytes": psutil.virtual_memory().total,
        "kernel": platform.release(),
        "machine": platform.machine(),
        "platform": sys.platform,
        "fd_limit": descriptors,
    }
