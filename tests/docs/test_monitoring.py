"""docs/monitoring.md is in step with the rules, the dashboard and the services."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from support.compose import read
from support.dashboard import load

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/monitoring.md").read_text(encoding="utf-8")


def _rules() -> list[dict[str, Any]]:
    document = yaml.safe_load((ROOT / "deploy/prometheus/reli.rules.yaml").read_text())
    return [rule for group in document["groups"] for rule in group["rules"] if "alert" in rule]


def _table(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its first two lines."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_alert_is_explained() -> None:
    """Each alert stands in the table in the order of the rules, with how long it must last."""
    written = [(name.strip("`"), lasting) for name, _, lasting, _ in _table("Alerts")]
    assert written == [(rule["alert"], rule.get("for", "")) for rule in _rules()]
    assert all(when and do for _, when, _, do in _table("Alerts"))


def test_every_threshold_in_words_is_in_the_rules() -> None:
    """The shares and windows of the burn alerts are the same on the page and in the expressions."""
    when = {name.strip("`"): text for name, text, _, _ in _table("Alerts")}
    burns = {
        "ReliErrorBudgetBurnsFast": (14.4, "hour", "5 minutes", "rate1h", "rate5m"),
        "ReliErrorBudgetBurns": (6, "6 hours", "30 minutes", "rate6h", "rate30m"),
        "ReliErrorBudgetBurnsSlowly": (1, "3 days", "6 hours", "rate3d", "rate6h"),
    }
    expressions = {rule["alert"]: rule["expr"] for rule in _rules()}
    for alert, (times, long, short, *windows) in burns.items():
        assert f"more than {times} %" in when[alert]
        assert long in when[alert]
        assert short in when[alert]
        found = re.findall(r"reli:error_ratio:(\w+) > (?:([\d.]+) \* )?0\.01", expressions[alert])
        assert [(window, float(factor or 1)) for window, factor in found] == [
            (window, times) for window in windows
        ]


def test_every_panel_is_listed() -> None:
    """Rows and panels of the dashboard stand on the page in their order."""
    rows: list[list[str]] = []
    for panel in load()["panels"]:
        if panel["type"] == "row":
            rows.append([panel["title"]])
        else:
            rows[-1].append(panel["title"])
    assert [[row, *panels.split("; ")] for row, panels in _table("Dashboard")] == rows


def test_every_service_is_listed() -> None:
    """Each service of docker-compose.yml has its line."""
    services = read(RELI_AGENT_TOKEN="a-long-token")["services"]
    assert [name.strip("`") for name, _ in _table("Everything at once")] == list(services)


def test_every_metric_of_an_agent_is_listed() -> None:
    """The names in the agent's source are those on the page (resources go by the record's columns)."""
    source = "".join(path.read_text() for path in (ROOT / "src/reli/agent").glob("*.py"))
    served = set(re.findall(r'"(reli_\w+)"', source))
    assert served == {name.strip("`") for name, *_ in _table("An agent's metrics")}
