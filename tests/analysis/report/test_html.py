"""The page: one file, offline, safe whatever the names in the record are."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from reli_analysis.record import MetricSpec
from reli_analysis.report import REPORTS
from reli_analysis.series import Endpoint, Event, Run, Series
from reli_analysis.verdict import Finding, Verdict
from support.report_fixture import (
    FAILED,
    INCONCLUSIVE,
    PASSED,
    Script,
    hostile_judgement,
    judged,
    make_run,
)

if TYPE_CHECKING:
    from reli_analysis.judgement import Judgement

_VOID = {"meta", "br", "use", "path", "rect", "line", "circle", "link", "img", "input", "hr"}


class _Page(HTMLParser):
    """Tags, attributes and visible text of a page, and whether its elements nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.text.append(data)

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def _page(judgement: Judgement) -> tuple[str, _Page]:
    text = REPORTS.get("html").render(judgement)
    page = _Page(text)
    assert page.open == []
    return text, page


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, _Page]:
    run = make_run(tmp_path_factory.mktemp("run"), Script(failing_s=frozenset({100})))
    return _page(judged(run, [*PASSED, FAILED, INCONCLUSIVE], ("Run longer.",)))


def test_the_page_fetches_nothing(whole: tuple[str, _Page]) -> None:
    """No address, no handler, no frame: the page is the same offline and in ten years."""
    text, page = whole
    assert not page.tags & {"link", "img", "iframe", "object", "embed", "form", "base"}
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert all(v.startswith("#") for v in page.values("href"))
    assert not page.values("src")
    assert "://" not in text
    assert "@import" not in text
    assert "url(" not in text


def test_only_our_own_style_and_script_are_allowed(whole: tuple[str, _Page]) -> None:
    """The policy names them by their hashes; nothing on the page needs more than that."""
    text, page = whole
    policy = next(v for v in page.values("content") if "default-src" in v)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert not page.values("style")
    for kind in ("style", "script"):
        (own,) = re.findall(f"<{kind}>(.*?)</{kind}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    kinds = re.findall("<script([^>]*)>", text)
    assert kinds == [' type="application/json" id="points"', ""]


def test_the_verdict_and_its_reasons_come_first(whole: tuple[str, _Page]) -> None:
    """Verdict, headline, reasons, advice, findings, charts: in this order."""
    words = whole[1].words
    order = [
        "FAIL",
        "1 of 4 checks failed: no leak in rss_bytes",
        FAILED.message,
        INCONCLUSIVE.message,
        "What to do next",
        "Run longer.",
        "What was run",
        "Findings",
        "Over the run",
        "Response time",
        "Failures",
        "Endpoints",
        "Environment",
        "How it was judged",
    ]
    places = [words.index(piece) for piece in order[:3]]
    assert places == sorted(places)
    headings = re.findall(r"<h2[^>]*>([^<]*)", whole[0])
    assert headings == [
        "Why", "What to do next", "What was run", "Findings", "Over the run", "Events", "Failures",
        "Endpoints", "Environment", "How it was judged",
    ]  # fmt: skip
    assert all(piece in words for piece in order)


def _figures(text: str) -> list[str]:
    return re.findall("<figure.*?</figure>", text, re.DOTALL)


def test_every_chart_is_a_picture_with_words_and_numbers(whole: tuple[str, _Page]) -> None:
    """Each has a heading, an image with a description, and the same as a table."""
    text, page = whole
    figures = _figures(text)
    titles = [title.strip() for title in re.findall(r"<figcaption><h3>([^<]*)", text)]
    assert titles == [
        "Stages, windows, events", "Response time", "Rate", "Failures in each interval", "Users",
        "Memory of the target", "Open descriptors of the target", "Threads of the target",
        "CPU, cores kept busy", "Longest wait of a load process&#39;s event loop",
        "drop_ratio: spans that the SDK dropped", "queue_ratio: how full the SDK&#39;s queue is",
    ]  # fmt: skip
    assert len(figures) == len(titles)
    assert all(figure.count('role="img"') == 1 for figure in figures)
    assert all("<table>" in figure for figure in figures[1:])
    described = [label for label in page.values("aria-label") if "over the run" in label]
    assert len(described) == len(figures)
    assert any("p99 21" in label for label in described)
    assert "p95 < 50ms" in page.words


def test_all_charts_share_the_axis_of_time(whole: tuple[str, _Page]) -> None:
    """Stages, windows, marks and the clock are drawn once, and each chart uses the same."""
    text, _ = whole
    for figure in _figures(text)[1:]:
        assert set(re.findall('href="#([a-z-]+)"', figure)) == {
            "backdrop", "clock", "marks-run", "windows",
        }  # fmt: skip
    for shared in ("backdrop", "clock", "marks-run", "windows"):
        assert text.count(f'<g id="{shared}">') == 1
    story = _figures(text)[0]
    assert all(f">{name}</text>" in story for name in ("hold at 100 %", "burst", "calm"))
    assert all(f"var(--{window})" in story for window in ("warm-up", "steady", "cool-down"))
    steps = _points(text)["steps"]
    assert set(re.findall(r'viewBox="0 0 (\d+) ', text)) == {str(2 * steps)}


def _points(text: str) -> dict[str, Any]:
    (found,) = re.findall('<script type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL)
    data: dict[str, Any] = json.loads(found)
    return data


def test_the_script_knows_the_values_that_were_measured(whole: tuple[str, _Page]) -> None:
    """Of each line that is drawn the values by step, in the unit of the axis."""
    text, _ = whole
    data = _points(text)
    assert (data["start_s"], data["end_s"], data["steps"]) == (0, 300, 300)
    latency = data["charts"]["c0"]
    assert latency["unit"] == "ms"
    rows = make_run(Path("x"), Script(failing_s=frozenset({100}))).series["p99_ms"].values
    (line,) = [line for line in latency["lines"] if line["label"] == "p99"]
    assert line["mid"] == pytest.approx(rows, rel=1e-3)
    assert ["burst", 180.0, 210.0] in data["stages"]


def test_a_spike_between_the_points_stays(tmp_path: Path) -> None:
    """A chart of two hours draws the one second that was bad, and its value is there to be shown."""
    run = make_run(tmp_path, Script(length_s=7200))
    values = run.series["max_ms"].values.copy()
    values[4321] = 9876.0
    series = {**run.series, "max_ms": dataclasses.replace(run.series["max_ms"], values=values)}
    text, _ = _page(judged(dataclasses.replace(run, series=series)))
    (line,) = [one for one in _points(text)["charts"]["c0"]["lines"] if one["label"] == "max"]
    assert max(line["hi"]) == 9876
    assert line["hi"].index(9876) == 4321 * 600 // 7200
    assert "9.876 s" in text


def test_ids_are_unique(whole: tuple[str, _Page]) -> None:
    """Anchors and clip paths of one chart never reach into another."""
    ids = whole[1].values("id")
    assert len(ids) == len(set(ids))
    anchors = {href[1:] for href in whole[1].values("href")}
    assert anchors <= set(ids)


def test_hostile_names_are_only_text(tmp_path: Path) -> None:
    """Markup, template syntax, quotes and control characters in names are shown and do nothing."""
    text, page = _page(hostile_judgement(tmp_path))
    assert text.count("<script") == 2
    assert "{{ 7*7 }}" in page.words
    assert "]]>49" not in page.words
    assert "<script>alert(1)</script>\"'`|]]>" in page.words
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert {name for name, _ in page.attributes} <= {
        "aria-hidden", "aria-label", "aria-labelledby", "charset", "class", "colspan", "content",
        "cx", "cy", "d", "data-chart", "data-label", "data-line", "data-value", "dx", "dy", "fill", "height",
        "hidden", "href", "http-equiv", "id", "lang", "min", "name", "overflow",
        "preserveaspectratio", "r", "role", "scope", "step", "tabindex", "type", "value",
        "viewbox", "width", "x", "x1", "x2", "y", "y1", "y2",
    }  # fmt: skip
    stages = [name for name, _, _ in _points(text)["stages"]]
    assert any("<script>alert(1)</script>" in name for name in stages)


def test_what_was_not_measured_has_no_chart_and_is_named(tmp_path: Path) -> None:
    """A missing series is neither an empty chart nor silence."""
    run = make_run(tmp_path)
    nothing = run.series["fds"].values * np.nan
    series = {**run.series, "fds": dataclasses.replace(run.series["fds"], values=nothing)}
    del series["rss_bytes"], series["uss_bytes"]
    _, page = _page(judged(dataclasses.replace(run, series=series)))
    absent = re.search(r"Not measured: ([^.]*)\.", page.words)
    assert absent is not None
    assert absent[1] == "Memory of the target; Open descriptors of the target"


def test_a_table_on_its_own_gets_a_chart_a_column(tmp_path: Path) -> None:
    """Any CSV with numbers is drawn, without stages or windows."""
    elapsed = np.arange(50.0)
    names = ("depth", "evil $x_1$ <b>")
    series = {name: Series(name, "count", elapsed, elapsed % 7) for name in names}
    text, page = _page(judged(Run("table.csv", tmp_path / "table.csv", series), []))
    assert len(_figures(text)) == 2
    assert "evil $x_1$ <b>" in page.words
    assert "the whole run was judged" in page.words


def test_nothing_at_all_is_still_a_page(tmp_path: Path) -> None:
    """A run that left nothing has a report that says so."""
    _, page = _page(judged(Run("empty", tmp_path, {}), []))
    assert "No data is never a PASS" in page.words
    assert "figure" not in page.tags


def test_an_hour_stays_below_two_megabytes(tmp_path: Path) -> None:
    """Drawn points are thinned, long tables cut and the cut is said."""
    run = make_run(tmp_path, Script(length_s=3600))
    events = tuple(Event(float(n), "late", f"w{n}", "woke up late") for n in range(3600))
    finding = dataclasses.replace(FAILED, evidence={"points": list(range(100_000))})
    text, page = _page(judged(dataclasses.replace(run, events=events), [finding]))
    assert len(text) < 1_500_000
    assert "and 3,100 more events, in the run record" in page.words


@pytest.mark.parametrize(
    "values",
    [[0.0], [5.0], [-3.0, -1.0], [1e308, -1e308], [1e-300, 2e-300], [0.0, np.inf], [0.0, 1e12]],
)
def test_any_numbers_can_be_drawn(tmp_path: Path, values: list[float]) -> None:
    """One point, equal points, negative, huge and tiny ones: a chart and never an exception."""
    elapsed = np.arange(float(len(values)))
    series = {
        name: Series(name, unit, elapsed, np.array(values))
        for name, unit in (("p50_ms", "ms"), ("rss_bytes", "bytes"), ("odd", "furlongs"))
    }
    limit = Finding("l", "budget", "p50", Verdict.FAIL, "m", evidence={"budget": "p50 < 5ms"})
    text, _ = _page(judged(Run("t", tmp_path, series), [limit]))
    assert len(_figures(text)) == 3
    assert "nan" not in text.replace("finance", "")


def test_a_metric_of_the_profile_is_charted_with_its_meaning(tmp_path: Path) -> None:
    """What the wrapped service publishes is drawn like everything else."""
    run = make_run(tmp_path)
    assert run.info is not None
    info = dataclasses.replace(run.info, metrics=(MetricSpec("depth", "gauge", "jobs waiting"),))
    series = {**run.series, "depth": dataclasses.replace(run.series["users"], name="depth")}
    _, page = _page(judged(dataclasses.replace(run, info=info, series=series)))
    assert "depth: jobs waiting" in page.words


def _with_evidence(home: Path) -> Judgement:
    """A leak of the target's memory and a step of p95, as findings tell them."""
    line = [[float(s), 80e6 + s, 79e6 + s, 81e6 + s] for s in (60, 100, 140, 200, 240, 280)]
    fit = {
        "metric": "rss_bytes", "unit": "bytes", "source": "", "points": [[70.0, 80e6]],
        "line": line, "window_s": [60.0, 280.0], "began_s": 60.0,
        "left_out": [{"from_s": 145.0, "to_s": 195.0, "why": "restart of <b>x</b>"}],
    }  # fmt: skip
    change = {"at_s": 150.0, "low_s": 140.0, "high_s": 165.0, "before": 12.0, "after": 19.0}
    told = {"changes": [change | {"unit": "ms", "because": "40 s after the restart of <b>x</b>"}]}
    drift = Finding("drift", "budget", "p95", Verdict.FAIL, "p95 rose", evidence=told)
    other = {**fit, "metric": "jobs", "unit": "count", "source": "pid:7"}
    elsewhere = Finding("jobs", "budget", "jobs", Verdict.PASS, "steady", evidence={"fit": other})
    leak = dataclasses.replace(FAILED, evidence={**FAILED.evidence, "fit": fit})
    return judged(make_run(home), [leak, drift, elsewhere])


def test_a_trend_lies_on_the_chart_of_its_resource(tmp_path: Path) -> None:
    """Levels, line and band, what was left out with its reason, and the finding in words."""
    text, page = _page(_with_evidence(tmp_path))
    (chart,) = [f for f in _figures(text) if "Memory of the target" in f]
    assert "fit-band" in chart
    (line,) = re.findall('class="fit-line" d="([^"]*)"', chart)
    assert line.count("M") == 2, "no line is drawn across what was left out"
    assert line.count("L") == 4
    assert "restart of &lt;b&gt;x&lt;/b&gt;" in chart
    assert "growth begins" in chart
    assert FAILED.message in chart
    assert f"#f-{FAILED.id}" in page.values("href")
    assert sum("fit-line" in figure for figure in _figures(text)) == 2


def test_a_trend_of_what_no_chart_shows_has_its_own(tmp_path: Path) -> None:
    """Nothing that was judged is missing from the page."""
    text, _ = _page(_with_evidence(tmp_path))
    assert "Other trends" in text
    (chart,) = [f for f in _figures(text) if "jobs of pid:7" in f]
    assert "fit-line" in chart


def test_change_points_are_marked_and_said(tmp_path: Path) -> None:
    """On the chart of their quantity, in the run's story, and in a list with what may be the cause."""
    text, page = _page(_with_evidence(tmp_path))
    marked = [figure for figure in _figures(text) if 'class="change"' in figure]
    assert len(marked) == 1
    assert "<h3>Response time" in marked[0]
    assert ">changes</text>" in _figures(text)[0]
    sentence = (
        "p95 changed from 12 ms to 19 ms at 2:30 (between 2:20 and 2:45), "
        "40 s after the restart of <b>x</b>"
    )
    assert page.words.count(sentence) == 2


def test_every_budget_is_a_margin_in_its_row(tmp_path: Path) -> None:
    """Dot, interval and limit on one scale, and the same in words."""
    interval = {"budget": "p95 < 50ms", "interval": [17.0, 60.0]}
    wide = dataclasses.replace(PASSED[0], evidence=interval)
    text, page = _page(judged(make_run(tmp_path), [wide, INCONCLUSIVE]))
    bars = re.findall('<svg class="interval [A-Z]+".*?</svg>', text)
    assert len(bars) == 1
    assert 'cx="24.27%"' in bars[0]  # 18.2 of 50 ms; the limit lies at two thirds
    assert 'x1="22.67%" x2="80%"' in bars[0]
    assert "p95 &lt; 50ms: 64 % to spare, in parts of the limit, interval" in bars[0]
    assert "17 ms to 60 ms" in page.words
    assert "no margin: nothing was observed" in page.words


def test_an_error_budget_has_its_section(tmp_path: Path) -> None:
    """Used and left, burn rates, and what the run can claim."""
    slo = {
        "objective": 0.999, "requests": 1000, "failures": 2, "allowed": 1.0, "used_ratio": 2.0,
        "left_ratio": -1.0, "burn_rate": 2.0, "lasts_s": 1_296_000, "period_s": 2_592_000,
        "scale_sentence": "shortened <i>",
        "claim": {"sentence": "proves 99.4 %"},
        "burn": [{"rate": 14.4, "of_long_s": 3600, "of_short_s": 300, "long_s": 60, "short_s": 5,
                  "highest": 20.5, "at_s": 90.0, "fired": True}],
    }  # fmt: skip
    finding = Finding("a", "budget", "availability", Verdict.FAIL, "m", 0.998, 0.999, "ratio",
                      {"budget": "availability > 99.9%", "slo": slo})  # fmt: skip
    _, page = _page(judged(make_run(tmp_path), [finding]))
    assert "2 of 1 allowed" in page.words
    assert "200 % used, overspent by 100 %" in page.words
    assert "2 times as fast as allowed; at this rate a budget for 30 d is used up after 15 d" in (
        page.words
    )
    assert "proves 99.4 %" in page.words
    assert "1 h and 5 min 1 min and 5 s 20.5 1 min 30 s would have fired" in page.words


def test_two_days_with_many_series_stay_below_two_megabytes(tmp_path: Path) -> None:
    """48 h at 1 Hz, 20 series and a hundred endpoints; and far more series do not break it."""
    length = 172_800
    elapsed = np.arange(float(length))
    noise = np.random.default_rng(1).standard_normal(length)
    names = [f"m{number}_bytes" for number in range(20)]
    series = {name: Series(name, "bytes", elapsed, 1e8 + 1e7 * noise) for name in names}
    tens = elapsed[::10]
    endpoints = {
        f"GET /{number}": Endpoint(f"GET /{number}", tens, tens, tens * 0, tens * 0 + 10)
        for number in range(100)
    }
    run = Run("t", tmp_path, series, endpoints=endpoints)
    text, _ = _page(judged(run))
    assert len(_figures(text)) == 20
    assert len(text.encode()) < 2_000_000
