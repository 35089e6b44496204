"""Judges recordings of real programs, and prints the table of docs/verdicts.md.

``python benchmarks/real_programs_table.py DIRECTORY...``, each as ``real_programs_record.py`` left it.
What a program says that it kept is what is true; the tool sees its processes from outside.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reli_analysis.budgets.leaks.wording import rate
from reli_analysis.judge import judge
from reli_analysis.readers import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reli_analysis.verdict import Finding

COLUMNS = ("rss_bytes", "uss_bytes", "fds")
BUDGETS = ("no leak in rss, uss above 16MiB/h", "no leak in fds above 60/h")
"""A fraction of what the leaky programs leak, so that minutes are enough."""

HEADER = (
    "| Program | What it does | Leaks, by its own account | RSS | USS | Descriptors |\n"
    "|---|---|---|---|---|---|"
)
_UNITS = {"rss_bytes": "bytes", "fds": "count"}


def judged(directory: Path) -> Iterator[tuple[dict[str, Any], dict[str, Finding]]]:
    """Each program with what was found of it by column."""
    findings = {one.subject: one for one in judge(read(directory), BUDGETS).findings}
    for truth in json.loads((directory / "truth.json").read_text()):
        yield truth, {name: findings[f"{name} of {truth['target']}"] for name in COLUMNS}


def _answer(finding: Finding) -> str:
    return str(finding.evidence.get("answer", "INCONCLUSIVE"))


def _cell(finding: Finding) -> str:
    told, unit = finding.evidence, finding.unit.removesuffix("/h")
    match _answer(finding):
        case "LEAK":
            ends = " to ".join(rate(told[end], unit) for end in ("low_per_h", "high_per_h"))
            return f"LEAK {rate(told['rate_per_h'], unit)} ({ends})"
        case "NO LEAK ABOVE":
            return f"no leak above {rate(told['smallest_seen_per_h'], unit)}"
        case answer:
            return answer


def _row(truth: dict[str, Any], found: dict[str, Finding]) -> str:
    known = "no"
    if truth["leaks"]:
        what = " of memory" if truth["leaks"] == "rss_bytes" else " descriptors"
        known = rate(truth["kept_per_h"], _UNITS[truth["leaks"]]).replace("/h", f"{what} an hour")
    cells = (truth["program"], truth["does"], known, *(_cell(found[name]) for name in COLUMNS))
    return f"| {' | '.join(cells)} |"


def _asked(truth: dict[str, Any]) -> tuple[str, ...]:
    """The columns of which the truth is known: a leak of descriptors may take memory along."""
    if not truth["leaks"]:
        return COLUMNS
    return ("fds",) if truth["leaks"] == "fds" else ("rss_bytes", "uss_bytes")


def main(directories: list[Path]) -> None:
    """Print one table, and how often which answer was given of leaky and of healthy series."""
    print(HEADER)
    counts: Counter[tuple[str, str]] = Counter()
    for directory in directories:
        for truth, found in judged(directory):
            print(_row(truth, found))
            kind = "leaky" if truth["leaks"] else "healthy"
            counts.update((kind, _answer(found[name])) for name in _asked(truth))
    for (kind, answer), count in sorted(counts.items()):
        print(f"{kind} series: {count} {answer}", file=sys.stderr)


if __name__ == "__main__":
    main([Path(text) for text in sys.argv[1:]])
