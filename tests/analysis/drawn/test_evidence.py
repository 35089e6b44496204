"""Fits and change points as findings carry them."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reli_analysis.drawn.evidence import changes, fits
from reli_analysis.verdict import Finding, Verdict

FIT: dict[str, Any] = {
    "metric": "rss_bytes",
    "unit": "bytes",
    "source": "pid:7",
    "points": [[0.0, 1.0], [1.0, None], [2.0, 3.0]],
    "line": [[0.0, 1.0, 0.5, 1.5], [2.0, 3.0, 2.5, 3.5]],
    "window_s": [0.0, 2.0],
    "left_out": [{"from_s": 0.0, "to_s": 0.5, "why": "warm-up"}],
    "began_s": None,
}


def _finding(**evidence: Any) -> Finding:
    return Finding("f", "budget", "p95", Verdict.FAIL, "m", unit="ms", evidence=evidence)


def test_a_fit_is_read_as_it_was_written() -> None:
    """Points, line with band, what was left out; a point without a number is dropped."""
    (fit,) = fits([_finding(fit=FIT), _finding()])
    assert (fit.metric, fit.unit, fit.source) == ("rss_bytes", "bytes", "pid:7")
    assert fit.points.tolist() == [[0, 1], [2, 3]]
    assert fit.line[1].tolist() == [2, 3, 2.5, 3.5]
    assert fit.left_out[0].why == "warm-up"
    assert fit.began_s is None


def test_changes_come_in_order_of_time() -> None:
    """Each with its levels, what may have caused it, and the quantity that it is of."""
    told = [
        {"at_s": 9.0, "low_s": 8.0, "high_s": 10.0, "before": 1.0, "after": 2.0, "unit": "ms"},
        {"at_s": 3.0, "because": "a restart"},
        {"at_s": None},
        "nonsense",
    ]
    first, second = changes([_finding(changes=told), _finding(changes=None)])
    assert (first.at_s, first.low_s, first.high_s, first.because) == (3, 3, 3, "a restart")
    assert (second.before, second.after, second.metric) == (1, 2, "p95")


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*FIT, "at_s"]), inner)
    ),
    max_leaves=15,
)


@settings(deadline=None)  # other work on the machine must not fail it
@given(fit=_JSON, told=_JSON)
def test_evidence_of_any_shape_is_drawn_or_left(fit: Any, told: Any) -> None:
    """Whatever stands under these names, reading it raises nothing."""
    findings = [_finding(fit=fit, changes=told), _finding(fit=FIT | {"points": fit, "line": told})]
    fits(findings)
    changes(findings)
