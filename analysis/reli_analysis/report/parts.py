"""What several reports say in the same words."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, NamedTuple

from reli_analysis.budgets.vocabulary import NO_DRIFT, NO_LEAK
from reli_analysis.intervals import interval_of
from reli_analysis.units import format_value
from reli_analysis.verdict import Finding, Verdict
from reli_analysis.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reli_analysis.judgement import Judgement
    from reli_analysis.summary import EndpointSummary

_WORST_FIRST = (Verdict.INVALID, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS)

_FINDING_A_METRIC = (f"{NO_LEAK} ", f"{NO_DRIFT} ")
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


def listed(names: Sequence[str], most: int = 3) -> str:
    """``a, b, c and 2 more``."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def headline(judgement: Judgement) -> str:
    """Why the verdict is what it is, in one sentence."""
    findings = judgement.findings
    deciding = [f for f in findings if f.verdict is judgement.verdict]
    names = listed([check(f) for f in deciding])
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
    return as_sentence(headline(judgement))


def as_sentence(text: str) -> str:
    """The text with a capital and a full stop."""
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def utc(wall_s: float) -> str:
    """A moment, given as seconds since 1970; empty when it is none."""
    try:
        return f"{dt.datetime.fromtimestamp(wall_s, dt.UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return ""


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
