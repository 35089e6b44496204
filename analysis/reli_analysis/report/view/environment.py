"""Where and with what a run was made, as the page shows it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from reli_analysis.report.view.findings import measured
from reli_analysis.units import format_duration

if TYPE_CHECKING:
    from reli_analysis.record import RunInfo
    from reli_analysis.series import Run


def environment_view(run: Run) -> dict[str, Any]:
    return {"environment": _facts(run), "profile_lines": _profile_lines(run.info)}


def _facts(run: Run) -> list[tuple[str, str]]:
    info = run.info
    if info is None:
        return []
    facts = [
        ("run", info.run_id),
        ("command", " ".join(info.command)),
        ("targets", ", ".join(info.targets)),
        ("seed", "" if info.seed is None else str(info.seed)),
        ("interval", format_duration(run.interval_s)),
    ]
    for title, table in (
        ("host", info.host),
        ("version", info.versions),
        ("recorder", info.recorder),
    ):
        facts += [(f"{title}: {name}", measured(name, value)) for name, value in table.items()]
    return [(name, text) for name, text in facts if text]


def _profile_lines(info: RunInfo | None) -> list[str]:
    if info is None or not info.profile:
        return []
    return json.dumps(info.profile, indent=2, default=str, ensure_ascii=False).split("\n")
