"""What was run, in the words that several reports use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.report.parts import Fact, plural, utc
from reli_analysis.units import format_duration, format_value
from reli_analysis.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reli_analysis.series import Run
    from reli_analysis.summary import OpenModelSummary, Summary


def _profile(run: Run) -> str:
    if run.info is None:
        return "none: a table of numbers on its own"
    name = one_line(run.info.profile_name)
    scale = run.info.time_scale
    if scale == 1:
        return name
    change = "shortened" if scale < 1 else "stretched"
    return f"{name}, {change} to {scale * 100:.4g} % of its length (time_scale {scale:g})"


def _ran(run: Run, summary: Summary) -> str:
    text = format_duration(summary.duration_s)
    if run.info is None:
        return text
    planned = run.info.planned_s
    if planned is not None and summary.duration_s < 0.99 * planned:
        text += f" of {format_duration(planned)} planned"
    text += f", {run.info.state}"
    reason = one_line(run.info.state_reason)
    text += f" ({reason})" if reason else ""
    begun = utc(run.info.started_wall_s)
    return text + (f", began {begun}" if begun else "")


def _requests(summary: Summary) -> str:
    if summary.requests is None:
        return "not measured"
    text = f"{summary.requests:,}"
    if summary.completed_per_s is not None:
        text += f", {format_value(summary.completed_per_s, '1/s')} on average"
    if summary.failures is not None:
        text += f", {summary.failures:,} failed"
        if summary.failures:
            text += f" ({format_value(summary.error_ratio, 'ratio')})"
    return text


def _load(summary: Summary) -> str:
    parts = []
    if summary.offered_max_per_s is not None:
        parts.append(f"up to {format_value(summary.offered_max_per_s, '1/s')} asked for")
    if summary.users_max is not None:
        parts.append(f"up to {plural(summary.users_max, 'user')}")
    if summary.workers_max is not None and summary.workers_max > 1:
        parts.append(f"from {summary.workers_max:,} load processes")
    return ", ".join(parts) or "not measured"


def _arrivals(model: OpenModelSummary) -> str:
    """What became of the load of the open model."""
    text = "" if model.offered is None else f"{model.offered:,} offered, "
    text += f"{model.arrivals:,} arrived"
    if model.finished is not None:
        text += f", {model.finished:,} finished"
    text += f", {model.dropped or 0:,} dropped"
    if model.waiting_max is not None:
        text += f", up to {model.waiting_max:,} waiting at once"
    if model.busy_users_max is not None:
        text += f", up to {model.busy_users_max:,.3g} users busy"
    return text


def _times(percentiles_ms: Mapping[str, float | None]) -> str:
    return ", ".join(f"{name} {format_value(ms, 'ms')}" for name, ms in percentiles_ms.items())


def facts(run: Run, summary: Summary) -> list[Fact]:
    """What was run: profile, duration, requests, load; and the open model's arrivals and times."""
    return _common_facts(run, summary) + _open_model_facts(summary.open_model)


def _open_model_facts(model: OpenModelSummary | None) -> list[Fact]:
    if model is None:
        return []
    told = [Fact("arrivals", _arrivals(model))]
    if any(value is not None for value in model.response_ms.values()):
        told.append(Fact("response", f"{_times(model.response_ms)}: from the intended start"))
        told.append(Fact("service", f"{_times(model.service_ms)}: from sending"))
    return told


def _common_facts(run: Run, summary: Summary) -> list[Fact]:
    if not run.has_load:
        return [Fact("ran", _ran(run, summary)), Fact("measured", "targets alone, without load")]
    return [
        Fact("profile", _profile(run)),
        Fact("ran", _ran(run, summary)),
        Fact("requests", _requests(summary)),
        Fact("load", _load(summary)),
    ]
