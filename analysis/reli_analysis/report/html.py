"""The report as one page that needs nothing but itself: offline, on screen, in print."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from reli_analysis.record.layout import unit_of
from reli_analysis.report import parts, target_parts
from reli_analysis.report.registry import REPORTS
from reli_analysis.units import format_duration, format_value
from reli_analysis.verdict import Verdict
from reli_analysis.visible import one_line, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Environment

    from reli_analysis.judgement import Judgement
    from reli_analysis.record import RunInfo
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

MOST_ROWS = 500
"""How many rows a table of events, failures, endpoints or processes shows; it names the rest."""
_MOMENTS = {"started_s", "wall_s"}
"""Names that state seconds since 1970, not a length of time."""


class HtmlReport:
    """One file: style and charts inside, no script, nothing fetched."""

    def render(self, judgement: Judgement) -> str:
        template = _environment().get_template("html.jinja")
        return template.render(_view(judgement)).rstrip()


def _environment() -> Environment:
    import jinja2  # noqa: PLC0415 -- --help must not pay for jinja2
    from markupsafe import Markup, escape  # noqa: PLC0415 -- as above

    def visible(value: Any) -> Any:
        return one_line(value) if type(value) is str else value

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("reli_analysis", "report"),
        autoescape=True,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )

    def indented(line: str) -> Markup:
        text = line.lstrip(" ")
        return escape(" " * (len(line) - len(text)) + one_line(text))

    # The only text that is not escaped: matplotlib escaped what it was given.
    environment.filters["drawn"] = Markup
    environment.filters["indented"] = indented
    environment.filters["value"] = format_value
    environment.filters["duration"] = format_duration
    return environment


def _view(judgement: Judgement) -> dict[str, Any]:
    """Everything that the template shows, by name."""
    from reli_analysis.summary import (  # noqa: PLC0415 -- --help must not pay for numpy
        summarise,
        summarise_endpoints,
    )
    from reli_analysis.target_summary import (  # noqa: PLC0415 -- as above
        describe_standing,
        summarise_targets,
    )

    run, findings = judgement.run, parts.worst_first(judgement.findings)
    return {
        "verdict": judgement.verdict.value,
        "title": run.title,
        "headline": parts.headline_sentence(judgement),
        "reasons": [_finding(f) for f in findings if parts.word(f) != Verdict.PASS.value],
        "facts": parts.facts(run, summarise(run)),
        "path": str(run.path),
        "advice": judgement.advice,
        "findings": [_finding(finding) for finding in findings],
        **_charts(judgement),
        "window_kinds": list(dict.fromkeys(window.kind for window in run.windows)),
        "stages": run.info.stages if run.info else (),
        "load_unit": run.info.load_unit if run.info else "",
        "events": _rows(sorted(run.events, key=lambda e: e.elapsed_s)),
        "failures": _rows(sorted(run.failures, key=lambda f: -f.count)),
        "endpoint_header": parts.ENDPOINT_HEADER,
        "endpoints": _rows([parts.endpoint_cells(e) for e in summarise_endpoints(run)]),
        "has_load": run.has_load,
        "target_header": target_parts.TARGET_HEADER,
        "targets": _rows([target_parts.target_cells(t) for t in summarise_targets(run)]),
        "stood": _rows([(one.budget, describe_standing(one)) for one in run.stood]),
        "processes": _rows(run.processes),
        "environment": _environment_facts(run),
        "profile_lines": _profile_lines(run.info),
        "damage": run.damage,
        "notes": run.notes,
        "windows": run.windows,
        "meanings": [(v.value, v.exit_code, text) for v, text in parts.MEANINGS.items()],
    }


def _charts(judgement: Judgement) -> dict[str, Any]:
    """The drawn charts, and the titles of those without data and of those that are too many."""
    # That its cache cannot be written, in a container say, is not this user's business.
    logger = logging.getLogger("matplotlib")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        from reli_analysis.report import (  # noqa: PLC0415 -- matplotlib takes long
            charts,
            marks,
            plots,
            target_charts,
        )

        choice = charts.choose(judgement.run)
        groups = target_charts.target_groups(judgement.run)
        shown = groups[: target_charts.MOST_GROUPS]
        left_out = [title for group in shown for title in group.left_out]
        left_out += [group.title for group in groups[target_charts.MOST_GROUPS :]]
        return {
            "charts": list(plots.draw_all(judgement, choice.charts)),
            "groups": [
                {"title": g.title, "charts": list(plots.draw_group(judgement, g, f"t{number}"))}
                for number, g in enumerate(shown)
            ],
            "marks": [(kind, marks.MEANINGS[kind]) for kind in marks.kinds_marked(judgement.run)],
            "absent": choice.absent,
            "left_out": (*choice.left_out, *left_out),
        }
    finally:
        logger.setLevel(level)


def _rows(items: Sequence[Any]) -> dict[str, Any]:
    """What a long table shows, and how much it leaves out."""
    return {"shown": items[:MOST_ROWS], "more": max(0, len(items) - MOST_ROWS)}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "word": parts.word(finding),
        "check": parts.check(finding),
        "observed": parts.observed(finding),
        "limit": parts.limit(finding),
        "message": finding.message,
        "evidence": [(name, _measured(name, value)) for name, value in finding.evidence.items()],
    }


def _measured(name: str, value: Any) -> str:
    """A value in the unit that its name states."""
    unit = unit_of(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or unit == "count":
        return _say(value)
    if name in _MOMENTS:
        return parts.utc(value)
    return format_value(float(value), unit)


def _say(value: Any) -> str:
    """A value without a known unit on one line."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str):
        return value
    return shorten(json.dumps(value, default=str, ensure_ascii=False), 1000)


def _environment_facts(run: Run) -> list[tuple[str, str]]:
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
        facts += [(f"{title}: {name}", _measured(name, value)) for name, value in table.items()]
    return [(name, text) for name, text in facts if text]


def _profile_lines(info: RunInfo | None) -> list[str]:
    if info is None or not info.profile:
        return []
    return json.dumps(info.profile, indent=2, default=str, ensure_ascii=False).split("\n")


REPORTS.register("html", HtmlReport())
