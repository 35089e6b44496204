"""What targets name of their own is a metric of the run, which budgets can speak of."""

from __future__ import annotations

from pathlib import Path

import pytest

from reli.clock import RunClock
from reli.wiring.options import Options
from reli.wiring.setup import Setup, prepare
from reli_analysis.errors import ReliError
from reli_analysis.record import MetricSpec

_URL = "http://127.0.0.1:1/metrics"
_OWN = MetricSpec("queue", "gauge", "spans that wait")


def _prepare(targets: tuple[str, ...], budgets: tuple[str, ...] = ()) -> Setup:
    options = Options(
        load_profile=None,
        base_rate_per_s=None,
        time_scale=1.0,
        budgets=budgets,
        targets=targets,
        run_dir=Path("runs"),
        run_name=None,
        metrics_port=None,
        metrics_host="127.0.0.1",
        seed=1,
        headless=True,
        autostart=False,
        run_time_s=1.0,
        own_load=True,
        locustfiles=(),
    )
    return prepare(options, default_profile="", profiles="", default_budgets=(), metrics=[_OWN])


def test_a_named_selector_is_a_metric_of_the_run() -> None:
    """Beside those of the service, in the run's own description, with its unit."""
    setup = _prepare(
        ("self", f'prometheus:{_URL}#heap_bytes=heap{{area="old"}},up'),
        ("max heap_bytes < 1GiB", "max queue < 5"),
    )
    info = setup.run_info(RunClock.begin(1.0))
    assert [(m.name, m.unit) for m in info.metrics] == [("queue", "count"), ("heap_bytes", "bytes")]


@pytest.mark.parametrize(
    ("targets", "sentence"),
    [
        ((f"prometheus:{_URL}#rss_bytes=heap",), '"rss_bytes", which is a column of results.csv'),
        ((f"prometheus:{_URL}#queue=heap",), '"queue", which is a metric of the service'),
        (
            (f"prometheus:{_URL}#a=heap", f"prometheus:{_URL}#a=stack"),
            '"a", which is a metric of the target "prometheus:http://127.0.0.1:1/metrics#a=heap"',
        ),
    ],
)
def test_a_name_that_is_taken_is_one_sentence(targets: tuple[str, ...], sentence: str) -> None:
    """Before the load begins."""
    with pytest.raises(ReliError) as caught:
        _prepare(targets)
    assert sentence in str(caught.value)
    assert "give it another name" in str(caught.value)


def test_a_budget_on_a_selector_without_a_name_is_refused() -> None:
    """It is no column of results.csv."""
    with pytest.raises(ReliError, match='will not have a metric "heap"'):
        _prepare((f"prometheus:{_URL}#heap",), ("max heap < 5",))


def test_more_targets_than_a_sample_has_time_for_are_refused() -> None:
    """Named with --target, too, and before any load; one that is named twice counts once."""
    named = tuple(f"pid:{number}" for number in range(1, 102))
    with pytest.raises(ReliError, match="101 targets are too many"):
        _prepare(named)
    assert len(_prepare((*named[:100], *named[:100])).targets) == 100
