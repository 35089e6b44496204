"""The Grafana dashboard, as far as it can be held against its format without Grafana."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import yaml

from support.dashboard import load, panels, queries

PROVISIONING = Path(__file__).parents[2] / "deploy/grafana/provisioning"
KINDS = {"stat", "table", "timeseries", "heatmap", "state-timeline"}
UNITS = {"s", "short", "none", "reqps", "percentunit", "bytes", "Bps"}
COLUMNS = 24


def _cells(panel: dict[str, Any]) -> set[tuple[int, int]]:
    place = panel["gridPos"]
    across = range(place["x"], place["x"] + place["w"])
    down = range(place["y"], place["y"] + place["h"])
    return set(itertools.product(across, down))


def test_panels_lie_beside_each_other() -> None:
    """Each has a number of its own, a place within the grid, and none lies on another."""
    everything = load()["panels"]
    numbers = [panel["id"] for panel in everything]
    assert len(set(numbers)) == len(numbers) > 30
    taken: set[tuple[int, int]] = set()
    for panel in everything:
        cells = _cells(panel)
        assert not cells & taken, panel["title"]
        assert all(0 <= x < COLUMNS for x, _ in cells), panel["title"]
        taken |= cells


def test_every_panel_says_what_it_shows() -> None:
    """A title of its own, a sentence, a unit that Grafana knows, and a legend for each line."""
    titles = [panel["title"] for panel in panels()]
    assert len(set(titles)) == len(titles)
    for panel in panels():
        assert panel["type"] in KINDS, panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS, panel["title"]
        references = [target["refId"] for target in panel["targets"]]
        assert len(set(references)) == len(references) > 0, panel["title"]
        if panel["type"] != "table":
            assert all(target["legendFormat"] for target in panel["targets"]), panel["title"]


def test_everything_asks_the_datasource_that_is_provisioned() -> None:
    """Panels, queries, variables and annotations name one datasource, by the uid it gets."""
    (source,) = yaml.safe_load((PROVISIONING / "datasources/prometheus.yaml").read_text())[
        "datasources"
    ]
    document = load()
    asking = [
        *panels(),
        *(target for panel in panels() for target in panel["targets"]),
        *document["templating"]["list"],
        *document["annotations"]["list"],
    ]
    assert all(
        one["datasource"] == {"type": source["type"], "uid": source["uid"]} for one in asking
    )


def test_every_variable_is_filled() -> None:
    """No query keeps a variable that the dashboard does not define."""
    defined = {variable["name"] for variable in load()["templating"]["list"]}
    assert defined == {"instance", "source"}
    assert all("$" not in query.expression for query in queries())
