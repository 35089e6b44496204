"""What several reports say in the same words."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, NamedTuple

from reli_analysis.intervals import interval_of
from reli_analysis.units import format_duration, format_value
from reli_analysis.verdict import Finding, Verdict
from reli_analysis.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reli_analysis.judgement import Judgement
    from reli_analysis.series import Run
    from reli_analysis.summary import EndpointSummary, OpenModelSummary, Summary

_WORST_FIRST = (Verdict.INVALID, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS)

_FINDING_A_METRIC = ("no leak in ", "no drift in ")
"""One line of the profile, one finding a metric."""

MEANINGS = {
    Verdict.PASS: "every check held, and there was enough data to say so",
    Verdict.FAIL: "at least one promise was broken",
    Verdict.INCONCLUSIVE: "no promise was seen broken, but there was too little data to say more",
    Verdict.INVALID: "the measurement itself cannot be believed, whatever its numbers say",
}


class Fact(NamedTuple):
    """One line of what was run."""

    label: str
    value: str


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """INVALID, FAIL, INCONCLUSIVE, warnings, PASS; within each, what was asked for comes first."""
    return sorted(
        findings,
        key=lambda f: (_WORST_FIRST.index(f.verdict), not f.warning, f.kind != "budget"),
    )


def word(finding: Finding) -> str:
    """The verdict of one finding as a report shows it."""
    return "WARN" if finding.warning and finding.verdict is Verdict.PASS else finding.verdict.value


def check(finding: Finding) -> str:
    """What was checked: a budget as it was written, else what the finding speaks of."""
    written = finding.evidence.get("budget")
    if finding.kind != "budget" or not isinstance(written, str):
        return one_line(f"{finding.kind}: {finding.subject}")
    begins = next((words for words in _FINDING_A_METRIC if written.startswith(words)), None)
    return one_line(written if begins is None else begins + finding.subject)


def observed(finding: Finding) -> str:
    return one_line(format_value(finding.observed, finding.unit))


def limit(finding: Finding) -> str:
    return one_line(format_value(finding.limit, finding.unit))


def interval(finding: Finding) -> str:
    """``58.9 to 63.4 MiB/h``, the interval of what was observed; empty where there is none."""
    ends = interval_of(finding)
    if ends is None:
        return ""
    low, high = (one_line(format_value(end, finding.unit)) for end in ends)
    if math.isinf(ends[0]):
        return f"at most {high}"
    return f"at least {low}" if math.isinf(ends[1]) else f"{low} to {high}"


def plural(count: int, noun: str) -> str:
    """``1 check``, ``1,200 checks``."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def headline(judgement: Judgement) -> str:
    """Why the verdict is what it is, in one sentence."""
    findings = judgement.findings
    deciding = [f for f in findings if f.verdict is judgement.verdict]
    names = ", ".join(check(f) for f in deciding[:3])
    if len(deciding) > 3:
        names += f" and {len(deciding) - 3} more"
    of_all = f"{len(deciding)} of {plural(len(findings), 'check')}"
    match judgement.verdict:
        case _ if not findings:
            return "nothing was checked, and no data is never a PASS"
        case Verdict.PASS:
            warned = sum(f.warning for f in findings)
            held = "the check held" if len(findings) == 1 else f"all {len(findings)} checks held"
            return held + (f", {warned} with a warning" if warned else "")
        case Verdict.FAIL:
            return f"{of_all} failed: {names}"
        case Verdict.INCONCLUSIVE:
            return f"{of_all} could not be decided: {names}"
        case Verdict.INVALID:
            return f"the run cannot be believed: {names}"
    raise AssertionError(judgement.verdict)


def headline_sentence(judgement: Judgement) -> str:
    """The headline with a capital and a full stop."""
    text = headline(judgement)
    return text[:1].upper() + text[1:] + "."


def utc(wall_s: float) -> str:
    """A moment, given as seconds since 1970; empty when it is none."""
    try:
        return f"{dt.datetime.fromtimestamp(wall_s, dt.UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return ""


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


ENDPOINT_HEADER = ("endpoint", "requests", "rate", "failed", "p50", "p95", "p99", "max")


def endpoint_cells(endpoint: EndpointSummary) -> tuple[str, ...]:
    """One row under ``ENDPOINT_HEADER``."""
    failed = f"{endpoint.failures:,}"
    if endpoint.failures:
        failed += f" ({format_value(endpoint.error_ratio, 'ratio')})"
    times = (endpoint.p50_ms, endpoint.p95_ms, endpoint.p99_ms, endpoint.max_ms)
    return (
        one_line(endpoint.name),
        f"{endpoint.requests:,}",
        format_value(endpoint.completed_per_s, "1/s"),
        failed,
        *(format_value(value_ms, "ms") for value_ms in times),
    )
