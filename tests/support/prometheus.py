"""Asks a Prometheus that runs on this host."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Prometheus:
    """Its HTTP interface, on a port of loopback."""

    port: int

    def get(self, path: str, **parameters: str) -> Any:
        """What it answers; raises ``AssertionError`` with its own words when it refuses."""
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from None

    def is_ready(self) -> bool:
        """Whether it has begun; it listens before it can answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=20):
                return True
        except OSError:
            return False

    def series(self, expression: str) -> list[dict[str, Any]]:
        """What an instant query returns."""
        result: list[dict[str, Any]] = self.get("query", query=expression)["result"]
        return result

    def samples(self, selector: str) -> dict[float, float]:
        """Every sample of the one series that a selector finds, by the time of its scrape."""
        (series,) = self.series(f"{selector}[1h]")
        return {float(at_s): float(value) for at_s, value in series["values"]}

    def alerts(self) -> list[dict[str, str]]:
        """Labels of the alerts that fire."""
        return [
            alert["labels"] for alert in self.get("alerts")["alerts"] if alert["state"] == "firing"
        ]
