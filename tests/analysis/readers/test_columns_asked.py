"""``--time`` and ``--column``: a table whose names do not tell is read as its user says."""

from __future__ import annotations

from pathlib import Path

import pytest

from reli_analysis.errors import InputError
from reli_analysis.readers import Column, Guide, read
from reli_analysis.readers.asked import columns_asked
from reli_analysis.readers.unit_names import guess_unit

DATA = Path(__file__).with_name("data")


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(text)
    return path


def test_a_time_column_of_any_name(tmp_path: Path) -> None:
    """Named exactly; a wrong name is answered with the nearest."""
    path = table(tmp_path, "when it was,x\n" + "".join(f"{t},{t}\n" for t in range(9)))
    assert len(read(path, Guide(time="when it was")).series["x"]) == 9
    with pytest.raises(InputError, match=r'no column "when it is" .did you mean "when it was"'):
        read(path, Guide(time="when it is"))
    with pytest.raises(InputError, match="--time NAME"):
        read(path)


def test_only_the_columns_that_are_asked_for(tmp_path: Path) -> None:
    """In the units that are said, which a note repeats."""
    path = table(tmp_path, "time,mem,lat,z\n" + "".join(f"{t},2,3,4\n" for t in range(9)))
    run = read(path, Guide(columns=columns_asked(["mem=MiB", "lat=us"])))
    assert {name: (s.unit, s.values[0]) for name, s in run.series.items()} == {
        "mem": ("bytes", 2 * 2**20),
        "lat": ("ms", 0.003),
    }
    assert '"mem" is in MiB, as you say' in run.notes
    with pytest.raises(InputError, match=r'has no column "men" .did you mean "mem"'):
        read(path, Guide(columns=(Column("men"),)))


def test_a_known_format_is_read_as_a_table_when_columns_are_named() -> None:
    """Whoever wrote it; what is no table says so."""
    run = read(DATA / "locust_stats_history.csv", Guide(columns=(Column("User Count"),)))
    assert list(run.series) == ["User Count"]
    for name in ("vegeta.json", "procpath.sqlite", "jmeter.xml"):
        with pytest.raises(InputError, match="do not apply"):
            read(DATA / name, Guide(time="x"))


@pytest.mark.parametrize(
    ("name", "unit", "factor"),
    [
        ("rss_bytes", "bytes", 1),
        ("p95_ms", "ms", 1),
        ("elapsed_s", "s", 1),
        ("RSS (MiB)", "bytes", 2**20),
        ("mem [kB]", "bytes", 1000),
        ("rss_mb", "bytes", 10**6),
        ("cpu %", "ratio", 0.01),
        ("cpu_percent", "ratio", 0.01),
        ("latency_us", "ms", 0.001),
        ("duration_seconds", "s", 1),
        ("Requests/s", "1/s", 1),
        ("95%", "count", 1),
        ("users", "count", 1),
        ("thing (of no unit)", "count", 1),
    ],
)
def test_units_are_guessed_from_names(name: str, unit: str, factor: float) -> None:
    """And what is converted is said."""
    scale, said = guess_unit(name)
    assert (scale.unit, scale.factor) == (unit, factor)
    assert bool(said) or factor == 1


@pytest.mark.parametrize(
    ("text", "name", "unit"),
    [
        ("x", "x", ""),
        ("x=ms", "x", "ms"),
        ('up{job="a"}', 'up{job="a"}', ""),
        ('rss{job="a"}=KiB', 'rss{job="a"}', "KiB"),
    ],
)
def test_a_name_may_hold_an_equals_sign(text: str, name: str, unit: str) -> None:
    """What follows the last one is a unit only where it looks like one."""
    assert columns_asked([text]) == (Column(name, unit),)


@pytest.mark.parametrize("text", ["x=parsec", "=ms", ""])
def test_a_unit_that_nobody_knows_is_one_sentence(text: str) -> None:
    """Before any file is read."""
    with pytest.raises(InputError):
        columns_asked([text])
    with pytest.raises(InputError, match="at most 2,000"):
        columns_asked([str(at) for at in range(100_000)])
