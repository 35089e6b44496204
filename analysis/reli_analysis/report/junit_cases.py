"""JUnit XML from suites of cases, whatever they are cases of.

A CI that looks only at this file must never be green on what is not PASS. So FAIL is a
``<failure>``, INVALID is an ``<error>``, and INCONCLUSIVE is a ``<failure type="INCONCLUSIVE">``
too, never ``<skipped>``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

# What XML 1.0 cannot hold, even escaped, and marks that turn the direction of writing round.
_FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_TAGS = {Verdict.FAIL: "failure", Verdict.INCONCLUSIVE: "failure", Verdict.INVALID: "error"}


@dataclass(frozen=True)
class Case:
    """One criterion: ``verdict`` decides what it counts as, ``word`` is shown as its type.

    ``detail`` is the text of the case, where it is more than its message.
    """

    classname: str
    name: str
    verdict: Verdict
    word: str
    message: str
    detail: str = ""


@dataclass(frozen=True)
class Suite:
    """The cases of one run, comparison or history; ``time`` as JUnit writes it, in seconds."""

    name: str
    cases: tuple[Case, ...]
    time: str = "0"


def render_suites(suites: Iterable[Suite]) -> str:
    """All suites in one ``<testsuites>``, each with its counts."""
    from xml.etree import ElementTree as ET  # noqa: PLC0415 -- --help must not pay for it

    root = ET.Element("testsuites", name="reli")
    for suite in suites:
        parent = _element(root, "testsuite", name=suite.name, time=suite.time)
        for case in suite.cases:
            _case(parent, case)
        _count(parent)
    _count(root)
    ET.indent(root)
    return _DECLARATION + ET.tostring(root, encoding="unicode")


def _case(suite: Element, case: Case) -> None:
    element = _element(suite, "testcase", classname=case.classname, name=case.name, time="0")
    if case.verdict is Verdict.PASS:
        outcome = _element(element, "system-out")
    else:
        tag = _TAGS[case.verdict]
        outcome = _element(element, tag, type=case.word, message=case.message)
    outcome.text = _clean(case.detail or case.message)


def _element(parent: Element, tag: str, **attributes: str) -> Element:
    from xml.etree import ElementTree as ET  # noqa: PLC0415 -- as above

    return ET.SubElement(parent, tag, {name: _clean(value) for name, value in attributes.items()})


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("?", text)


def _count(parent: Element) -> None:
    """State how many cases of each outcome lie below."""
    for name, path in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
        parent.set(name, str(sum(1 for _ in parent.iter(path))))
    parent.set("skipped", "0")
