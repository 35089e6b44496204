"""The report for programs."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from reli_analysis.report import REPORTS
from reli_analysis.series import Run
from reli_analysis.verdict import Finding, Verdict
from support.report_fixture import (
    FAILED,
    INCONCLUSIVE,
    PASSED,
    Script,
    hostile_judgement,
    judged,
    make_run,
)

if TYPE_CHECKING:
    from pathlib import Path

    from reli_analysis.judgement import Judgement


def _refuse(constant: str) -> NoReturn:
    raise AssertionError(f"{constant} is not JSON")


def _strictly(judgement: Judgement) -> dict[str, Any]:
    text = REPORTS.get("json").render(judgement)
    assert "\n" not in text
    text.encode("ascii")
    document = json.loads(text, parse_constant=_refuse)
    assert isinstance(document, dict)
    return document


def test_the_document_has_the_promised_fields(tmp_path: Path) -> None:
    """Verdict, exit code, path, run and findings are where programs look for them."""
    run = make_run(tmp_path, Script(time_scale=0.5))
    document = _strictly(judged(run, [*PASSED, FAILED, INCONCLUSIVE], ("Run longer.",)))
    assert document["format_version"] == 3
    assert (document["verdict"], document["exit_code"]) == ("FAIL", 1)
    assert (document["path"], document["title"]) == (str(tmp_path), run.title)
    assert document["run"]["profile"] == "load"
    assert document["run"]["duration_s"] == 300
    assert document["run"]["time_scale"] == 0.5
    assert document["run"]["state"] == "finished"
    assert document["run"]["requests"] == run.series["requests"].values.sum()
    assert document["advice"] == ["Run longer."]
    assert list(document["findings"][2]) == [
        "id", "kind", "subject", "verdict", "observed", "limit", "unit", "message", "evidence",
        "warning",
    ]  # fmt: skip
    assert document["findings"][2]["observed"] == FAILED.observed
    assert document["findings"][3]["observed"] is None
    assert document["findings"][1]["warning"] is True


def test_a_number_that_does_not_exist_is_null(tmp_path: Path) -> None:
    """NaN and infinity become null at any depth, numpy's numbers and arrays plain values."""
    evidence = {
        "deep": [{"nan": math.nan, "inf": (math.inf, -math.inf)}],
        "numpy": [np.float64("nan"), np.int64(3), np.float64(0.5)],
        "array": np.array([1.0, np.nan]),
        "path": tmp_path,
    }
    finding = Finding("f", "k", "s", Verdict.PASS, "m", math.nan, math.inf, "ms", evidence)
    found = _strictly(judged(Run("t", tmp_path, {}), [finding]))["findings"][0]
    assert found["observed"] is None
    assert found["limit"] is None
    assert found["evidence"] == {
        "deep": [{"nan": None, "inf": [None, None]}],
        "numpy": [None, 3, 0.5],
        "array": [1.0, None],
        "path": str(tmp_path),
    }


def test_a_table_on_its_own_has_no_profile(tmp_path: Path) -> None:
    """What a CSV does not tell is null, never 0 or an empty guess."""
    run = _strictly(judged(Run("t", tmp_path, {}), []))["run"]
    assert run["profile"] is None
    assert run["time_scale"] is None
    assert run["requests"] is None


def test_hostile_names_arrive_as_they_are(tmp_path: Path) -> None:
    """JSON escapes; what a program gets is the name itself."""
    judgement = hostile_judgement(tmp_path)
    assert _strictly(judgement)["title"] == judgement.run.title


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(deadline=None)  # other work on the machine must not fail it
@given(evidence=st.dictionaries(st.text(st.characters(codec=None)), _VALUES))
def test_any_evidence_is_strict_json(evidence: dict[str, Any]) -> None:
    """Whatever a check puts in its evidence, a strict parser reads the document."""
    from pathlib import Path

    finding = Finding("f", "k", "s", Verdict.PASS, "\ud800", evidence=evidence)
    _strictly(judged(Run("\udcff", Path("x"), {}), [finding]))
