"""Every reader under fuzzing: whatever a file holds, it is a run or one sentence."""

from __future__ import annotations

import gzip
import os
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reli_analysis.errors import InputError, ReliError
from reli_analysis.judge import judge
from reli_analysis.readers import Column, Guide, read
from reli_analysis.series import Run
from reli_analysis.verdict import Verdict

DATA = Path(__file__).with_name("data")
FILES = sorted(path.name for path in DATA.iterdir() if path.suffix != ".md")
BUDGETS = ("p95 < 5ms", "error_ratio < 1%", "throughput > 1/s", "mean < 5ms", "p99 < 1s over 3s")

CELLS = st.sampled_from(
    [b"", b"NaN", b"inf", b"-1", b"1e400", b"-1e308", b"0", b"99999999999999999999", b"=1+1",
     b"@SUM(A1)", b"<script>alert(1)</script>", b"\xff\xfe", b"\0", b'"', b"'", b"\r", b"\n", b",",
     "é\u202e\u2028".encode(), b"1970-01-01T00:00:00Z", b"9999-12-31", b"%s%n", b"../../etc"]
)  # fmt: skip


def judged(run: Run) -> None:
    """Judge it by everything; never a traceback."""
    try:
        judgement = judge(run, list(BUDGETS))
    except ReliError:
        return
    assert all(found.message for found in judgement.findings)


def taken(path: Path, guide: Guide | None = None) -> Run | None:
    """The run, or nothing where one sentence said why."""
    try:
        run = read(path, guide)
    except ReliError as error:
        assert "\n" not in str(error).removeprefix(str(path)), str(error)
        return None
    judged(run)
    return run


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_a_run_or_a_sentence(
    tmp_path: Path, name: str, data: st.DataObject
) -> None:
    """Cut, overwritten, doubled, with absurd cells: each reader on its own files."""
    whole = (DATA / name).read_bytes()[:6000]
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, max(0, len(damaged) - 1)))
        how = data.draw(st.sampled_from(["cut", "put", "swap", "double"]))
        if how == "cut":
            del damaged[at:]
        elif how == "put":
            end = damaged.find(b",", at)
            damaged[at : max(at, end)] = data.draw(CELLS)
        elif how == "swap":
            damaged[at : at + 3] = data.draw(st.binary(min_size=3, max_size=3))
        else:
            damaged += damaged[at : at + 500]
    path = tmp_path / "damaged"
    path.write_bytes(bytes(damaged))
    taken(path)


HEADERS = [
    (DATA / name).read_bytes().partition(b"\n")[0] + b"\n"
    for name in FILES
    if not name.endswith("sqlite")
]


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    header=st.sampled_from(HEADERS),
    rows=st.lists(st.lists(CELLS | st.binary(max_size=6), max_size=14), max_size=8),
)
def test_any_rows_below_a_known_header(
    tmp_path: Path, header: bytes, rows: list[list[bytes]]
) -> None:
    """Rows of anything, short and long, below each format's first line."""
    path = tmp_path / "rows"
    path.write_bytes(header + b"\n".join(b",".join(row) for row in rows))
    taken(path)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(time=st.text(max_size=8), columns=st.lists(st.text(min_size=1, max_size=8), max_size=3))
def test_any_columns_may_be_asked_for(tmp_path: Path, time: str, columns: list[str]) -> None:
    """Names that are not there, of a table that is one."""
    path = tmp_path / "table"
    path.write_text("time,x,y\n1,2,3\n2,3,4\n")
    taken(path, Guide(time=time, columns=tuple(Column(name) for name in columns)))


@pytest.mark.parametrize("name", FILES)
def test_a_packed_file_is_one_sentence(tmp_path: Path, name: str) -> None:
    """That says how to go on."""
    path = tmp_path / f"{name}.gz"
    path.write_bytes(gzip.compress((DATA / name).read_bytes()))
    with pytest.raises(InputError, match=r"is packed \(gzip\); unpack it first"):
        read(path)


def test_what_is_no_file_is_one_sentence(tmp_path: Path) -> None:
    """A FIFO, a device without end, a socket's directory: never a hang."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for path in (fifo, Path("/dev/zero"), Path("/dev/stdin")):
        with pytest.raises(InputError, match=r"neither a file nor a directory|cannot be read"):
            read(path)
    with pytest.raises(ReliError):
        read(tmp_path)


@pytest.mark.parametrize(
    "first", ["time", "timestamp,request_type,name,response_time_ms,exception"]
)
def test_a_million_columns_are_refused(tmp_path: Path, first: str) -> None:
    """In a header, before anything grows with them."""
    path = tmp_path / "wide"
    for count in (3000, 1_000_000):
        names = ",".join(f"c{at}" for at in range(count))
        path.write_text(f"{first},{names}\n1,2\n")
        with pytest.raises(InputError, match=r"columns; at most|longer than a meb|no request"):
            read(path)


def test_a_quote_that_is_never_closed_is_one_sentence(tmp_path: Path) -> None:
    """However much lies behind it."""
    rows = "1795000000,GET,/x,20,9,200,\n" * 400_000
    head = (DATA / "locust_requests.csv").read_text().partition("\n")[0]
    path = tmp_path / "log"
    path.write_text(f'{head}\n1795000000,GET,"/x,20,9,200,\n{rows}')
    with pytest.raises(InputError) as caught:
        read(path)
    assert "\n" not in str(caught.value)


def test_histograms_that_unpack_without_end_are_refused(tmp_path: Path) -> None:
    """A row of an interval log is not a way to fill the memory."""
    import base64
    import struct
    import zlib

    bomb = zlib.compress(b"\0" * (64 << 20), 9)
    huge = zlib.compress(struct.pack(">IIIIQQd", 0x1C849313, 9, 0, 5, 1, 1 << 63, 1.0) + b"\2" * 9)
    rows = "".join(
        "0,1,1,"
        + base64.b64encode(struct.pack(">II", 0x1C849314, len(body)) + body).decode()
        + "\n"
        for body in (bomb, huge)
    )
    path = tmp_path / "log"
    path.write_text("#[Histogram log format version 1.3]\n" + rows)
    with pytest.raises(InputError, match="no row with a histogram"):
        read(path)


def test_a_database_of_anything_is_a_sentence(tmp_path: Path) -> None:
    """Tables of another shape, texts for numbers, a file cut short."""
    path = tmp_path / "db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE record (ts, stat_pid, stat_rss)")
        database.executemany(
            "INSERT INTO record VALUES (?, ?, ?)",
            [("soon", "x", None), (1.0, 2**62, b"\0"), (float("inf"), 1, 1), (2.0, 7, 1e300)],
        )
    taken(path)
    whole = path.read_bytes()
    for size in (20, 100, 5000, len(whole) - 100):
        path.write_bytes(whole[:size])
        taken(path)


def test_names_from_a_file_stay_names(tmp_path: Path) -> None:
    """Markup, formulas and control characters in names are data, and shown as text."""
    from reli_analysis.report import REPORTS

    head = (DATA / "locust_requests.csv").read_text().partition("\n")[0]
    name = "<script>alert(1)</script>\x1b[31m=cmd|' /C calc'!A0"
    rows = "".join(f"{1_795_000_000 + at},GET,{name},20,9,500,=1+1<b>\n" for at in range(100))
    path = tmp_path / "log"
    path.write_text(f"{head}\n{rows}")
    run = read(path)
    judgement = judge(run, ["p95 < 1s", f'error_ratio of "{name[:25]}*" < 1%'])
    assert judgement.verdict is Verdict.FAIL
    for report in ("html", "markdown", "text"):
        page = REPORTS.get(report).render(judgement)
        assert "\x1b[31m" not in page
        assert report == "text" or "<script>alert" not in page
