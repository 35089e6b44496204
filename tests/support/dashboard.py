"""The Grafana dashboard that ships: its panels, and its queries as Grafana would send them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATH = Path(__file__).parents[2] / "deploy/grafana/dashboards/reli.json"
_VARIABLES = {"$__rate_interval": "20s", "$instance": ".*", "$source": ".*"}
"""What "All" and a scrape every second or so come to."""


@dataclass(frozen=True)
class Query:
    """One query of a panel, variables filled in."""

    panel: str
    legend: str
    expression: str


def load() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return document


def panels() -> list[dict[str, Any]]:
    """Everything but the rows that divide them."""
    return [panel for panel in load()["panels"] if panel["type"] != "row"]


def filled(expression: str) -> str:
    for name, value in _VARIABLES.items():
        expression = expression.replace(name, value)
    return expression


def queries() -> list[Query]:
    """Those of all panels, and those behind the annotations."""
    drawn = [
        Query(panel["title"], target["legendFormat"], filled(target["expr"]))
        for panel in panels()
        for target in panel["targets"]
    ]
    marked = [
        Query(mark["name"], mark["textFormat"], filled(mark["expr"]))
        for mark in load()["annotations"]["list"]
    ]
    return drawn + marked
