"""docs/formats.md is in step with the readers."""

from __future__ import annotations

import re
from pathlib import Path

from reli_analysis.readers import READERS
from reli_analysis.readers.dialect import TIME_COLUMNS
from reli_analysis.readers.unit_names import is_unit

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")


def test_every_reader_is_described() -> None:
    """The table of formats has each reader by its name, and no other."""
    table = PAGE.split("\n## ")[0]
    assert sorted(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)) == READERS.names()


def test_every_time_column_and_unit_is_described() -> None:
    """What is known is listed, and what is listed is known."""
    section = PAGE.split("\n## Any CSV\n")[1].split("\n## ")[0]
    assert all(f"`{name}`" in section for name in TIME_COLUMNS)
    rows = re.findall(r"^\| (`.*`) \|", section, re.MULTILINE)
    units = [unit for row in rows for unit in re.findall(r"`([^`]+)`", row)]
    assert len(units) >= 16
    assert all(is_unit(unit) for unit in units)
