"""Rules and dashboard ask for metrics that are served."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from reli.sampling.names import RESOURCE_KINDS, column_of
from support.dashboard import queries

ROOT = Path(__file__).parents[2]
_METRIC = re.compile(r"(?<![\w:.*|])reli_\w+")


def _rules() -> list[dict[str, str]]:
    document = yaml.safe_load((ROOT / "deploy/prometheus/reli.rules.yaml").read_text())
    return [rule for group in document["groups"] for rule in group["rules"]]


def _asked() -> set[str]:
    expressions = [query.expression for query in queries()] + [rule["expr"] for rule in _rules()]
    return {name for text in expressions for name in _METRIC.findall(text)}


def test_every_metric_of_a_rule_or_panel_is_served() -> None:
    """Resources go by the columns of the record, the rest stands in docs/monitoring.md."""
    page = (ROOT / "docs/monitoring.md").read_text(encoding="utf-8")
    asked = _asked()
    assert len(asked) > 40
    for name in asked:
        if name.split("_")[1] in RESOURCE_KINDS:
            assert column_of(name), name
        else:
            assert f"`{name.removesuffix('_bucket')}" in page, name


def test_every_recorded_ratio_is_recorded() -> None:
    """What a panel or an alert takes from a recording rule, a rule records."""
    expressions = [query.expression for query in queries()] + [rule["expr"] for rule in _rules()]
    taken = {name for text in expressions for name in re.findall(r"reli:[\w:]+", text)}
    assert taken <= {rule["record"] for rule in _rules() if "record" in rule}
