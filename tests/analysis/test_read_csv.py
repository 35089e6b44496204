"""Any CSV with a time column and numbers reads; everything else is one sentence."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reli_analysis.errors import InputError, ReliError
from reli_analysis.judge import judge
from reli_analysis.readers import number_chunks, read
from reli_analysis.readers.dialect import TIME_COLUMNS
from reli_analysis.series import Run
from reli_analysis.verdict import Verdict


def table(tmp_path: Path, text: str | bytes, name: str = "table.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def rows(count: int, form: str = "{t},{t}", start: float = 0) -> str:
    return "".join(form.format(t=start + t) + "\n" for t in range(count))


def read_text(tmp_path: Path, text: str | bytes) -> Run:
    return read(table(tmp_path, text))


@pytest.mark.parametrize("name", [*TIME_COLUMNS, "Timestamp", "TIME", " elapsed "])
def test_every_usual_name_of_a_time_column(tmp_path: Path, name: str) -> None:
    """Whatever its case, and wherever it stands."""
    run = read_text(tmp_path, f"x,{name}\n" + rows(5, "{t},{t}"))
    assert run.series["x"].values.tolist() == [0, 1, 2, 3, 4]
    assert len(run.series) == 1


@pytest.mark.parametrize(
    ("header", "form", "start"),
    [
        ("time", "{t}", 1_795_000_000),
        ("timestamp", "{t:.0f}000", 1_795_000_000),
        ("timestamp", "{t:.0f}000000", 1_795_000_000),
        ("ts", "{t:.0f}000000000", 1_795_000_000),
        ("time_ms", "{t:.0f}000", 1_795_000_000),
        ("time", "{t}", 5000),
        ("time_s", "{t}", 0),
        ("elapsed_ms", "{t:.0f}000", 0),
    ],
)
def test_moments_become_seconds_since_the_first(
    tmp_path: Path, header: str, form: str, start: int
) -> None:
    """Seconds, milliseconds, microseconds and nanoseconds since 1970, or since anything."""
    text = f"{header},x\n" + rows(30, form + ",1", start)
    run = read_text(tmp_path, text)
    assert run.series["x"].elapsed_s == pytest.approx(np.arange(30))
    assert run.interval_s == pytest.approx(1.0)
    assert run.duration_s == pytest.approx(30.0)


@pytest.mark.parametrize(
    "form", ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.250+02:00"]
)
def test_iso_dates(tmp_path: Path, form: str) -> None:
    """With and without a zone, fractions and the letter T."""
    begin = dt.datetime(2026, 3, 1, 23, 59, 50, tzinfo=dt.UTC)
    lines = [f"{begin + dt.timedelta(seconds=2 * t):{form}},{t}\n" for t in range(20)]
    run = read_text(tmp_path, "Date,x\n" + "".join(lines))
    assert run.series["x"].elapsed_s.tolist() == [2.0 * t for t in range(20)]
    assert run.interval_s == 2.0


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    """Also where texts hold the other ones, and with a byte order mark."""
    lines = ['time,"a,b;c",text', *(f'{t},{t}.5,"x;y|z, {t}"' for t in range(9))]
    text = "\ufeff" + "\n".join(lines) + "\n"
    if delimiter != ",":
        text = text.replace(",", delimiter).replace(f'"a{delimiter}b', '"a,b')
        text = text.replace(f"z{delimiter} ", "z, ")
    run = read_text(tmp_path, text)
    assert run.series["a,b;c"].values.tolist() == [t + 0.5 for t in range(9)]
    assert list(run.series) == ["a,b;c"]


def test_units_come_from_names_and_everything_is_steady(tmp_path: Path) -> None:
    """Without windows the whole file is judged, and a note says so."""
    run = read_text(tmp_path, "time,rss_bytes,p95_ms,Users\n" + rows(40, "{t},5000,2.5,7"))
    assert {name: s.unit for name, s in run.series.items()} == {
        "rss_bytes": "bytes",
        "p95_ms": "ms",
        "Users": "count",
    }
    assert any("whole file counts as steady" in note for note in run.notes)
    judgement = judge(run, ["max rss < 5kB", "max rss <= 5kB", "p95_ms < 5ms", "mean users < 8"])
    assert [f.verdict for f in judgement.findings if f.kind == "budget"] == [
        Verdict.FAIL,
        Verdict.PASS,
        Verdict.PASS,
        Verdict.PASS,
    ]


def test_gaps_in_numbers_are_missing_not_zero(tmp_path: Path) -> None:
    """Empty cells and the usual words for nothing are NaN; other words are told."""
    cells = ["1", "", "NA", "-", "null", "nan", "oops", "inf", "2"]
    run = read_text(
        tmp_path, "time,x\n" + "".join(f"{t},{cell}\n" for t, cell in enumerate(cells * 3))
    )
    assert run.series["x"].measured().values.tolist() == [1, 2] * 3
    messages = " ".join(damage.message for damage in run.damage)
    assert '"oops" is not a number (and 2 more)' in messages
    assert "infinite" in messages


def test_texts_are_left_out(tmp_path: Path) -> None:
    """Only numbers are kept, also where a column is empty at first."""
    late = rows(1500, "{t},,name {t}") + rows(1500, "{t},7,name", 1500)
    run = read_text(tmp_path, "time,late,text\n" + late)
    assert list(run.series) == ["late"]
    assert len(run.series["late"].measured()) == 1500


def test_a_torn_last_line_is_dropped(tmp_path: Path) -> None:
    """A whole last line without its line break counts; half a line does not."""
    whole = read_text(tmp_path, "time,x,y\n" + rows(10, "{t},1,2") + "10,1,2")
    assert len(whole.series["x"]) == 11
    assert whole.damage == ()
    for torn in ("10,1", "10", '10,"1', '10,1,"2'):
        run = read_text(tmp_path, "time,x,y\n" + rows(10, "{t},1,2") + torn)
        assert len(run.series["x"]) == 10
        assert "cut off" in run.damage[0].message
        assert judge(run, ["x < 5"]).verdict is Verdict.PASS


def test_rows_that_are_too_long_or_out_of_order_are_told(tmp_path: Path) -> None:
    """What cannot be placed is left out; what can be ordered is."""
    run = read_text(tmp_path, "time,x\n0,1\n1,2,3\n3,4\n2,3\n,9\nsoon,9\n")
    assert run.series["x"].elapsed_s.tolist() == [0, 2, 3]
    assert run.series["x"].values.tolist() == [1, 3, 4]
    messages = " ".join(damage.message for damage in run.damage)
    assert "line 3 has 3 fields where the header has 2; it is left out" in messages
    assert "without a time is left out (and 1 more)" in messages
    assert "go back in time" in messages


def test_several_series_below_each_other_are_told(tmp_path: Path) -> None:
    """Rows of many endpoints at each moment are read as one series, and that is damage."""
    run = read_text(tmp_path, "time,name,x\n" + rows(20, "{t},a,1\n{t},b,2\n{t},c,3"))
    assert any("share their time" in damage.message for damage in run.damage)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "is empty"),
        (b"  \n\n", "is empty"),
        (b"time,x\n", "has a header but no rows"),
        (b"time,x\n\n\n", "has a header but no rows"),
        (b"a,b\n1,2\n", 'no time column among "a", "b"; name one of the columns elapsed_s'),
        (b"1,2\n3,4\n", "no time column"),
        (b"time\n1\n2\n", "no column of numbers"),
        (b"time,x\n1,red\n2,blue\n", "no column of numbers"),
        (b'time;x\n1;"2,5"\n2;"3,5"\n', "written with a point"),
        (b"time,x\nnoon,1\nnight,2\n", '"noon" is no time'),
        (b"time,x,x\n1,2,3\n", 'columns 2 and 3 are both "x"'),
        (bytes(range(256)), "is binary"),
        ("time,x\n1,2\n".encode("utf-16"), "is binary"),
        (b"x" * (1 << 21), "longer than a mebibyte"),
        (b"time," + b",".join(b"c%d" % n for n in range(2001)) + b"\n1\n", "2,002 columns"),
        (b'time,x\n0,"1\n1,2\n2,3\n', "is not a table"),
    ],
)
def test_what_is_no_table_is_one_sentence(tmp_path: Path, text: bytes, reason: str) -> None:
    """The sentence names the file and what is wrong or needed."""
    path = table(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read(path)
    assert reason in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    """Missing, special, too long: one sentence each."""
    with pytest.raises(InputError, match="does not exist"):
        read(tmp_path / "missing.csv")
    with pytest.raises(InputError, match="neither a file nor a directory"):
        read(Path("/dev/null"))
    with pytest.raises(InputError, match="cannot be read: File name too long"):
        read(tmp_path / ("x" * 5000))


def test_a_file_with_too_many_numbers_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory stays bounded, and the sentence says what to do."""
    monkeypatch.setattr(number_chunks, "MAX_CELLS", 5000)
    path = table(tmp_path, "time,x\n" + rows(6000))
    with pytest.raises(InputError, match="more than 5,000 numbers; keep fewer"):
        read(path)


def test_a_file_longer_than_a_chunk_reads_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chunks are joined in order."""
    monkeypatch.setattr(number_chunks, "_CELLS_AT_ONCE", 2)
    run = read(table(tmp_path, "time,x\n" + rows(3500)))
    assert run.series["x"].values.tolist() == list(range(3500))


def test_texts_that_are_not_utf8_do_not_matter(tmp_path: Path) -> None:
    """Only numbers count; a name in another encoding loses no row."""
    run = read_text(tmp_path, b"time,x,who\n" + b"".join(b"%d,1,J\xf6rg\n" % t for t in range(5)))
    assert len(run.series["x"]) == 5


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(str.encode),
        st.text('time,x\n"0123456789.;-:TZ eE+\r\t', max_size=200).map(
            lambda text: b"time,x,y\n" + text.encode()
        ),
    )
)
@example(b"time,x\n1e400,1\n2,2\n")
@example(b"time,x\n1e308,1\n-1e308,2\n")
@example(b'time,"x\ny"\n1,2\n')
@example(b"time,x\r1,2\r2,3\r")
@example(b"date,x\n9999999-01-01,1\n")
@example(b"date,x\n0001-01-01T00:00:00Z,1\n9999-01-01T00:00:00Z,1\n")
@example(b"time\n\xff")
@example(b"time,x\n1,99999999999999999999999999\n2,1\n")
def test_any_bytes_are_a_run_or_an_error_in_one_sentence(tmp_path: Path, data: bytes) -> None:
    """No input makes a traceback, neither in reading nor in judging."""
    path = table(tmp_path, data, "any.csv")
    try:
        run = read(path)
    except ReliError as error:
        assert "\n" not in str(error).removeprefix(str(path))
        return
    asked = [
        f'{function} "{name}" < 5' for function in ("", "max", "growth") for name in run.series
    ]
    leaks = [f'no leak in "{name}"' for name in run.series]
    try:
        judgement = judge(run, [*asked, *leaks, "x < 5 over 3s", "p95 < 5ms", "error_ratio < 1%"])
    except ReliError:
        return  # a name that cannot be quoted, or one with a unit
    assert all(finding.message for finding in judgement.findings)
