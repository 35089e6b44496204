"""``reli watch`` as a person or a script runs it."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reli.live.spark import BLOCKS, PLAIN, spark
from reli_analysis.units import format_value
from support.live_records import BUDGETS, Scripted, results_row
from support.waiting import readable

RUN = "import sys; from reli.cli import main; sys.argv[0] = 'reli'; main()"
WATCH = [sys.executable, "-c", RUN, "watch"]


def watch_once(
    *arguments: str, cwd: Path | None = None, **environment: str
) -> tuple[int, str, str]:
    done = subprocess.run(
        [*WATCH, *arguments],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "120", "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def scripted(tmp_path: Path, intervals: int = 40, **changes: object) -> Scripted:
    record = Scripted(tmp_path, **changes)
    record.grow(intervals)
    return record


def test_one_frame_shows_the_records_numbers(tmp_path: Path) -> None:
    """Without a terminal one frame is printed: the newest, lowest and highest of each series."""
    record = scripted(tmp_path)
    record.budget(
        elapsed_s=10, budget=BUDGETS[0], observed=9.5, limit=250, unit="ms", standing="warns"
    )
    record.event(3.0, "restart", "name:redis-server", "pid 7 ended (SIGKILL)")
    record.end()
    code, frame, errors = watch_once(str(record.directory))
    assert (code, errors) == (0, "")
    rows = [results_row(index) for index in range(40)]
    for label, column, unit in (
        ("p95", "p95_ms", "ms"),
        ("answered", "completed_per_s", "1/s"),
        ("targets RSS", "rss_bytes", "bytes"),
    ):
        values = [row[column] for row in rows]
        numbers = (values[-1], min(values), max(values))
        shown = r"\s+".join(re.escape(format_value(number, unit)) for number in numbers)
        assert re.search(rf"^{label}\s+{shown}\s", frame, re.MULTILINE), (label, frame)
    assert re.search(r"name:redis-server descriptors\s+50\s", frame)
    assert re.search(r"warns\s+p95 < 250ms\s+9.5 ms of 250 ms", frame)
    assert re.search(r"unknown\s+max rss < 512MiB", frame)
    assert re.search(r"3 s\s+restart\s+name:redis-server: pid 7 ended \(SIGKILL\)", frame)
    assert frame.startswith("scripted  finished, 40 s of 2 h")


def test_names_are_shown_and_never_obeyed(tmp_path: Path) -> None:
    """Markup, escape sequences and marks that turn writing round are only text."""
    hostile = "[bold red]x[/] :smile: \x1b]0;title\x07 \u202e [link=file:///]y"
    record = scripted(tmp_path, budgets=(hostile,))
    record.event(1.0, "worker", hostile, hostile)
    record.end("lost", hostile)
    _, frame, _ = watch_once("--once", str(record.directory), FORCE_COLOR="1")
    assert frame.count("[bold red]x[/] :smile:") >= 3
    assert "\u202e" not in frame
    assert "\x1b]" not in frame


def test_the_newest_record_is_the_default(tmp_path: Path) -> None:
    """Without a RUN it is the record below ./runs that began last; without any, one sentence."""
    code, _, errors = watch_once("--once", cwd=tmp_path)
    assert (code, errors.count("\n")) == (2, 1)
    assert "no run record below runs" in errors
    for name, started_s in (("b", 2e9), ("a", 1e9), ("c", 1.5e9)):
        record = scripted(tmp_path / "made" / name, 2, run_id=name, started_wall_s=started_s)
        record.end()
        (tmp_path / "runs").mkdir(exist_ok=True)
        record.directory.rename(tmp_path / "runs" / name)
    assert watch_once("--once", cwd=tmp_path)[1].startswith("b  finished")


def test_a_record_whose_recorder_is_gone_is_lost(tmp_path: Path) -> None:
    """A record that says "running" and has not grown for long is looked at, and told as lost."""
    record = scripted(tmp_path)
    os.utime(record.directory / "results.csv", (1e9, 1e9))
    frame = watch_once("--once", str(record.directory))[1]
    assert "scripted  lost, 40 s of 2 h" in frame
    assert "the recorder ended without closing the record" in frame


def test_an_output_that_knows_no_blocks_gets_plain_characters(tmp_path: Path) -> None:
    """With an ASCII output there is a frame all the same, and no traceback."""
    record = scripted(tmp_path)
    record.end()
    code, frame, errors = watch_once(str(record.directory), PYTHONIOENCODING="ascii")
    assert (code, errors) == (0, "")
    assert frame.isascii()
    assert re.search(r"^p95 .*[#@]", frame, re.MULTILINE)


def test_a_narrow_terminal_shows_what_matters_whole(tmp_path: Path) -> None:
    """The newest numbers and the charts; no number is ever cut."""
    code, shown, _ = watch_once(str(scripted(tmp_path).directory), COLUMNS="40")
    assert code == 0
    series = shown.partition("budgets")[0]
    assert "highest" not in series
    assert max(map(len, shown.splitlines())) <= 40
    assert series.count("MiB ") >= 2, "no number is cut"
    assert len([line for line in series.splitlines() if set(line) & set(BLOCKS[1:])]) > 5


def test_a_damaged_number_of_a_record_is_one_sentence(tmp_path: Path) -> None:
    """As in the analysis: the field is named, and nothing is computed with it."""
    record = scripted(tmp_path)
    path = record.directory / "run.json"
    path.write_text(path.read_text().replace('"interval_s": 1.0', '"interval_s": "x"'))
    code, _, complaint = watch_once(str(record.directory))
    assert (code, complaint) == (2, f"{path}: interval_s must be a number above 0\n")


def test_it_starts_without_what_is_slow_to_import(tmp_path: Path) -> None:
    """Neither Locust nor gevent, numpy, pandas or psutil is imported for a frame."""
    record = scripted(tmp_path)
    record.end()
    script = (
        "import sys; from click.testing import CliRunner; from reli.commands.watch import watch\n"
        f"assert CliRunner().invoke(watch, [{str(record.directory)!r}]).exit_code == 0\n"
        "print([m for m in ('locust', 'gevent', 'numpy', 'pandas', 'psutil') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


class Terminal:
    """``reli watch`` in a terminal of its own."""

    def __init__(self, *arguments: str, rows: int = 30) -> None:
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.environ.update({"TERM": "xterm", "COLUMNS": "120", "LINES": str(rows)})
            os.execv(sys.executable, [*WATCH, "--every", "0.1", *arguments])
        self.shown = ""

    def wait_for(self, pattern: str, timeout_s: float = 30) -> None:
        deadline = time.monotonic() + timeout_s
        while not re.search(pattern, self.shown):
            assert time.monotonic() < deadline, f"{pattern}\n{self.shown[-3000:]}"
            if readable(self.descriptor, 0.2):
                self.shown += self.read()

    def read(self) -> str:
        try:
            return os.read(self.descriptor, 1 << 16).decode("utf-8", "replace")
        except OSError:  # it has ended
            return ""

    def press(self, key: bytes) -> None:
        os.write(self.descriptor, key)

    def code(self, timeout_s: float = 30) -> int:
        """Its exit code, with all that it printed in ``shown``."""
        deadline = time.monotonic() + timeout_s
        while True:
            if readable(self.descriptor, 0.1):
                self.shown += self.read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.descriptor)
                return os.waitstatus_to_exitcode(status)
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                raise AssertionError(self.shown[-3000:])


def test_a_terminal_follows_the_run_to_its_verdict(tmp_path: Path) -> None:
    """It shows what is new, and ends with the run, its verdict as the last word."""
    record = scripted(tmp_path)
    terminal = Terminal(str(record.directory))
    terminal.wait_for(r"40 s of 2 h")
    record.grow(3)
    terminal.wait_for(r"43 s of 2 h")
    record.end()
    terminal.wait_for("finished")
    (record.directory / "verdict.json").write_text('{"verdict": "PASS"}')
    assert terminal.code() == 0
    assert re.search(r"PASS\S*\s+\S*scripted\S*\s+finished, 43 s", terminal.shown), terminal.shown


@pytest.mark.parametrize(("key", "code"), [(b"q", 0), (b"\x03", 130)])
def test_a_key_ends_it(tmp_path: Path, key: bytes, code: int) -> None:
    """The key "q" is the ordinary end; Ctrl-C is an interruption."""
    terminal = Terminal(str(scripted(tmp_path).directory))
    terminal.wait_for(r"40 s of 2 h")
    terminal.press(key)
    assert terminal.code() == code
    assert "Traceback" not in terminal.shown


@pytest.mark.parametrize(
    ("highs", "width", "drawn"),
    [
        ([], 5, ""),
        ([None, None], 5, ""),
        ([1.0, 1.0], 5, "▁▁"),
        ([0.0, None, 7.0], 5, "▁ █"),
        ([0.0, 9.0, 1.0, 0.0, 0.0, 0.0], 3, "█▂▁"),
    ],
)
def test_a_row_of_characters_keeps_peaks_and_gaps(
    highs: list[float | None], width: int, drawn: str
) -> None:
    """Each character is the highest of its stretch, from the row's lowest to its highest."""
    assert spark(highs, width) == drawn
    assert spark(highs, width, PLAIN) == drawn.translate(str.maketrans(BLOCKS, PLAIN))
