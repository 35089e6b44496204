"""Markdown for a pull request or a GitHub step summary: verdict, what tripped, table, endpoints."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reli_analysis.report.facts import facts
from reli_analysis.report.parts import (
    ENDPOINT_HEADER,
    check,
    endpoint_cells,
    headline_sentence,
    interval,
    limit,
    observed,
    word,
    worst_first,
)
from reli_analysis.report.registry import REPORTS
from reli_analysis.report.target_parts import TARGET_HEADER, target_cells
from reli_analysis.verdict import Verdict
from reli_analysis.visible import one_line, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reli_analysis.judgement import Judgement
    from reli_analysis.verdict import Finding

# Punctuation that Markdown, its tables or HTML could take for structure. A character reference
# is always taken as text.
_STRUCTURE = re.compile(r"[\\`*_\[\]<>&|~#$@]|(?<=\w):(?=//)|(?<=www)\.")
_SIGNS = {
    "PASS": "✅",
    "IMPROVED": "🚀",
    "WARN": "⚠️",
    "FAIL": "❌",
    "REGRESSED": "❌",
    "INCONCLUSIVE": "❔",
    "INVALID": "🚫",
}
_LEFT_OUT = "Write report.html with -o to see the rest."
_MOST_ENDPOINTS = 200
_MOST_TARGETS = 50


class MarkdownReport:
    """The report as GitHub renders it."""

    def render(self, judgement: Judgement) -> str:
        return "\n\n".join([*_said(judgement), *_folded(judgement), *_advice(judgement)])


def render_within(judgement: Judgement, most_bytes: int) -> str:
    """The report, without its folded tables, or only its heading, where it would be too long."""
    said, advice = _said(judgement), _advice(judgement)
    cut = f"The report is cut to what may stand here. {_LEFT_OUT}"
    for blocks in ([*said, *_folded(judgement), *advice], [*said, *advice, cut], [*said[:2], cut]):
        text = "\n\n".join(blocks)
        if len(text.encode()) <= most_bytes:
            return text
    return said[0]


def _said(judgement: Judgement) -> list[str]:
    verdict = judgement.verdict.value
    blocks = [
        f"## {marked(verdict)}: {escape(judgement.run.title)}",
        escape(headline_sentence(judgement)),
        _tripped(judgement),
        _facts(judgement),
        _findings(judgement.findings),
        _targets(judgement),
    ]
    return [block for block in blocks if block]


def _folded(judgement: Judgement) -> list[str]:
    return [block for block in (_failures(judgement), _endpoints(judgement)) if block]


def escape(text: str) -> str:
    """Text from outside so that Markdown and HTML show it and do nothing else with it."""
    return _STRUCTURE.sub(lambda match: f"&#{ord(match[0])};", one_line(text))


def table(header: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> str:
    """A table of cells that are already escaped; columns in ``right`` are set to the right."""
    rule = ["---:" if at in right else "---" for at in range(len(header))]
    return "\n".join("| " + " | ".join(row) + " |" for row in (header, rule, *rows))


def marked(verdict: str) -> str:
    """``✅ PASS``."""
    return f"{_SIGNS[verdict]} {verdict}"


def details(summary: str, content: str) -> str:
    """What is folded away until someone asks for it."""
    return f"<details>\n<summary>{summary}</summary>\n\n{content}\n\n</details>"


def section(heading: str, items: Iterable[str]) -> str:
    """A headed list of sentences; empty without any."""
    lines = "\n".join(f"- {escape(item)}" for item in items)
    return f"### {heading}\n\n{lines}" if lines else ""


def _tripped(judgement: Judgement) -> str:
    tripped = [f for f in worst_first(judgement.findings) if f.verdict is not Verdict.PASS]
    return "\n".join(
        f"- **{f.verdict.value}** {escape(check(f))}: {escape(f.message)}" for f in tripped
    )


def _facts(judgement: Judgement) -> str:
    from reli_analysis.summary import summarise  # noqa: PLC0415 -- --help must not pay for numpy

    rows = [
        (label, escape(value)) for label, value in facts(judgement.run, summarise(judgement.run))
    ]
    return table(("run", ""), [*rows, ("record", escape(str(judgement.run.path)))])


def _findings(findings: Sequence[Finding]) -> str:
    rows = [
        (
            marked(word(f)),
            escape(check(f)),
            escape(_observed(f)),
            escape(limit(f)),
            escape(f.message),
        )
        for f in worst_first(findings)
    ]
    header = ("verdict", "check", "observed", "limit", "why")
    return table(header, rows, right=(2, 3)) if rows else ""


def _observed(finding: Finding) -> str:
    """The number, and its interval where it has one."""
    ends = interval(finding)
    return f"{observed(finding)} ({ends})" if ends else observed(finding)


def _targets(judgement: Judgement) -> str:
    from reli_analysis.target_summary import summarise_targets  # noqa: PLC0415 -- as above

    targets = summarise_targets(judgement.run)[:_MOST_TARGETS]
    rows = [[escape(cell) for cell in target_cells(target)] for target in targets]
    return table(TARGET_HEADER, rows, right=range(2, len(TARGET_HEADER))) if rows else ""


def _failures(judgement: Judgement) -> str:
    failures = sorted(judgement.run.failures, key=lambda f: -f.count)
    rows = [
        (f"{f.count:,}", escape(f.error), escape(f.endpoint), escape(shorten(f.text, 200)))
        for f in failures[:_MOST_ENDPOINTS]
    ]
    if not rows:
        return ""
    header = ("count", "error", "endpoint", "text")
    return details(f"Failures ({len(failures)})", table(header, rows, right=(0,)))


def _endpoints(judgement: Judgement) -> str:
    from reli_analysis.summary import summarise_endpoints  # noqa: PLC0415 -- as above

    endpoints = summarise_endpoints(judgement.run)
    rows = [[escape(cell) for cell in endpoint_cells(e)] for e in endpoints[:_MOST_ENDPOINTS]]
    if not rows:
        return ""
    return details(
        f"Endpoints ({len(endpoints)})",
        table(ENDPOINT_HEADER, rows, right=range(1, len(ENDPOINT_HEADER))),
    )


def _advice(judgement: Judgement) -> list[str]:
    return [section("What to do next", judgement.advice)] if judgement.advice else []


REPORTS.register("markdown", MarkdownReport())
