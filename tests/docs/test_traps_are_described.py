"""docs/verdicts.md lists the traps and the checks that there are, and no others."""

from __future__ import annotations

import re
from pathlib import Path

from reli_analysis.validity import CHECKS
from support.traps import TRAPS

PAGE = (Path(__file__).parents[2] / "docs" / "verdicts.md").read_text(encoding="utf-8")


def _rows(heading: str) -> list[tuple[str, ...]]:
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("| ")][1:]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in table]


def test_every_trap_is_described() -> None:
    """One row a trap: its name, what passes it elsewhere, the verdict and the finding."""
    said = [
        (trap.name, trap.elsewhere, trap.verdict, trap.finding.partition(" of ")[0])
        for trap in TRAPS
    ]
    assert _rows("Traps") == said


def test_every_check_is_described() -> None:
    """One row a check."""
    names = [row[0] for row in _rows("What is checked before any budget")]
    assert sorted(names) == list(CHECKS)
    assert re.search(r"2 us.*10 us", PAGE)
