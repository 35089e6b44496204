"""Files of a record are readable after a crash at any byte, and hold no surprises."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reli_analysis.errors import RecordError
from reli_analysis.record import (
    MetricSpec,
    RecordWriter,
    RunInfo,
    StageSpan,
    create_run_directory,
    read_run_info,
)
from reli_analysis.record.csvfile import clean_text, format_row, original_text, read_table
from reli_analysis.record.layout import CSV_FILES, EVENTS_CSV, RESULTS_CSV, RUN_JSON
from reli_analysis.record.run import check_run_name

INFO = RunInfo(
    run_id="smoke-1",
    profile_name="smoke",
    started_wall_s=1_800_000_000.0,
    started_monotonic_s=5.0,
    boot_id="b",
    budgets=("p95 < 5ms",),
    stages=(StageSpan("hold", "hold", "steady", 0.0, 60.0, 5.0, 5.0),),
    metrics=(MetricSpec("drop_ratio", "ratio", "lost / created", "ratio", "lost", "created"),),
)


def test_run_info_survives_the_disk(tmp_path: Path) -> None:
    """run.json reads back to what was written."""
    RecordWriter(tmp_path, INFO).close()
    assert read_run_info(tmp_path) == INFO


def test_a_metric_is_a_column_of_the_results(tmp_path: Path) -> None:
    """What a service publishes stands beside the latency."""
    writer = RecordWriter(tmp_path, INFO)
    writer.row(RESULTS_CSV, {"elapsed_s": 0.0, "requests": 3, "drop_ratio": 0.25})
    writer.close()
    table = read_table(tmp_path / RESULTS_CSV)
    assert table.columns["drop_ratio"] == ["0.25"]
    assert table.columns["requests"] == ["3"]
    assert table.columns["rss_bytes"] == [""], "what was not measured is empty, never 0"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000), st.lists(st.text(max_size=30), min_size=1, max_size=8))
def test_a_file_cut_at_any_byte_still_reads(tmp_path: Path, cut: int, texts: list[str]) -> None:
    """Every complete line survives a cut, and the torn one is dropped and counted."""
    columns = [column.name for column in CSV_FILES[EVENTS_CSV]]
    rows = [format_row(columns, {"elapsed_s": 1.5, "message": text}) for text in texts]
    raw = (",".join(columns) + "\n" + "".join(rows)).encode()
    path = tmp_path / "cut.csv"
    path.write_bytes(raw[: min(cut, len(raw))])
    table = read_table(path)
    complete = raw[: min(cut, len(raw))].count(b"\n")
    assert len(table) == max(0, complete - 1)
    assert table.torn_bytes == len(path.read_bytes().rpartition(b"\n")[2])
    if complete > 1:
        messages = table.columns["message"]
        assert messages == [clean_text(text) for text in texts[: complete - 1]]


@given(st.text(max_size=600))
def test_a_cell_is_one_line_and_never_a_formula(text: str) -> None:
    """No text can start a formula in a spreadsheet or break its row."""
    cell = clean_text(text)
    assert not cell.startswith(("=", "+", "-", "@"))
    assert len(cell.splitlines()) <= 1
    assert clean_text(original_text(cell)) == cell


def test_a_number_has_no_needless_digits() -> None:
    """Whole numbers are whole however large; times keep their milliseconds."""
    cells = {0.5: "0.5", 3.0: "3", 12_369_920.0: "12369920", 1_795_000_000.25: "1795000000.250"}
    for value, cell in cells.items():
        assert format_row(["a", "b"], {"a": value, "b": 1}) == f"{cell},1\n"


def test_a_record_with_uneven_rows_names_the_line(tmp_path: Path) -> None:
    """A damaged row is refused with its place."""
    path = tmp_path / "results.csv"
    path.write_text("a,b\n1,2\n3\n")
    with pytest.raises(RecordError, match="line 3: 1 fields where the header has 2"):
        read_table(path)


def test_a_run_never_takes_the_place_of_another(tmp_path: Path) -> None:
    """The same name twice makes two directories."""
    first = create_run_directory(tmp_path, "smoke")
    second = create_run_directory(tmp_path, "smoke")
    assert (first.name, second.name) == ("smoke", "smoke-2")


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "-x", "a\nb", "x" * 200])
def test_a_run_name_stays_inside_its_directory(name: str) -> None:
    """A name that could lead elsewhere is refused."""
    with pytest.raises(RecordError, match="cannot name a run"):
        check_run_name(name)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "not JSON"),
        ("[]", "JSON object"),
        ("{}", "no format_version"),
        ('{"format_version": 99}', "upgrade"),
        ('{"format_version": 1}', "not a run record"),
        ('{"format_version": 1, "budgets": "p95 < 1s"}', "budgets must be a list"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_foreign_run_json_is_refused_in_one_sentence(
    tmp_path: Path, content: str, sentence: str
) -> None:
    """Whatever run.json holds, the answer names the file and the trouble."""
    (tmp_path / RUN_JSON).write_text(content)
    with pytest.raises(RecordError, match=sentence):
        read_run_info(tmp_path)


def test_an_unknown_state_is_refused(tmp_path: Path) -> None:
    """A state that this version does not know is not guessed at."""
    RecordWriter(tmp_path, INFO).close()
    data = json.loads((tmp_path / RUN_JSON).read_text())
    data["state"] = "asleep"
    (tmp_path / RUN_JSON).write_text(json.dumps(data))
    with pytest.raises(RecordError, match="unknown state"):
        read_run_info(tmp_path)
