"""The judgement as one JSON document on one line, for programs.

Its fields are fixed by ``format_version`` and described by ``verdict.schema.json`` beside this file.
Numbers are in the unit that stands beside them or in their name, and one that does not exist is
``null``.
"""

from __future__ import annotations

import dataclasses
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from reli_analysis.report.plain import plain
from reli_analysis.report.registry import REPORTS

if TYPE_CHECKING:
    from reli_analysis.judgement import Judgement
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

FORMAT_VERSION = 3
"""History: 3, 2026-11-21, ``levels`` is new, and evidence tells intervals, fits and changes;
2, 2026-11-21, ``targets`` and ``run.load`` are new; 1, 2026-11-21, the first."""


def schema() -> str:
    """The JSON Schema of the document, as it is published."""
    return (files("reli_analysis.report") / "verdict.schema.json").read_text(encoding="utf-8")


class JsonReport:
    """One document a run; several runs are one document a line."""

    def render(self, judgement: Judgement) -> str:
        return json.dumps(document(judgement), allow_nan=False)


def document(judgement: Judgement) -> dict[str, Any]:
    """The report as plain JSON values."""
    from reli_analysis.levels import levels_of  # noqa: PLC0415 -- --help must not pay for numpy

    return {
        "format_version": FORMAT_VERSION,
        "verdict": judgement.verdict.value,
        "exit_code": judgement.verdict.exit_code,
        "path": plain(str(judgement.run.path)),
        "title": plain(judgement.run.title),
        "run": _run(judgement.run),
        "targets": _targets(judgement.run),
        "levels": plain(levels_of(judgement.run)),
        "findings": [_finding(finding) for finding in judgement.findings],
        "advice": plain(judgement.advice),
    }


def _run(run: Run) -> dict[str, Any]:
    from reli_analysis.summary import summarise  # noqa: PLC0415 -- --help must not pay for numpy

    summary, info = summarise(run), run.info
    values: dict[str, Any] = {
        "profile": info.profile_name if info else None,
        "state": info.state if info else None,
        "state_reason": info.state_reason if info else None,
        "started_wall_s": info.started_wall_s if info else None,
        "duration_s": summary.duration_s,
        "planned_s": info.planned_s if info else None,
        "time_scale": info.time_scale if info else None,
        "load": run.has_load,
        "interval_s": run.interval_s,
        "requests": summary.requests,
        "failures": summary.failures,
        "error_ratio": summary.error_ratio,
        "completed_per_s": summary.completed_per_s,
        "offered_max_per_s": summary.offered_max_per_s,
        "users_max": summary.users_max,
        "workers_max": summary.workers_max,
        "open_model": dataclasses.asdict(summary.open_model) if summary.open_model else None,
        "notes": run.notes,
    }
    return {name: plain(value) for name, value in values.items()}


def _targets(run: Run) -> list[dict[str, Any]]:
    from reli_analysis.target_summary import summarise_targets  # noqa: PLC0415 -- as above

    return [plain(dataclasses.asdict(target)) for target in summarise_targets(run)]


def _finding(finding: Finding) -> dict[str, Any]:
    values = {
        "id": finding.id,
        "kind": finding.kind,
        "subject": finding.subject,
        "verdict": finding.verdict.value,
        "observed": finding.observed,
        "limit": finding.limit,
        "unit": finding.unit,
        "message": finding.message,
        "evidence": finding.evidence,
        "warning": finding.warning,
    }
    return {name: plain(value) for name, value in values.items()}


REPORTS.register("json", JsonReport())
