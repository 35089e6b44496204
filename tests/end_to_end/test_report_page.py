"""The report of a run in a real Chromium: from its own file, without a network."""

from __future__ import annotations

import dataclasses
import itertools
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reli_analysis.report import REPORTS
from reli_analysis.series import Endpoint
from reli_analysis.verdict import Finding, Verdict
from support.chromium import Chromium
from support.report_fixture import (
    FAILED,
    INCONCLUSIVE,
    PASSED,
    Script,
    hostile_judgement,
    judged,
    make_run,
)

NAMES = ("GET /slow", "GET /quick", "GET /usual")


def _page(home: Path, judgement: Any) -> str:
    path = home / "report.html"
    path.write_text(REPORTS.get("html").render(judgement), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    home = tmp_path_factory.mktemp("page")
    run = make_run(home, Script(failing_s=frozenset({100})))
    tens = np.arange(0.0, 300.0, 10.0)
    endpoints = {
        name: Endpoint(name, tens, np.full(30, float(rate)), np.zeros(30), np.full(30, 10.0))
        for name, rate in zip(NAMES, (2.5, 900, 5), strict=True)
    }
    found = [*PASSED, FAILED, INCONCLUSIVE]
    return _page(home, judged(dataclasses.replace(run, endpoints=endpoints), found))


def test_one_moment_is_shown_in_all_charts(url: str) -> None:
    """Pointing at a chart moves every chart's line to that time and shows what was measured."""
    with Chromium() as browser:
        browser.open(url)
        browser.evaluate("document.querySelector('[data-chart=c0]').scrollIntoView()")
        box = browser.evaluate(
            "(({left, top, width, height}) => [left, top, width, height])"
            "(document.querySelector('[data-chart=c0] .plot').getBoundingClientRect())"
        )
        left, top, width, height = box
        x, y = left + width * (150.5 / 300), top + height / 2
        browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        said = browser.wait_for(
            "(t => t.startsWith('2:30') && t)(document.querySelector('#moment output').textContent)"
        )
        assert said == "2:30 · hold at 100 % · steady"
        places = browser.evaluate(
            "[...document.querySelectorAll('line.cross')].map(l => l.getBoundingClientRect().left)"
        )
        assert len(places) == len(browser.texts("figure"))
        assert max(places) - min(places) < 0.5
        assert abs(places[0] - x) < 1
        run = make_run(Path("x"), Script(failing_s=frozenset({100})))
        expected = {
            name: f"{run.series[f'{name}_ms'].values[150]:.4g} ms" for name in ("p50", "p95", "p99")
        }
        labels = [
            re.split(r"\s", text.strip())[0] for text in browser.texts("[data-chart=c0] .legend li")
        ]
        values = browser.texts("[data-chart=c0] .legend .now")
        shown = dict(zip(labels, values, strict=False))
        assert {name: shown[name] for name in expected} == expected
        assert browser.complaints == []


def test_the_slider_does_the_same_by_keyboard(url: str) -> None:
    """The moment can be chosen without a pointer, and Escape lets go of it."""
    with Chromium() as browser:
        browser.open(url)
        browser.evaluate("document.querySelector('#moment input').focus()")
        browser.press("ArrowRight")
        browser.wait_for("document.body.classList.contains('pointed')")
        browser.press("End")
        text = "document.querySelector('#moment input').getAttribute('aria-valuetext')"
        browser.wait_for(f"{text} && {text}.startsWith('4:59')")
        browser.evaluate(
            "document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', bubbles: true}))"
        )
        browser.wait_for("!document.body.classList.contains('pointed')")
        assert browser.complaints == []


def test_endpoints_are_sorted_by_any_column(url: str) -> None:
    """By number, not by text; what was not measured stays last; the order is said."""
    with Chromium() as browser:
        browser.open(url)
        names = "table.sortable tbody th"
        assert browser.texts(names) == ["GET /quick", "GET /usual", "GET /slow"]
        head = "document.querySelectorAll('table.sortable thead button')"
        browser.evaluate(f"{head}[2].focus()")
        browser.press("Enter")
        browser.press("Enter")
        assert browser.texts(names) == ["GET /slow", "GET /usual", "GET /quick"]
        sort = "document.querySelectorAll('table.sortable th[scope=col]')[2].ariaSort"
        assert browser.evaluate(sort) == "ascending"
        browser.evaluate(f"{head}[0].click()")
        assert browser.texts(names) == sorted(NAMES)
        assert browser.complaints == []


def test_without_scripts_everything_but_pointing_is_there(url: str) -> None:
    """Charts, tables and their order need no script."""
    with Chromium() as browser:
        browser.call("Emulation.setScriptExecutionDisabled", value=True)
        browser.call("Page.navigate", url=url)
        browser.wait_for("document.readyState === 'complete'")
        assert browser.texts("table.sortable tbody th") == ["GET /quick", "GET /usual", "GET /slow"]
        assert browser.texts("table.sortable button") == []
        assert browser.evaluate("document.querySelector('#moment').hidden") is True
        assert browser.evaluate("document.querySelectorAll('path.line').length") > 10


@pytest.mark.parametrize("width", [380, 1280])
def test_nothing_is_wider_than_the_page(url: str, width: int) -> None:
    """Wide tables scroll in themselves, on a phone too."""
    with Chromium(width=width) as browser:
        browser.open(url)
        assert browser.evaluate("document.documentElement.scrollWidth") <= width
        assert browser.evaluate(
            "[...document.querySelectorAll('svg.plot')].every(e => e.clientWidth > 0.6 * innerWidth)"
        )


_CONTRAST = """
(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (color) => {
    const part = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = rgb(color);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      if (rgb(color)[3] === 255) return color;
    }
    return 'white';
  };
  const texts = [...document.querySelectorAll('body *')].filter((e) =>
    [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) &&
    !e.closest('script, style, defs, .hidden, .skip') && e.getClientRects().length);
  return texts.map((e) => {
    const style = getComputedStyle(e);
    const ink = light(e instanceof SVGElement ? style.fill : style.color);
    const paper = light(behind(e));
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    return [ratio, `${e.tagName}.${e.getAttribute('class')} ${e.textContent.slice(0, 30)}`];
  }).filter(([ratio]) => ratio < 4.5);
})()
"""


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_can_be_read(url: str, dark: bool) -> None:
    """Contrast of text is at least 4.5 to 1 (WCAG 2.2, AA), in light and in dark."""
    with Chromium(dark=dark) as browser:
        browser.open(url)
        background = browser.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (background != "rgb(255, 255, 255)") is dark
        browser.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        assert browser.evaluate(_CONTRAST) == []


def test_a_screen_reader_finds_its_way(url: str) -> None:
    """Headings do not skip a level, every image and input has a name, every head cell its scope."""
    with Chromium() as browser:
        browser.open(url)
        nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
        named = [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in nodes
            if not node.get("ignored")
        ]
        images = [name for role, name in named if role in {"image", "img", "graphics-document"}]
        assert len(images) >= len(browser.texts("figure"))
        assert all(images)
        assert all(name for role, name in named if role in {"slider", "button", "region", "link"})
        levels = [int(tag[1]) for tag in browser.evaluate(
            "[...document.querySelectorAll('h1, h2, h3, h4')].map(e => e.tagName)"
        )]  # fmt: skip
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
        assert browser.evaluate("document.querySelectorAll('th:not([scope])').length") == 0
        browser.press("Tab")
        assert browser.evaluate("document.activeElement.className") == "skip"
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert browser.evaluate(outline) == "solid"


def test_print_is_light_and_opens_what_is_folded(url: str) -> None:
    """On paper evidence is there, the slider is not, and dark does not cost ink."""
    with Chromium(dark=True) as browser:
        browser.open(url)
        browser.call("Emulation.setEmulatedMedia", media="print")
        shown = browser.evaluate(
            "[...document.querySelectorAll('dl.evidence')].every(e => e.checkVisibility())"
        )
        assert shown
        assert browser.evaluate("getComputedStyle(document.body).backgroundColor") == (
            "rgb(255, 255, 255)"
        )
        assert not browser.evaluate("document.querySelector('#moment').checkVisibility()")


def test_hostile_names_run_nothing(tmp_path: Path) -> None:
    """Markup in any name is shown, in the page, in its title and in what is pointed at."""
    finding = Finding("</script><img src=x onerror=alert(1)>", "budget", "x", Verdict.FAIL, "m")
    judgement = hostile_judgement(tmp_path)
    judgement = dataclasses.replace(judgement, findings=(*judgement.findings, finding))
    with Chromium() as browser:
        browser.open(_page(tmp_path, judgement))
        assert browser.evaluate("document.querySelectorAll('img').length") == 0
        assert browser.evaluate("document.scripts.length") == 2
        browser.evaluate(
            "(s => { s.value = 100; s.dispatchEvent(new Event('input')) })"
            "(document.querySelector('#moment input'))"
        )
        browser.wait_for("document.body.classList.contains('pointed')")
        assert "<script>alert(1)</script>" in browser.texts("#moment output")[0]
        assert browser.complaints == []
