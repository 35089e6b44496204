"""docs/monitoring.md names every metric that a run serves, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from reli.exposition import GROUPS
from reli.exposition.resources import KINDS, RESOURCES
from reli_analysis.record.layout import STANDINGS

ROOT = Path(__file__).parents[2]


def _section() -> str:
    page = (ROOT / "docs/monitoring.md").read_text(encoding="utf-8")
    return page.split("\n## Metrics\n")[1].split("\n## ")[0]


def test_every_metric_is_in_the_table() -> None:
    """Name, type, labels and meaning are those that are served."""
    rows = re.findall(
        r"^\| `(reli_[a-z_]+)` \| (\w+) \| (.*?)\| (.*) \|$", _section(), re.MULTILINE
    )
    listed = [(name, kind, re.findall(r"`(\w+)`", of), text) for name, kind, of, text in rows]
    served = [
        (metric.name, metric.kind, list(metric.labels), metric.meaning)
        for group in GROUPS
        if group is not RESOURCES
        for metric in group.metrics
    ]
    assert listed == served


def test_every_resource_is_in_the_table() -> None:
    """One row a column of resources.csv stands for all kinds that have it."""
    rows = re.findall(r"^\| `(reli_KIND_\w+)` \| (\w+) \| (.*) \|$", _section(), re.MULTILINE)
    assert len(rows) == len(set(rows))
    listed = {
        (name.replace("KIND", kind), what, text) for name, what, text in rows for kind in KINDS
    }
    assert listed == {(metric.name, metric.kind, metric.meaning) for metric in RESOURCES.metrics}
    assert all(f"`{kind}`" in _section() for kind in KINDS)


def test_every_standing_is_explained() -> None:
    """docs/budgets.md says what each standing means."""
    page = (ROOT / "docs/budgets.md").read_text(encoding="utf-8")
    section = page.split("\n## As it stands\n")[1].split("\n## ")[0]
    assert all(f"**{standing}**" in section for standing in STANDINGS)
