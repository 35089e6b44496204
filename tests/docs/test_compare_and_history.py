"""docs/compare.md and docs/history.md name what the commands take, compare and answer."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner

from reli_analysis.compare.command import command as compare
from reli_analysis.compare.metrics import ORDER
from reli_analysis.compare.outcome import MEANINGS, Outcome
from reli_analysis.compare.settings import ALLOWED
from reli_analysis.history.command import command as history
from reli_analysis.history.otava import ATTRIBUTES, TIME
from reli_analysis.levels import NAMES
from reli_analysis.report.history_parts import MEANINGS as HISTORY_MEANINGS
from reli_analysis.units import format_value

ROOT = Path(__file__).parents[2]
COMPARE = (ROOT / "docs/compare.md").read_text(encoding="utf-8")
HISTORY = (ROOT / "docs/history.md").read_text(encoding="utf-8")


def _percent(share: float) -> str:
    return f"{share * 100:g} %"


def test_every_metric_stands_with_its_floors() -> None:
    """The table has each metric in order, with the floors and the noise that are the defaults."""
    rows = re.findall(r"^\| `(\w+)` \| .*? \| (.*?) \| (.*?) \| (.*?) \|$", COMPARE, re.MULTILINE)
    expected = [
        (
            metric.name,
            _percent(metric.relative_floor),
            f"{metric.absolute_floor * 100:g} points"
            if metric.is_share
            else format_value(metric.absolute_floor, metric.unit).replace("50 µs", "0.05 ms"),
            _percent(metric.run_noise_ratio),
        )
        for metric in ORDER
    ]
    shown = [
        (name, a, b.replace("0.1 ms", "100 µs").replace("0.01 ms", "10 µs"), c)
        for name, a, b, c in rows
    ]
    assert shown == expected


def test_every_verdict_has_its_exit_code() -> None:
    """Both pages say what each verdict means and what it exits with."""
    for page, meanings in ((COMPARE, MEANINGS), (HISTORY, HISTORY_MEANINGS)):
        for word in meanings:
            assert re.search(rf"^\| \*\*{word}\*\* \| {word.exit_code} \|", page, re.MULTILINE)
    assert set(MEANINGS) == set(Outcome)


def test_every_reason_that_can_be_allowed_is_named() -> None:
    """What --allow takes stands in the table of differences."""
    listed = set(re.findall(r"\| `([a-z][\w-]+)` \|$", COMPARE, re.MULTILINE))
    assert listed == set(ALLOWED)


def test_every_level_is_named() -> None:
    """A history follows what docs/history.md says."""
    assert all(f"`{name}`" in HISTORY for name in NAMES)


def test_otavas_configuration_fits_the_export() -> None:
    """The configuration on the page names columns that the export has."""
    (text,) = re.findall(r"```yaml\n(.*?)```", HISTORY, re.DOTALL)
    (test,) = yaml.safe_load(text)["tests"].values()
    assert test["time_column"] == TIME
    assert tuple(test["attributes"]) == ATTRIBUTES
    assert set(test["metrics"]) <= set(NAMES)
    assert all(metric["column"] == name for name, metric in test["metrics"].items())


@pytest.mark.parametrize(("command", "page"), [(compare, COMPARE), (history, HISTORY)])
def test_every_option_is_described(command: click.Command, page: str) -> None:
    """Whatever --help offers is on the page."""
    result = CliRunner().invoke(command, ["--help"])
    options = re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", result.output, re.MULTILINE)
    assert len(options) > 5
    assert all(option == "--help" or f"`{option}" in page for option in options)
