"""The report as one page that needs nothing but itself: offline, on screen, in print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reli_analysis.report import parts, target_parts
from reli_analysis.report.facts import facts
from reli_analysis.report.page import embedded, render_page
from reli_analysis.report.registry import REPORTS
from reli_analysis.report.view.endpoints import endpoint_row
from reli_analysis.report.view.environment import environment_view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.judgement import Judgement

MOST_ROWS = 500
"""How many rows a table of events, failures, endpoints or processes shows; it names the rest."""


class HtmlReport:
    """One file: style, script and charts inside, nothing fetched."""

    def render(self, judgement: Judgement) -> str:
        return render_page("report.jinja", _view(judgement))


def _view(judgement: Judgement) -> dict[str, Any]:
    """Everything that the template shows, by name."""
    from reli_analysis.report.line_charts import change_sentence  # noqa: PLC0415 -- as below
    from reli_analysis.report.view.findings import findings_view  # noqa: PLC0415 -- as below
    from reli_analysis.report.view.over_time import over_time  # noqa: PLC0415 -- as below
    from reli_analysis.report.view.slo import slo_view  # noqa: PLC0415 -- as below
    from reli_analysis.summary import (  # noqa: PLC0415 -- --help must not pay for numpy
        summarise,
        summarise_endpoints,
    )
    from reli_analysis.target_summary import (  # noqa: PLC0415 -- as above
        describe_standing,
        summarise_targets,
    )

    run, drawn = judgement.run, over_time(judgement)
    return {
        "verdict": judgement.verdict.value,
        "title": run.title,
        "headline": parts.headline_sentence(judgement),
        "facts": facts(run, summarise(run)),
        "path": str(run.path),
        "advice": judgement.advice,
        **findings_view(judgement),
        "slos": slo_view(judgement.findings),
        "drawn": drawn,
        "points": embedded(drawn.points),
        "changes": [
            (change.finding.id, change_sentence(change, run.duration_s)) for change in drawn.changes
        ],
        "window_kinds": list(dict.fromkeys(window.kind for window in run.windows)),
        "stages": run.info.stages if run.info else (),
        "load_unit": run.info.load_unit if run.info else "",
        "events": _rows(sorted(run.events, key=lambda e: e.elapsed_s)),
        "failures": _rows(sorted(run.failures, key=lambda f: -f.count)),
        "endpoint_header": parts.ENDPOINT_HEADER,
        "endpoints": _rows([endpoint_row(e) for e in summarise_endpoints(run)]),
        "has_load": run.has_load,
        "target_header": target_parts.TARGET_HEADER,
        "targets": _rows([target_parts.target_cells(t) for t in summarise_targets(run)]),
        "stood": _rows([(one.budget, describe_standing(one)) for one in run.stood]),
        "processes": _rows(run.processes),
        **environment_view(run),
        "damage": run.damage,
        "notes": run.notes,
        "windows": run.windows,
        "meanings": [(v.value, v.exit_code, text) for v, text in parts.MEANINGS.items()],
    }


def _rows(items: Sequence[Any]) -> dict[str, Any]:
    """What a long table shows, and how much it leaves out."""
    return {"shown": items[:MOST_ROWS], "more": max(0, len(items) - MOST_ROWS)}


REPORTS.register("html", HtmlReport())
