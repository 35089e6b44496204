"""Counters become rates, histograms quantiles, and the rest is passed on."""

from __future__ import annotations

import pytest

from reli.sampling.prometheus_page import PageReader
from reli.sampling.prometheus_selector import parse_selectors
from reli.sampling.prometheus_values import MOST_SERIES, Converter, Values


def _convert(selectors: str, *pages: str, every_s: float = 2.0) -> Values:
    """What the last of some pages comes to, one every two seconds."""
    wanted = parse_selectors(selectors)
    reader, converter = PageReader(s.metric for s in wanted), Converter(wanted)
    values = Values()
    for number, page in enumerate(pages):
        values = converter.convert(reader.read(page.encode()), number * every_s)
    return values


def test_a_counter_becomes_a_rate() -> None:
    """What was added between two pages, by the time between them; the first page has none."""
    first = 'jobs_total{kind="a"} 10\njobs_total{kind="b"} 1\n'
    second = 'jobs_total{kind="a"} 30\njobs_total{kind="b"} 1\n'
    assert _convert("jobs_total", first).others == {}
    values = _convert("jobs_total", first, second).others
    assert values == {'jobs_total_per_s{kind="a"}': 10.0, 'jobs_total_per_s{kind="b"}': 0.0}


def test_a_counter_that_fell_began_anew() -> None:
    """A restart of the target is no negative rate."""
    assert _convert("n_total", "n_total 100", "n_total 6").others == {"n_total_per_s": 3.0}


def test_the_page_says_what_is_a_counter() -> None:
    """By its TYPE, also in OpenMetrics, or else by the name."""
    typed = "# TYPE jobs counter\njobs {}\n"
    assert _convert("jobs", typed.format(1), typed.format(5)).others == {"jobs_per_s": 2.0}
    openmetrics = '# TYPE jobs counter\njobs_total {} # {{id="1"}} 1\n# EOF\n'
    values = _convert("jobs_total", openmetrics.format(1), openmetrics.format(5))
    assert values.others == {"jobs_total_per_s": 2.0}
    gauge = "# TYPE queue gauge\nqueue 3\nqueue_count 7\n"
    assert _convert("queue", gauge).others == {"queue": 3.0}


_HISTOGRAM = """# HELP wait_seconds how long
# TYPE wait_seconds histogram
wait_seconds_bucket{{path="/",le="0.1"}} {0}
wait_seconds_bucket{{path="/",le="1"}} {1}
wait_seconds_bucket{{path="/",le="+Inf"}} {2}
wait_seconds_sum{{path="/"}} 3.5
wait_seconds_count{{path="/"}} {2}
"""


def test_a_histogram_becomes_quantiles_of_what_was_added() -> None:
    """What it counted before the first page plays no part."""
    before, after = _HISTOGRAM.format(1000, 1000, 1000), _HISTOGRAM.format(1010, 1020, 1020)
    values = _convert("wait_seconds", before, after).others
    assert values == pytest.approx(
        {
            'wait_seconds_p50{path="/"}': 0.1,
            'wait_seconds_p95{path="/"}': 0.91,
            'wait_seconds_p99{path="/"}': 0.982,
            'wait_seconds_count_per_s{path="/"}': 10.0,
        }
    )
    assert _convert("p99.9(wait_seconds)", before, after).others == pytest.approx(
        {'wait_seconds_p99.9{path="/"}': 0.9982}
    )


def test_a_histogram_without_new_observations_has_no_quantile() -> None:
    """Nothing is known then, which is not 0; its rate is."""
    page = _HISTOGRAM.format(1, 2, 3)
    assert _convert("wait_seconds", page, page).others == {'wait_seconds_count_per_s{path="/"}': 0}


def test_a_histogram_of_a_restarted_target() -> None:
    """Each bucket begins anew."""
    values = _convert(
        "p50(wait_seconds)", _HISTOGRAM.format(900, 900, 900), _HISTOGRAM.format(4, 4, 4)
    )
    assert values.others == {'wait_seconds_p50{path="/"}': 0.05}


def test_a_summary_is_passed_on() -> None:
    """Its quantiles as they are, and its count as a rate."""
    page = '# TYPE gc_seconds summary\ngc_seconds{{quantile="0.5"}} 0.25\ngc_seconds_sum 9\ngc_seconds_count {}\n'
    values = _convert("gc_seconds", page.format(1), page.format(3))
    assert values.others == {'gc_seconds{quantile="0.5"}': 0.25, "gc_seconds_count_per_s": 1.0}


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf"])
def test_what_is_no_number_is_absent(value: str) -> None:
    """NaN and the infinities are no measurement; their neighbours are."""
    values = _convert("level,good=other", f"level {value}\nother 1")
    assert values.others == {}
    assert values.named == {"good": 1.0}
    assert _convert("n_total", f"n_total {value}", "n_total 5").others == {}


def test_a_named_selector_is_one_number() -> None:
    """Its series are added up: levels, rates, and the buckets of histograms."""
    page = 'open{db="a"} 3\nopen{db="b"} 4\nopen{db="c"} 9\nn_total{x="1"} 0\nn_total{x="2"} 0\n'
    later = page.replace('"1"} 0', '"1"} 6').replace('"2"} 0', '"2"} 2')
    values = _convert('all=open,two=open{db=~"a|b"},rate=n_total', page, later)
    assert values.named == {"all": 16.0, "two": 7.0, "rate": 4.0}
    assert values.others == {}
    two = _HISTOGRAM + _HISTOGRAM.replace("/", "/x").split("\n", 2)[2]
    values = _convert("slow_s=p50(wait_seconds)", two.format(0, 0, 0), two.format(4, 8, 8))
    assert values.named == {"slow_s": pytest.approx(0.1)}


def test_a_sum_of_some_series_is_no_sum() -> None:
    """With one of them unknown the whole is: it would read as a fall."""
    assert _convert("all=open", 'open{a="1"} 3\nopen{a="2"} NaN').named == {}


@pytest.mark.parametrize(
    ("selector", "page", "sentence"),
    [
        ("gone", "up 1", "the page has no metric gone"),
        ('up{a="1"}', "up 1", "no series of up is as"),
        ("p95(up)", "up 1", "up is no histogram"),
        ("x=wait_seconds", _HISTOGRAM.format(1, 1, 1), r"write x=p95\(...\)"),
        ("up", 'up{a="1 1\n', "the lines of up are malformed"),
        ("up", 'up{a="1"} 1\nup{a="2" 1\n', "some lines of up are malformed"),
        (
            "x=s",
            '# TYPE s summary\ns{quantile="0.5"} 1\ns{quantile="0.9"} 2\n',
            "choose one of its series",
        ),
    ],
)
def test_a_selector_that_cannot_be_had_says_why(selector: str, page: str, sentence: str) -> None:
    """Each has a sentence, and the other selectors go on."""
    good = "\nfine 1\n"
    values = _convert(f"{selector},fine", "fine 0\n" + page + good)
    (trouble,) = values.troubles.values()
    assert sentence.replace("\\", "") in trouble
    assert values.others["fine"] == 1.0


def test_series_are_bounded_and_stay_the_same() -> None:
    """The first hundred are read, and they stay while others appear before them."""
    many = [f'up{{id="{number:04}"}} 1' for number in range(MOST_SERIES + 20)]
    values = _convert("up", "\n".join(many))
    assert len(values.others) == MOST_SERIES
    assert "more than 100 series" in str(values.troubles)
    before = [f'up{{id="{number:04}"}} 1' for number in range(50)]
    values = _convert("up", "\n".join(many[50:150]), "\n".join([*before, *many[50:150]]))
    assert set(values.others) == {f'up{{id="{number:04}"}}' for number in range(50, 120)} | {
        f'up{{id="{number:04}"}}' for number in range(30)
    }


def test_a_name_is_found_whole() -> None:
    """A metric whose name begins like the wanted one, or stands in another's label, is another."""
    page = '# HELP up what up 5 is\nup_and_down 7\nother{x="\\nup 3"} 1\nup 1\r\n'
    assert _convert("up", page).others == {"up": 1.0}


@pytest.mark.parametrize(
    "page", [b"<!doctype html>\n<p>Not found</p>\n", b"\x00\xff" * 50, b'{"a": 1}']
)
def test_what_is_no_page_of_metrics_is_told(page: bytes) -> None:
    """One sentence, whatever came."""
    with pytest.raises(ValueError, match="not in the Prometheus text format"):
        PageReader(["up"]).read(page)
