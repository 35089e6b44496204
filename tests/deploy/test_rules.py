"""The alert rules, held against Prometheus's own tools."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.debian import find_program

FOLDER = Path(__file__).parents[2] / "deploy/prometheus"
TESTS = sorted(FOLDER.glob("*.test.yaml"))


def _promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [find_program("promtool", "prometheus"), *arguments],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _alerts() -> dict[str, dict[str, Any]]:
    document = yaml.safe_load((FOLDER / "reli.rules.yaml").read_text())
    rules = [rule for group in document["groups"] for rule in group["rules"]]
    return {rule["alert"]: rule for rule in rules if "alert" in rule}


def test_rules_and_configuration_are_valid() -> None:
    """Prometheus's own check finds nothing in either file."""
    rules = _promtool("check", "rules", "reli.rules.yaml")
    assert rules.returncode == 0, rules.stdout + rules.stderr
    config = _promtool("check", "config", "--syntax-only", "prometheus.yaml")
    assert config.returncode == 0, config.stdout + config.stderr
    assert yaml.safe_load((FOLDER / "prometheus.yaml").read_text())["rule_files"] == [
        "reli.rules.yaml"
    ]


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_alerts_fire_when_they_must_and_only_then(path: Path) -> None:
    """V054, V067, V116: each scripted series gives the alerts that are written beside it."""
    result = _promtool("test", "rules", path.name)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_alert_is_seen_firing_and_silent() -> None:
    """No alert is without a test of both, and each says who is meant and how grave it is."""
    fired: set[str] = set()
    silent: set[str] = set()
    for path in TESTS:
        for test in yaml.safe_load(path.read_text())["tests"]:
            for case in test["alert_rule_test"]:
                (fired if case["exp_alerts"] else silent).add(case["alertname"])
    alerts = _alerts()
    assert fired == silent == set(alerts)
    for rule in alerts.values():
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert rule["annotations"]["summary"].startswith("{{ $labels.instance }}: ")
