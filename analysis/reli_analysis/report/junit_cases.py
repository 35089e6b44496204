"""JUnit XML from cases that are no findings of one run: those of comparisons and histories."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

# What XML 1.0 cannot hold, even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAGS = {Verdict.FAIL: "failure", Verdict.INCONCLUSIVE: "failure", Verdict.INVALID: "error"}


@dataclass(frozen=True)
class Case:
    """One criterion: ``verdict`` decides what it counts as, ``word`` is shown as its type."""

    classname: str
    name: str
    verdict: Verdict
    word: str
    message: str


def render_cases(suite: str, cases: Iterable[Case]) -> str:
    """One suite; whatever is not PASS is a failure, and INVALID an error, so none is green."""
    from xml.etree import ElementTree as ET  # noqa: PLC0415 -- --help must not pay for it

    own = list(cases)
    counts = {
        "tests": len(own),
        "failures": sum(_TAGS.get(case.verdict) == "failure" for case in own),
        "errors": sum(_TAGS.get(case.verdict) == "error" for case in own),
        "skipped": 0,
    }
    attributes = {name: str(count) for name, count in counts.items()}
    root = ET.Element("testsuites", {"name": "reli"} | attributes)
    parent = ET.SubElement(root, "testsuite", {"name": _clean(suite), "time": "0"} | attributes)
    for case in own:
        named = {"classname": _clean(case.classname), "name": _clean(case.name), "time": "0"}
        element = ET.SubElement(parent, "testcase", named)
        message = _clean(case.message)
        if case.verdict is Verdict.PASS:
            ET.SubElement(element, "system-out").text = message
        else:
            said = {"type": case.word, "message": message}
            ET.SubElement(element, _TAGS[case.verdict], said).text = message
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("?", text)
