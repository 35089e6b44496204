"""What every report says of the targets: their numbers, their charts, and what happened to them."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest

from reli_analysis.judge import judge
from reli_analysis.readers import read
from reli_analysis.report import REPORTS
from reli_analysis.report.charts import choose
from reli_analysis.report.marks import MEANINGS, Mark, kinds_marked, marks_of
from reli_analysis.report.target_charts import MOST_METRICS, target_groups
from reli_analysis.report.text import render_text
from reli_analysis.series import Event, Run
from reli_analysis.target_summary import describe_standing, summarise_targets
from support import synthetic
from support.synthetic import MIB, Script, Tree

REDIS = Tree(
    "name:redis-server",
    ((0, 29), (33, 69)),
    {
        "rss_bytes": lambda s: (80 + s) * MIB,
        "uss_bytes": lambda s: 70 * MIB if s % 20 == 0 else None,
        "fds": lambda s: 20.0 + s % 3,
        "fds_ratio": lambda s: (20.0 + s % 3) / 100,
        "cpu_cores": lambda s: 0.5 if s % 2 else 0.25,
        "children": lambda _s: 3,
    },
    name="redis-server",
    host="db1",
)
NGINX = Tree("name:nginx", ((0, 69),), name="nginx")
HOST = Tree("host", ((0, 69),), {"memory_bytes": lambda _s: 4096 * MIB}, kind="host", name="box",
            host="box")  # fmt: skip
EVENTS = (
    (33.5, "restart", "name:redis-server", "pid 2 has taken the place of pid 1"),
    (30.0, "exit", "name:redis-server", "redis-server (pid 1) was killed by SIGKILL"),
    (30.4, "exit", "name:nginx", "a worker ended"),
    (50.0, "gap", "sampler", "2 samples missed"),
    (60.0, "breach", "p95 < 1s", "broken: 2 s against a limit of 1 s"),
)
PUBLISHED = {("prometheus:http://x/metrics", f"m{n}_bytes"): float for n in range(15)}
STOOD = ((10.0, "p95 < 1s", "holds"), (60.0, "p95 < 1s", "broken"), (69.0, "p95 < 1s", "broken"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    named = ("name:redis-server", "name:nginx", "host", "prometheus:http://x/metrics", "pid:9")
    script = Script(trees=(REDIS, NGINX, HOST), events=EVENTS, published=PUBLISHED, stood=STOOD,
                    info={"targets": named})  # fmt: skip
    return read(synthetic.write(tmp_path_factory.mktemp("runs") / "run", script).path)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One target, sampled without a load."""
    script = Script(trees=(REDIS,), events=EVENTS[:2], load=False)
    return read(synthetic.write(tmp_path_factory.mktemp("runs") / "run", script).path)


def test_a_target_is_summed_up_over_its_segments(run: Run) -> None:
    """Last and largest values over all segments, restarts, and what was never there."""
    redis, nginx, host, metrics, absent = summarise_targets(run)
    assert (redis.source, redis.kind, redis.name, redis.host) == (
        "name:redis-server", "tree", "redis-server", "db1",
    )  # fmt: skip
    assert (redis.processes, redis.restarts, redis.samples) == (4, 1, 67)
    assert (redis.memory_last_bytes, redis.memory_max_bytes) == (149 * MIB, 149 * MIB)
    assert (redis.fds_last, redis.fds_max, redis.fds_max_ratio) == (20, 22, 0.22)
    assert redis.cpu_mean_cores == pytest.approx(0.375, abs=0.01)
    assert redis.cpu_max_cores == 0.5
    assert (nginx.restarts, nginx.processes, nginx.cpu_max_cores) == (0, 1, None)
    assert (host.memory_last_bytes, host.restarts) == (4096 * MIB, None)
    assert (metrics.kind, metrics.name) == ("metric", "15 metrics")
    assert (absent.source, absent.kind, absent.samples) == ("pid:9", "", 0)


def test_each_target_has_its_charts(run: Run) -> None:
    """Only of what was measured; further metrics are named, and sums say whose they are."""
    groups = target_groups(run)
    titles = {group.title: [spec.title for spec, _series in group.charts] for group in groups}
    assert titles["name:redis-server: tree redis-server on db1, 1 restart"] == [
        "Memory", "Open descriptors", "Threads, and child processes", "CPU, cores kept busy",
    ]  # fmt: skip
    assert titles["name:nginx: tree nginx on here"] == [
        "Memory", "Open descriptors", "Threads, and child processes",
    ]  # fmt: skip
    assert titles["host: host on box"] == ["Memory of the host"]
    assert len(titles["prometheus:http://x/metrics: metrics"]) == MOST_METRICS
    assert groups[-1].left_out == ("m12_bytes", "m13_bytes", "m14_bytes")
    assert not any(group.limited for group in groups)
    assert "Memory of all targets together" in [spec.title for spec in choose(run).charts]


def test_the_only_target_is_not_drawn_twice(alone: Run) -> None:
    """What would be a sum over one is that one's own chart, and limits are drawn there."""
    assert choose(alone).charts == ()
    (group,) = target_groups(alone)
    assert group.limited
    page = REPORTS.get("html").render(judge(alone, ["max rss < 200MiB"]))
    titled = re.findall(
        r"<figure[^>]*>\s*<figcaption><h\d>(.*?)</h\d>(.*?)</figure>", page, re.DOTALL
    )
    charts = {title: chart for title, chart in titled if "Stages" not in title}
    assert len(charts) == 4
    assert ["max rss &lt; 200MiB" in chart for chart in charts.values()] == [True, *[False] * 3]


def test_events_are_marked_where_they_belong(run: Run) -> None:
    """A restart on the run's charts and its target's, an end of a process on its target's alone."""
    assert {mark.kind for mark in marks_of(run)} == {"restart", "gap", "breach"}
    redis = marks_of(run, "name:redis-server")
    assert redis == (Mark("restart", 33.5), Mark("exit", 30.0), Mark("gap", 50.0),
                     Mark("breach", 60.0))  # fmt: skip
    assert {mark.kind for mark in marks_of(run, "name:nginx")} == {"exit", "gap", "breach"}
    assert kinds_marked(run) == ("restart", "exit", "gap", "breach")


def test_marks_do_not_hide_what_they_mark(run: Run) -> None:
    """One for those that would lie upon each other, and none where there are too many."""
    ends = tuple(Event(5.0 + n / 1e6, "restart", "s", "m") for n in range(50))
    close = dataclasses.replace(run, events=ends)
    assert [mark.elapsed_s for mark in marks_of(close)] == [5.0]
    many = tuple(Event(n / 2, "restart", "s", "m") for n in range(140))
    assert marks_of(dataclasses.replace(run, events=many)) == ()
    first = dataclasses.replace(run, events=(Event(1.0, "appeared", "s", "m"),))
    assert marks_of(first) == ()


def test_the_page_shows_targets_and_marks(run: Run) -> None:
    """A table, a heading and charts for each, a legend of the marks, the budgets as they stood."""
    page = REPORTS.get("html").render(judge(run, ["p95 < 1s"]))
    headings = re.findall(r"<h3 class=\"group\">([^<]*)", page)
    assert headings[0] == "name:redis-server: tree redis-server on db1, 1 restart"
    assert len(headings) == 4
    assert '<a href="#targets">Targets</a>' in page
    assert "<td>never there</td>" in page
    assert all(MEANINGS[kind] in page for kind in ("restart", "exit", "gap", "breach"))
    (marks,) = re.findall('<g id="marks-t0">(.*?)</g>', page)
    assert re.findall('class="mark ([a-z]+)"', marks) == ["restart", "exit", "gap", "breach"]
    assert page.count('href="#marks-t0"') == 4
    assert "<b>p95 &lt; 1s</b>: broken first at 1 min, broken at the end" in page
    assert "m14_bytes" in page


def test_a_page_of_samples_alone_speaks_of_no_load(alone: Run) -> None:
    """No requests, no endpoints, no failures, nothing called not measured."""
    page = REPORTS.get("html").render(judge(alone, ["max rss < 200MiB"]))
    headings = re.findall(r"<h2[^>]*>([^<]*)", page)
    assert {"Targets", "Over the run", "Events", "Environment"} <= set(headings)
    assert not {"Failures", "Endpoints"} & set(headings)
    assert "targets alone, without load" in page
    assert "Not measured" not in page
    assert "requests" not in page


def test_text_says_each_target_in_words(run: Run) -> None:
    """Whatever the terminal's width; what was not measured is not said."""
    judgement = judge(run, ["p95 < 1s"])
    text = render_text(judgement, width=140, color=False, ascii_only=True)
    lines = [line.strip() for line in text[text.index("  targets") :].splitlines()]
    said = "149 MiB (at most 149 MiB), 20 descriptors (at most 22 % of the limit), 0.377 cores"
    assert re.sub(" +", " ", lines[1]) == f"name:redis-server {said}, 4 processes, 1 restart"
    assert re.sub(" +", " ", lines[3]) == "host 4 GiB (at most 4 GiB)"
    assert re.sub(" +", " ", lines[5]) == "pid:9 never there"
    narrow = render_text(judgement, width=60, color=False, ascii_only=True)
    table = narrow[narrow.index("  targets") : narrow.index("  what to do next")]
    assert max(map(len, table.splitlines())) <= 60
    assert "149 MiB" in table


def test_markdown_has_a_row_a_target(run: Run) -> None:
    """With the same cells as the page."""
    text = REPORTS.get("markdown").render(judge(run, ["p95 < 1s"]))
    assert "| target | what | processes | restarts | memory |" in text
    assert "| name:redis-server | tree redis-server on db1 | 4 | 1 | 149 MiB | 149 MiB |" in text
    assert "| pid:9 | never there |" in text


def test_json_has_the_numbers(run: Run, alone: Run) -> None:
    """In base units, null where nothing was measured; whether there was a load."""
    document = json.loads(REPORTS.get("json").render(judge(run, ["p95 < 1s"])))
    assert document["run"]["load"] is True
    redis, nginx = document["targets"][:2]
    assert redis["memory_last_bytes"] == 149 * MIB
    assert (redis["restarts"], nginx["cpu_max_cores"]) == (1, None)
    other = json.loads(REPORTS.get("json").render(judge(alone, ["p95 < 1s"])))
    assert other["run"]["load"] is False


def test_junit_has_a_case_for_what_happened_to_targets(run: Run) -> None:
    """A target that was never there is never green."""
    text = REPORTS.get("junit").render(judge(run, ["p95 < 1s"]))
    assert re.search(r'name="validity-targets"[^>]*>\s*<failure type="INCONCLUSIVE"', text)
    assert re.search(r'name="validity-restarts"[^>]*>\s*<failure type="INCONCLUSIVE"', text)


def test_how_a_budget_stood_is_a_sentence(run: Run) -> None:
    """Broken or not, since when, and at the end."""
    (stood,) = run.stood
    assert describe_standing(stood) == "broken first at 1 min, broken at the end"
    mended = dataclasses.replace(stood, changes=((1.0, "broken"), (5.0, "holds"), (9.0, "broken"),
                                                 (12.0, "warns")))  # fmt: skip
    assert describe_standing(mended) == "broken 2 times, first at 1 s, warns at the end"
    held = dataclasses.replace(stood, changes=((1.0, "holds"),))
    assert describe_standing(held) == "never broken, holds at the end"


def test_a_table_on_its_own_has_no_targets(tmp_path: Path) -> None:
    """And no section for them."""
    page = REPORTS.get("html").render(judge(Run("t", tmp_path, {}), []))
    assert "Targets" not in page
