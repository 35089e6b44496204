"""The heat map of latency and its percentiles, against the values themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from reli_analysis.drawn.grid import time_grid
from reli_analysis.drawn.heat import MOST_COLUMNS, MOST_ROWS, latency_heat
from reli_analysis.latency import rank
from reli_analysis.readers import read
from reli_analysis.series import Run
from support import synthetic
from support.synthetic import Script


def _slow_from(second_slow: int) -> synthetic.Script:
    def latencies(rng: np.random.Generator, second: int, count: int) -> np.ndarray:
        slow = 10.0 if second >= second_slow else 1.0
        return np.asarray(slow * (2.0 + rng.random(count)))

    return Script(latencies_ms=latencies, missing=frozenset({30, 31}), requests=lambda _second: 300)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> synthetic.Written:
    return synthetic.write(tmp_path_factory.mktemp("runs") / "run", _slow_from(40))


def test_percentiles_are_those_of_the_values(written: synthetic.Written) -> None:
    """In each column the merged percentile is that of its raw values, to the histogram's digits."""
    run = read(written.path)
    grid = time_grid(run)
    heat = latency_heat(run, grid)
    assert heat is not None
    width_s = grid.length_s / heat.columns
    for column in range(heat.columns):
        values = np.sort(written.between(round(column * width_s), round((column + 1) * width_s)))
        assert heat.totals[column] == len(values)
        for name, quantile in (("p50", 0.5), ("p99", 0.99), ("max", 1.0)):
            found = heat.quantiles_ms[name][column]
            if len(values):
                assert found == pytest.approx(values[rank(quantile, len(values)) - 1], rel=2e-3)
            else:
                assert np.isnan(found)


def test_cells_lie_where_the_requests_were(written: synthetic.Written) -> None:
    """Ten times slower is far higher up; no cell is filled where nothing fell."""
    run = read(written.path)
    heat = latency_heat(run, time_grid(run))
    assert heat is not None
    assert heat.columns <= MOST_COLUMNS
    assert heat.rows <= MOST_ROWS
    filled = [np.flatnonzero(heat.levels[column]) for column in (10, 50)]
    assert filled[0].max() < filled[1].min()
    assert not heat.levels[30].any()
    edges = heat.low_ms * (heat.high_ms / heat.low_ms) ** (np.arange(heat.rows + 1) / heat.rows)
    assert 1.8 < edges[filled[0].min()] < edges[filled[0].max() + 1] < 3.2


def test_without_an_interval_log_there_is_no_map() -> None:
    """A table on its own has no latencies to merge."""
    run = Run("t", Path("t"), {})
    assert latency_heat(run, time_grid(run)) is None
