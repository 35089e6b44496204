"""JUnit XML: one suite a run, one case a finding.

A CI that looks only at this file must never be green on a run that is not PASS. So FAIL is a
``<failure>``, INVALID is an ``<error>``, and INCONCLUSIVE is a ``<failure type="INCONCLUSIVE">``
too, never ``<skipped>``. A verdict that no finding explains, as when nothing was checked, gets a
case of its own named ``verdict``, and a path that could not be read becomes a suite with one
``<error>``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reli_analysis.report.parts import headline, limit, observed, worst_first
from reli_analysis.report.registry import REPORTS
from reli_analysis.verdict import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element

    from reli_analysis.judgement import Judgement

# What XML 1.0 cannot hold, even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

_OUTCOMES = {
    Verdict.FAIL: "failure",
    Verdict.INCONCLUSIVE: "failure",
    Verdict.INVALID: "error",
}


class JunitReport:
    """All runs in one ``<testsuites>``."""

    def render(self, judgement: Judgement) -> str:
        return self.render_all([judgement])

    def render_all(
        self, judgements: Sequence[Judgement], unread: Sequence[tuple[str, str]] = ()
    ) -> str:
        from xml.etree import ElementTree as ET  # noqa: PLC0415 -- --help must not pay for it

        root = ET.Element("testsuites", name="reli")
        for judgement in judgements:
            _suite(root, judgement)
        for path, sentence in unread:
            suite = _element(root, "testsuite", name=path, time="0")
            case = _element(suite, "testcase", classname="reli.input", name="read", time="0")
            _element(case, "error", type="InputError", message=sentence)
            _count(suite)
        _count(root)
        ET.indent(root)
        return _DECLARATION + ET.tostring(root, encoding="unicode")


def _element(parent: Element, tag: str, **attributes: str) -> Element:
    from xml.etree import ElementTree as ET  # noqa: PLC0415 -- as above

    clean = {name: _FORBIDDEN.sub("?", value) for name, value in attributes.items()}
    return ET.SubElement(parent, tag, clean)


def _suite(root: Element, judgement: Judgement) -> None:
    run = judgement.run
    suite = _element(root, "testsuite", name=run.title, time=f"{run.duration_s:.3f}")
    profile = run.info.profile_name if run.info else "csv"
    for finding in worst_first(_cases(judgement)):
        name = f"reli.{profile}.{finding.kind}"
        case = _element(suite, "testcase", classname=name, name=finding.id, time="0")
        detail = f"observed {observed(finding)}, limit {limit(finding)}\n{finding.message}"
        if finding.verdict is Verdict.PASS:
            outcome = _element(case, "system-out")
        else:
            outcome = _element(
                case,
                _OUTCOMES[finding.verdict],
                type=finding.verdict.value,
                message=finding.message,
            )
        outcome.text = _FORBIDDEN.sub("?", detail)
    _count(suite)


def _cases(judgement: Judgement) -> list[Finding]:
    """The findings, and the verdict itself where none of them has it."""
    findings = list(judgement.findings)
    if judgement.verdict not in {finding.verdict for finding in findings}:
        message = f"The verdict is {judgement.verdict.value}: {headline(judgement)}."
        findings.append(Finding("verdict", "verdict", "run", judgement.verdict, message))
    return findings


def _count(parent: Element) -> None:
    """State how many cases of each outcome lie below."""
    for name, path in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
        parent.set(name, str(sum(1 for _ in parent.iter(path))))
    parent.set("skipped", "0")


REPORTS.register("junit", JunitReport())
