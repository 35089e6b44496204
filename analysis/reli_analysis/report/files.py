"""Writes reports into files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from reli_analysis.console import note
from reli_analysis.errors import RecordError
from reli_analysis.record.layout import JUNIT_XML, REPORT_HTML, VERDICT_JSON
from reli_analysis.record.run import write_atomically
from reli_analysis.report.json_report import document
from reli_analysis.report.registry import REPORTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from reli_analysis.judgement import Judgement


def write_report(path: Path, text: str) -> None:
    """Write one report whole; raises ``RecordError`` in one sentence when that cannot be."""
    try:
        if path.is_dir():
            raise IsADirectoryError(None, "it is a directory")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text.rstrip("\n") + "\n")
    except OSError as error:
        raise RecordError(
            f"the report cannot be written to {path}: {error.strerror}; name a writable place"
        ) from None


def write_asked(
    render: Callable[[str], str],
    directory: Path | None,
    html: Path | None,
    names: Mapping[str, str],
) -> None:
    """Write what ``--output`` and ``--html`` ask for, and say where it is.

    ``render`` makes the report of a format, ``names`` gives the file of each in ``directory``.
    """
    files = {directory / name: kind for kind, name in names.items()} if directory else {}
    if html:
        files[html] = "html"
    for path, kind in files.items():
        write_report(path, render(kind))
        note(f"wrote {path}")


def write_reports(judgement: Judgement, directory: Path) -> list[Path]:
    """Write ``verdict.json``, ``junit.xml`` and ``report.html``; the cheap and vital ones first."""
    paths = [directory / name for name in (VERDICT_JSON, JUNIT_XML, REPORT_HTML)]
    as_json, junit, html = paths
    write_report(as_json, json.dumps(document(judgement), indent=1, allow_nan=False))
    write_report(junit, REPORTS.get("junit").render(judgement))
    write_report(html, REPORTS.get("html").render(judgement))
    return paths
