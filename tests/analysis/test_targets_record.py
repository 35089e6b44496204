"""What a record tells of its targets is read: trees, segments, hosts, metrics, standings."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from reli_analysis.courses import Course, courses
from reli_analysis.judge import judge
from reli_analysis.readers import read
from reli_analysis.readers.sampled import read_resources
from reli_analysis.record.layout import RESOURCES_CSV
from reli_analysis.series import Run, Sampled, Series, Stood
from reli_analysis.verdict import Verdict
from support import synthetic
from support.synthetic import MIB, Script, Tree

TARGETS = Script(
    trees=(
        Tree("name:web", ((0, 29), (31, 69)), {"fds": lambda s: 20.0 + s, "cpu_s": lambda s: s}),
        Tree("host", ((0, 69),), {"memory_bytes": lambda _s: 5 * MIB}, kind="host", name="box"),
    ),
    published={
        ("prometheus:http://x/metrics", "go_memstats_alloc_bytes"): lambda s: 2.0 * s,
        ("prometheus:http://x/metrics", 'gc_seconds{quantile="0.5"}'): lambda _s: None,
        ("prometheus:http://x/metrics", 'wait_seconds{pool="a,b"}'): lambda _s: 0.5,
    },
    stood=(
        (1.0, "p95 < 1s", "holds"),
        (11.0, "p95 < 1s", "broken"),
        (21.0, "p95 < 1s", "broken"),
        (22.0, "p95 < 1s", "holds"),
        (22.0, "max rss < 1GiB", "unknown"),
    ),
)


def _read(path: Path, script: Script = TARGETS) -> Run:
    return read(synthetic.write(path / "run", script).path)


def test_what_was_sampled_is_told_apart(tmp_path: Path) -> None:
    """A tree by its segments, a process by its id and start, a host by its source."""
    run = _read(tmp_path)
    assert run.damage == ()
    found = {
        (one.kind, one.source, one.segment, one.pid): len(one.elapsed_s) for one in run.sampled
    }
    assert found == {
        ("process", "name:web", 0, 1000): 30,
        ("process", "name:web", 1, 1001): 39,
        ("tree", "name:web", 0, 1000): 30,
        ("tree", "name:web", 1, 1001): 39,
        ("host", "host", 0, 0): 70,
    }
    tree = next(one for one in run.sampled if (one.kind, one.segment) == ("tree", 1))
    assert (tree.first_s, tree.last_s) == (31.5, 69.5)
    assert tree.series["fds"].values.tolist() == [20.0 + second for second in range(31, 70)]
    assert tree.series["fds"].unit == "count"
    process = next(one for one in run.processes if one.pid == 1001)
    assert "rss_bytes" in process.series
    assert process.started_s == synthetic.STARTED_WALL_S + 31


def test_a_course_joins_segments_with_a_gap(tmp_path: Path) -> None:
    """A restart is a gap in its series, and is counted."""
    web, host = courses(_read(tmp_path))
    assert (web.source, web.restarts, web.restarted_s) == ("name:web", 1, (31.5,))
    fds = web.series("fds")
    assert fds is not None
    assert np.flatnonzero(np.isnan(fds.values)).tolist() == [30]
    assert len(fds) == 70
    assert web.series("memory_bytes") is None
    assert (host.last.kind, host.last.name, host.restarts) == ("host", "box", 0)


def test_metrics_are_series_by_source_and_name(tmp_path: Path) -> None:
    """With the unit that the name states; one without any number is none."""
    published = {one.name: one for one in _read(tmp_path).published}
    assert set(published) == {"go_memstats_alloc_bytes", 'wait_seconds{pool="a,b"}'}
    heap = published["go_memstats_alloc_bytes"]
    assert (heap.source, heap.host) == ("prometheus:http://x/metrics", "here")
    assert heap.series.unit == "bytes"
    assert heap.series.values.tolist() == [2.0 * second for second in range(70)]
    assert published['wait_seconds{pool="a,b"}'].series.unit == "s"


def test_standings_are_read_as_their_changes(tmp_path: Path) -> None:
    """What did not change is not kept."""
    assert _read(tmp_path).stood == (
        Stood("p95 < 1s", ((1.0, "holds"), (11.0, "broken"), (22.0, "holds")), 22.0),
        Stood("max rss < 1GiB", ((22.0, "unknown"),), 22.0),
    )


def _sampled(name: str, first: int, last: int, segment: int = 0, pid: int = 1) -> Sampled:
    times = np.arange(float(first), last + 1.0)
    rss = {"rss_bytes": Series("rss_bytes", "bytes", times, times)}
    return Sampled("target", "s", "h", name, times, rss, "tree", segment, pid)


def _courses(*sampled: Sampled) -> tuple[Course, ...]:
    return courses(Run("x", Path("x"), {}, sampled=sampled))


def test_a_target_that_changes_its_name_is_one() -> None:
    """A shell that becomes the server; names side by side, as an agent has them, are several."""
    (one,) = _courses(_sampled("sh", 0, 1), _sampled("server", 2, 9))
    assert (one.last.name, one.restarts) == ("server", 0)
    both = _courses(_sampled("nginx", 0, 9), _sampled("redis", 0, 4), _sampled("redis", 6, 9, 1))
    assert {(course.last.name, course.restarts) for course in both} == {("nginx", 0), ("redis", 1)}


def test_a_record_of_format_1_reads(tmp_path: Path) -> None:
    """It has no kinds, no segments, no metrics.csv and no budgets.csv, and lacks nothing."""
    run = read(_format_1(tmp_path))
    assert run.damage == ()
    assert [(one.kind, one.segment, one.pid) for one in run.sampled] == [("process", 0, 42)]
    assert run.sampled[0].series["fds"].values.tolist() == [20.0] * 70
    assert courses(run) == ()
    assert judge(run, ["p95 < 1s", "max fds < 30"]).verdict is Verdict.PASS


_FORMAT_1 = (
    "elapsed_s,wall_s,role,source,host,pid,started_s,process,"
    "rss_bytes,uss_bytes,fds,threads,cpu_cores,cpu_s\n"
)


def _format_1(tmp_path: Path) -> Path:
    """A record with the files and columns that format 1 had."""
    path = synthetic.write(tmp_path / "old", Script()).path
    for name in ("metrics.csv", "budgets.csv"):
        (path / name).unlink()
    info = json.loads((path / "run.json").read_text())
    del info["load"]
    (path / "run.json").write_text(json.dumps(info | {"format_version": 1, "targets": ["self"]}))
    rows = (f"{s}.5,1795000000,target,self,here,42,1794999000,p,1048576,,20,5,0.1,{s}\n"
            for s in range(70))  # fmt: skip
    (path / "resources.csv").write_text(_FORMAT_1 + "".join(rows))
    results = (path / "results.csv").read_text().splitlines()
    new = ("pss_bytes", "restarts", "oom_kills", "fds_ratio", "processes", "host_cpu_ratio")
    kept = [at for at, name in enumerate(results[0].split(",")) if name not in new]
    cut = (",".join(row.split(",")[at] for at in kept) for row in results)
    (path / "results.csv").write_text("\n".join(cut) + "\n")
    return path


_CELLS = st.sampled_from(["", "1", "2.5", "16777217", "1e9", "nan", "x", "0.1", "-3"])


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(st.integers(0, 9), st.sampled_from("ab"), _CELLS, _CELLS)))
def test_every_cell_comes_back_in_its_own_place(
    tmp_path_factory: Any, rows: list[tuple[int, str, str, str]]
) -> None:
    """Whatever is missing, out of order or no number: values exact, by thing and time."""
    path = tmp_path_factory.mktemp("rows") / RESOURCES_CSV
    header = "elapsed_s,role,source,kind,segment,host,pid,started_s,process,rss_bytes,fds\n"
    lines = [f"{t},target,{of},tree,0,h,,,p,{rss},{fds}\n" for t, of, rss, fds in rows]
    path.write_text(header + "".join(lines))
    found = {one.source: one for one in read_resources(path)[0]}
    for of in "ab":
        own = sorted((row for row in rows if row[1] == of), key=lambda row: row[0])
        assert (of in found) == bool(own)
        if own:
            assert found[of].elapsed_s.tolist() == [row[0] for row in own]
            _check(found[of].series, "rss_bytes", [row[2] for row in own])
            _check(found[of].series, "fds", [row[3] for row in own])


def _check(series: Mapping[str, Series], column: str, cells: list[str]) -> None:
    wanted = [_number(cell) for cell in cells]
    found = series[column].values.tolist() if column in series else [np.nan] * len(cells)
    np.testing.assert_array_equal(found, wanted)


def _number(cell: str, read: Callable[[str], float] = float) -> float:
    try:
        return read(cell)
    except ValueError:
        return np.nan


def test_helpers_that_come_and_go_are_told_apart(tmp_path: Path) -> None:
    """A process a row, over many blocks of rows, keeps its own numbers."""
    path = tmp_path / RESOURCES_CSV
    header = "elapsed_s,role,source,kind,segment,host,pid,started_s,process,rss_bytes\n"
    rows = (f"{n},target,s,process,0,h,{n + 1},{n},sh,{4096 * n}\n" for n in range(5000))
    path.write_text(header + "".join(rows))
    sampled, damage = read_resources(path)
    assert damage == ()
    assert [one.pid for one in sampled] == list(range(1, 5001))
    values = [one.series["rss_bytes"].values.tolist() for one in sampled]
    assert values == [[4096.0 * n] for n in range(5000)]
