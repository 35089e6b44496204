"""One run of a history: when it began, what it was of, its verdict and its levels."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reli_analysis.errors import InputError, ReliError
from reli_analysis.record.checked import read_checked_info
from reli_analysis.record.layout import RUN_JSON, VERDICT_JSON
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reli_analysis.record import RunInfo

_DEEPEST = 6


@dataclass(frozen=True)
class Entry:
    """A run as its verdict.json tells it, or as it was judged just now.

    ``levels`` are by name (``levels.NAMES``), ``findings`` the verdict of each by its id.
    """

    path: Path
    info: RunInfo
    verdict: Verdict
    levels: Mapping[str, float | None]
    findings: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return self.info.run_id

    @property
    def started_wall_s(self) -> float:
        return self.info.started_wall_s


def find_records(directories: Iterable[Path]) -> list[Path]:
    """The run records in or below some directories, each once; nothing lies within a record.

    Raises ``InputError`` when a directory is none, or when there is no record at all.
    """
    found: dict[Path, Path] = {}
    names = [str(directory) for directory in directories]
    for directory in map(Path, names):
        if not directory.is_dir():
            what = "is not a directory" if directory.exists() else "does not exist"
            raise InputError(f"{directory} {what}; name the directory that holds the runs")
        for record in _below(directory):
            found.setdefault(record.resolve(), record)
    if not found:
        raise InputError(
            f"there is no run record (a directory with {RUN_JSON}) in {', '.join(names)}"
        )
    return sorted(found.values())


def _below(directory: Path) -> Iterator[Path]:
    depth = len(directory.parts)
    for place, inner, files in os.walk(directory):
        path = Path(place)
        if RUN_JSON in files:
            inner.clear()
            yield path
        elif len(path.parts) - depth >= _DEEPEST:
            inner.clear()


def read_entry(path: Path) -> Entry:
    """The entry of a record; raises ``ReliError`` in one sentence.

    What verdict.json tells is taken as it is; a record without one (or with one that does not tell
    its levels) is read and judged.
    """
    info = read_checked_info(path)
    told = _told(path / VERDICT_JSON)
    if told is not None:
        verdict, levels, findings = told
        return Entry(path, info, verdict, levels, findings)
    from reli_analysis.judge import judge  # noqa: PLC0415 -- costly, and seldom needed
    from reli_analysis.levels import levels_of  # noqa: PLC0415 -- as above
    from reli_analysis.readers import read  # noqa: PLC0415 -- as above

    run = read(path)
    judgement = judge(run)
    verdicts = {finding.id: finding.verdict.value for finding in judgement.findings}
    return Entry(path, run.info or info, judgement.verdict, levels_of(run), verdicts)


def _told(file: Path) -> tuple[Verdict, dict[str, float | None], dict[str, str]] | None:
    """What a verdict.json says; ``None`` when it is missing, broken, or of before levels."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        verdict, levels = Verdict(document["verdict"]), document["levels"]
        findings = {str(f["id"]): str(f["verdict"]) for f in document["findings"]}
        return verdict, {str(name): _number(value) for name, value in levels.items()}, findings
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _number(value: Any) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if known and abs(value) < float("inf") else None


def read_entries(paths: Iterable[Path]) -> tuple[list[Entry], list[tuple[Path, str]]]:
    """All entries in order of their start, and the records that cannot be read, with the reason."""
    entries, unread = [], []
    for path in paths:
        try:
            entries.append(read_entry(path))
        except ReliError as error:
            unread.append((path, str(error)))
    return sorted(entries, key=lambda e: (e.started_wall_s, e.title)), unread
