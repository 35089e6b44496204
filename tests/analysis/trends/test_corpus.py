"""The corpus of benchmarks/leaks tells the truth about its series."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))

from leaks import corpus, steps
from leaks.labelled import LEAKY
from leaks.others.answer import Answer
from leaks.others.ours import ours
from leaks.score import score


@pytest.mark.parametrize("kind", corpus.KINDS)
def test_a_series_is_made_by_its_kind_half_and_seed(kind: str) -> None:
    """The same arguments give the same series, others another; the truth fits the kind."""
    one, again = (corpus.series(kind, "tune", 3) for _ in range(2))
    other, tested = corpus.series(kind, "tune", 4), corpus.series(kind, "test", 3)
    assert np.array_equal(one.observed.values, again.observed.values, equal_nan=True)
    assert not np.array_equal(one.observed.values, other.observed.values)
    assert not np.array_equal(one.observed.values, tested.observed.values)
    assert (one.rate_per_h > 0) == (one.group == LEAKY)
    assert kind.startswith(one.group)
    assert one.threshold_per_h > 0
    assert len(one.observed.values) >= 150


def test_a_leak_grows_at_its_rate() -> None:
    """Where nothing else moves the levels, a line through them has the true rate."""
    told = []
    for seed in range(12):
        made = corpus.series("leaky: linear", "tune", seed)
        slope = np.polyfit(made.observed.elapsed_s / 3600, made.observed.values, 1)[0]
        told.append(abs(slope / made.rate_per_h - 1) < 5 / made.visible_z)
    assert sum(told) >= 11


def test_a_leak_that_noise_hides_does_not_count() -> None:
    """Five standard errors of the best fit, and one and a half times what matters, are asked."""
    made = corpus.series("leaky: linear", "tune", 0)
    assert made.counts
    assert made.visible_z > 5
    from dataclasses import replace

    assert not replace(made, visible_z=4.9).counts
    assert not replace(made, rate_per_h=1.4 * made.threshold_per_h).counts


def test_answers_are_counted() -> None:
    """False alarms, recall, cover and contradictions come out as they went in."""
    clean, leaky = (corpus.series(kind, "tune", 0) for kind in ("clean: flat", "leaky: linear"))
    rate = leaky.rate_per_h
    got = score(
        [
            (clean, Answer(True, 1.0, 0.5, 1.5)),
            (clean, Answer(None, 0.0, -1.0, 1.0)),
            (leaky, Answer(True, 2 * rate, rate / 2, 3 * rate)),
            (leaky, Answer(False, 0.0, -rate, rate / 2, rate / 2)),
        ]
    )
    assert (got.false_alarms, got.unknown, got.recall, got.precision) == (0.5, 0.5, 0.5, 0.5)
    assert (got.cover, got.contradicted) == (0.5, 1)
    assert got.rate_error == pytest.approx(1.0)


def test_each_step_can_be_left_out_alone() -> None:
    """Leaving a step out ends with its context, and every one can be measured."""
    made = corpus.series("leaky: linear", "tune", 1)
    before = ours(made)
    for left_out in steps.LEFT_OUT.values():
        with left_out():
            assert ours(made).rate is not None
        assert ours(made) == before
