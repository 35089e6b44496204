"""Drives any service over HTTP with a list of weighted requests.

    locust -f locustfiles/http.py --headless --host http://127.0.0.1:8080
    locust -f locustfiles/http.py --headless --host ... --requests locustfiles/requests.yaml
    locust -f locustfiles/http.py --headless --host ... --load-profile stress --base-rate 500/s

Without ``--requests`` (or RELI_REQUESTS) it asks for what REQUESTS below says. docs/http.md has the
keys of a request.
"""
# ruff: noqa: E402 -- the name says what it drives; the package of that name is put back first

from __future__ import annotations

import sys
import urllib.request

# Locust loads this file as "http"; what imports the standard library's package later must find it.
sys.modules["http"] = urllib.request.http  # type: ignore[attr-defined]  # it imports the package

from locust import constant, events, task

from reli.http.mix import RequestMix
from reli.users import LeanHttpUser
from reli.wiring import install

REQUESTS = [{"get": "/"}]

mix = RequestMix.install(events, REQUESTS)
install(events)


class Visitor(LeanHttpUser):
    """Asks for one thing after another."""

    wait_time = constant(0)

    @task
    def ask(self) -> None:
        """One request of the mix."""
        mix.send_one(self.client)
