"""JUnit XML: one suite a run, one case a finding.

A verdict that no finding explains, as when nothing was checked, gets a case of its own named
``verdict``, and a path that could not be read becomes a suite with one ``<error>``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.report.junit_cases import Case, Suite, render_suites
from reli_analysis.report.parts import headline, limit, observed, worst_first
from reli_analysis.report.registry import REPORTS
from reli_analysis.verdict import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.judgement import Judgement


class JunitReport:
    """All runs in one ``<testsuites>``."""

    def render(self, judgement: Judgement) -> str:
        return self.render_all([judgement])

    def render_all(
        self, judgements: Sequence[Judgement], unread: Sequence[tuple[str, str]] = ()
    ) -> str:
        return render_suites(
            [*map(_suite, judgements), *(_unread(path, sentence) for path, sentence in unread)]
        )


def _unread(path: str, sentence: str) -> Suite:
    case = Case("reli.input", "read", Verdict.INVALID, "InputError", sentence)
    return Suite(path, (case,))


def _suite(judgement: Judgement) -> Suite:
    run = judgement.run
    profile = run.info.profile_name if run.info else "csv"
    cases = tuple(
        Case(
            f"reli.{profile}.{finding.kind}",
            finding.id,
            finding.verdict,
            finding.verdict.value,
            finding.message,
            f"observed {observed(finding)}, limit {limit(finding)}\n{finding.message}",
        )
        for finding in worst_first(_findings(judgement))
    )
    return Suite(run.title, cases, time=f"{run.duration_s:.3f}")


def _findings(judgement: Judgement) -> list[Finding]:
    """The findings, and the verdict itself where none of them has it."""
    findings = list(judgement.findings)
    if judgement.verdict not in {finding.verdict for finding in findings}:
        message = f"The verdict is {judgement.verdict.value}: {headline(judgement)}."
        findings.append(Finding("verdict", "verdict", "run", judgement.verdict, message))
    return findings


REPORTS.register("junit", JunitReport())
