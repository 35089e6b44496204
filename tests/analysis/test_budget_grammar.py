"""Budgets are read whole, in the units of what they limit, or refused with the place and a hint."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reli_analysis.budgets import VOCABULARY, Budget, parse, parse_all
from reli_analysis.budgets.functions import EVALUATORS
from reli_analysis.budgets.vocabulary import ALIASES
from reli_analysis.errors import BudgetError, ReliError
from reli_analysis.record.layout import WINDOWS

MIB = 2**20
WORDS = (
    *("p95", "mean", "max", "rss", "errors", "recovery", "availability", "of", "each", "in"),
    *("fault", "over", "30s", "abort", "after", "critical", "1s", "1%", "5", "<", ">=", ","),
    *('"GET /a"', "no", "leak"),
)


def test_every_function_of_the_vocabulary_can_be_evaluated() -> None:
    """A word that parses has an evaluator, and the other way round."""
    assert VOCABULARY.names() == EVALUATORS.names()


@pytest.mark.parametrize("name", VOCABULARY.names())
def test_every_example_parses_to_its_function(name: str) -> None:
    """The examples of the docs mean what they are examples of."""
    assert parse(VOCABULARY.get(name).example).function == name


@pytest.mark.parametrize(
    ("text", "word", "quantile", "limit"),
    [
        ("p95 < 250ms", "p95", 0.95, 250.0),
        ("p99.9<1s", "p99.9", 0.999, 1000.0),
        ("P999 <= 0.5 ms", "p999", 0.999, 0.5),
        ("p9999 < 1us", "p9999", 0.9999, 0.001),
        ("p5 > 2m", "p5", 0.05, 120_000.0),
        ("service_p50 >= 1ms", "service_p50", 0.5, 1.0),
    ],
)
def test_percentiles(text: str, word: str, quantile: float, limit: float) -> None:
    """Any percentile of response or service time, its limit in milliseconds."""
    budget = parse(text)
    assert (budget.word, budget.quantile, budget.limit) == (word, quantile, limit)
    assert budget.unit == "ms"


def test_an_endpoint_is_quoted_and_may_hold_anything() -> None:
    """Names with spaces, signs and commas stand in either kind of quotes."""
    budget = parse("p99 of 'GET /a, \"b\" < c' < 1s")
    assert budget.endpoint == 'GET /a, "b" < c'
    assert parse('error_ratio of "GET *" < 1%').endpoint == "GET *"
    assert budget.subject == 'p99 of "GET /a, "b" < c"'


def test_options_come_in_any_order_with_or_without_commas() -> None:
    """J104: two levels; windows and abort beside them."""
    wanted = Budget(
        text="",
        function="pNN",
        word="p95",
        unit="ms",
        comparison="<",
        limit=0.5,
        critical=1.0,
        quantile=0.95,
        over_s=90.0,
        abort=True,
    )
    for options in (
        ", critical 1ms over 1m30s, abort",
        " abort, over 90s, critical 1 ms",
        " over 90s critical 1ms abort",
    ):
        budget = parse(f"p95 < 0.5ms{options}")
        assert {**vars(budget), "text": ""} == vars(wanted)


@pytest.mark.parametrize(
    ("text", "function", "column", "unit", "limit"),
    [
        ("max rss < 512MiB", "max NAME", "rss_bytes", "bytes", 512.0 * MIB),
        ("growth rss < 50MiB", "growth NAME", "rss_bytes", "bytes", 50.0 * MIB),
        ("mean cpu < 0.8", "mean NAME", "cpu_cores", "cores", 0.8),
        ("fds < 100", "NAME", "fds", "count", 100.0),
        ("min uss > 0", "min NAME", "uss_bytes", "bytes", 0.0),
        ("last queue_bytes < 1kB", "last NAME", "queue_bytes", "bytes", 1000.0),
        ("drop_ratio < 0.1%", "NAME", "drop_ratio", "ratio", 0.001),
        ("drop_ratio < 0.001", "NAME", "drop_ratio", "ratio", 0.001),
        ("loop_lag_ms < 1s", "NAME", "loop_lag_ms", "ms", 1000.0),
        ('"User Count" < 5', "NAME", "User Count", "count", 5.0),
        ('max "p95" < 5', "max NAME", "p95", "count", 5.0),
        ("completed_per_s > 600/m", "NAME", "completed_per_s", "1/s", 10.0),
    ],
)
def test_metrics(text: str, function: str, column: str, unit: str, limit: float) -> None:
    """A name is a column or a short name for one, and its unit is that of the limit."""
    budget = parse(text)
    assert (budget.function, budget.metric, budget.unit) == (function, column, unit)
    assert budget.limit == limit


def test_a_runs_own_units_count() -> None:
    """What the run says of a metric comes before what its name seems to state."""
    assert parse("fill < 80%", {"fill": "ratio"}).limit == 0.8
    assert parse("rss < 5", {"rss": "count"}).metric == "rss"
    with pytest.raises(BudgetError, match="a plain number of spans"):
        parse("queue < 80%", {"queue": "spans"})


def test_no_leak_takes_a_list() -> None:
    """Each name once, short names resolved."""
    assert parse("no leak in rss, fds,threads").metrics == ("rss_bytes", "fds", "threads")
    assert parse('NO LEAK IN "my heap"').metrics == ("my heap",)


@pytest.mark.parametrize("limit", ["99.9%", "0.1%", "1%", "33%"])
def test_a_share_is_the_decimal_that_was_written(limit: str) -> None:
    """Dividing by a hundred leaves no dust that would break ``>= 99.9%`` at exactly that."""
    assert parse(f"availability >= {limit}").limit == float(limit[:-1] + "e-2")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "a budget is empty"),
        ("   ", "a budget is empty"),
        ("p95", "at its end: expected one of <, <=, >, >="),
        ("p95 < 5", 'at "5" (character 7): a time needs a unit: write 5ms'),
        ("max rss < 512", "write 512MiB"),
        ("error_ratio < 5", "write 5%"),
        ("throughput > 50", "write 50/s"),
        ("throughput > 50ms", "expected a rate, such as 5/s"),
        ("p95 < 5%", "expected a time, such as 5ms"),
        ("fds < 5MiB", "expected a plain number"),
        ("cpu_cores < 5MiB", "a plain number of cores"),
        ("p95 < 5parsec", 'unknown unit "parsec"'),
        ("p95 == 5ms", 'at "==" (character 5): expected one of <'),
        ("p95 <> 5ms", 'at ">" (character 6): expected a limit'),
        ("p95 < critical", '"critical" is not a quantity'),
        ("p100 < 5ms", "p100 is no percentile"),
        ("p0 < 5ms", "p0 is no percentile"),
        ("service_p0 < 5ms", "service_p0 is no percentile"),
        ("p95 < -5ms", "p95 is never negative"),
        ("availability > 101%", "never more than 100%"),
        ("p95 of GET /x < 5ms", "belongs in quotes"),
        ('p95 of "" < 5ms', "belongs in quotes"),
        ('p95 of "x < 5ms', "a quote is never closed"),
        ('drop_ratio of "x" < 1%', "is not measured by endpoint"),
        ('max rss of "x" < 1MiB', '"max" is not measured by endpoint'),
        ("maxx rss < 5MiB", 'did you mean "max"?'),
        ("max < 5MiB", "max of what?"),
        ('"" < 5', "a name is empty"),
        ("< 5ms", "expected a function such as p95"),
        ("no leek in rss", 'did you mean "leak"?'),
        ("no leak of rss", "expected in"),
        ("no leak in", "expected the name of a metric"),
        ("no leak in rss fds", "expected a comma"),
        ("no leak in rss, rss", "rss is said twice"),
        ("no leak in rss,", "at its end"),
        ("recovery < 30", "a time needs a unit: write 30s"),
        ("recovery < 30s in fault", "recovery is not measured in one window"),
        ("errors < 1%", "errors of what class?"),
        ("errors of TimeoutError < 1%", "errors of what class?"),
        ('errors of "" < 1%', "errors of what class?"),
        ('errors of "X" < 1% in fault', "errors is not measured in one window"),
        ("dropped_ratio of each < 1%", "is not measured by endpoint"),
        ("p95 of each GET < 1s", "expected one of <"),
        ('p95 of each "" < 1s', "belongs in quotes"),
        ("p95 < 1s in falt", 'did you mean "fault"?'),
        ("p95 < 1s in", "expected a window of the run: warm-up, steady, fault"),
        ('p95 < 1s in "fault"', "expected a window of the run"),
        ("p95 < 1s in fault in steady", "in is said twice"),
        ("growth rss < 5MiB in fault", "growth NAME is not measured in one window of the run"),
        ("last fds < 5 in fault", "is not measured in one window of the run"),
        ("p95 < 1s, abort after", "is not a duration"),
        ("p95 < 1s, abort after 0s", "a delay needs a length"),
        ("p95 < 1s, after 3s", "expected one of critical, over, in, abort"),
        ("max age_s < 1e308h", "is too large a number"),
        ("p95 < 5ms, critcal 6ms", 'did you mean "critical"?'),
        ("p95 < 5ms,", "at its end: expected one of critical, over, in, abort"),
        ("p95 < 5ms, abort, abort", "abort is said twice"),
        ("p95 < 5ms, critical 3ms", "must lie above the first one"),
        ("p95 < 5ms, critical 5ms", "must lie above the first one"),
        ("throughput > 5/s, critical 6/s", "must lie below the first one"),
        ("p95 < 5ms, critical 9", "write 9ms"),
        ("p95 < 5ms over 0s", "needs a length"),
        ("p95 < 5ms over long", '"long" is not a duration'),
        ("growth rss < 5MiB over 3s", "is not measured over sliding windows"),
        ("p95 < 1e999ms", "too large"),
        ("p95 < " + "9" * 600 + "ms", "longer than 500 characters"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, hint: str) -> None:
    """One sentence that names the budget, the place, and what would be right."""
    with pytest.raises(BudgetError) as caught:
        parse(text)
    assert hint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_wrong_budgets_are_named_at_once() -> None:
    """Two mistakes are two sentences; a budget said twice is judged once."""
    with pytest.raises(BudgetError) as caught:
        parse_all(["p95 < 5", "p95 < 5ms", "no leek in rss"])
    assert len(str(caught.value).splitlines()) == 2
    assert len(parse_all(["p95 < 5ms", "p95 < 5ms"])) == 1


@given(st.text(max_size=60))
@example('p95 of "\x00" < 5ms')
@example("p²5 < 5ms")
@example("p95 < ٣ms")
def test_any_text_is_a_budget_or_an_error_in_one_sentence(text: str) -> None:
    """No text makes a traceback."""
    try:
        budget = parse(text)
    except ReliError as error:
        assert "\n" not in str(error)
    else:
        assert parse(budget.text) == budget


NAMES = st.text(string.ascii_lowercase + "_", min_size=2, max_size=12).filter(
    lambda name: (
        name not in {"no", "of", "over", "in", "abort", "critical", "drift"}
        and name not in {"max", "min", "mean", "last", "growth", *VOCABULARY.names()}
    )
)


@given(
    name=NAMES,
    function=st.sampled_from(["", "max ", "min ", "mean ", "last ", "growth "]),
    sign=st.sampled_from(["<", "<=", ">", ">="]),
    limit=st.integers(1, 10**6),
    space=st.sampled_from(["", " ", "   "]),
)
def test_what_was_written_is_what_is_read(
    name: str, function: str, sign: str, limit: int, space: str
) -> None:
    """Function, name, comparison and limit come back however they are spaced."""
    budget = parse(f"{function}{name}{space}{sign}{space}{limit}", {name: "count"})
    assert budget.metric == name
    assert budget.word == function.strip()
    assert (budget.comparison, budget.limit) == (sign, float(limit))
    assert budget.wants_less == (sign[0] == "<")


ENDPOINTS = (
    st.text('GET /ab*?[]c,<"', min_size=1, max_size=9)
    .map(str.strip)
    .filter(lambda name: name and "  " not in name)
)
DURATIONS = st.sampled_from(["1s", "0.5s", "90s", "1m30s", "2h"])
OPTIONS = {
    "critical": st.just("critical {critical}"),
    "over": DURATIONS.map("over {}".format),
    "in": st.sampled_from(WINDOWS).map("in {}".format),
    "abort": st.just("abort") | DURATIONS.map("abort after {}".format),
}
MEASURED = {
    "p95": "ms",
    "service_p99.9": "ms",
    "mean": "ms",
    "max_latency": "ms",
    "error_ratio": "%",
    "availability": "%",
    "throughput": "/s",
    "dropped_ratio": "%",
    'errors of "Time*"': "%",
    "recovery": "s",
    "max rss": "MiB",
    "mean cpu": "",
    "min users": "",
    "last queue": "",
    "growth rss": "kB",
    '"p95 of all"': "",
    "fds": "",
}


@st.composite
def lines(draw: st.DrawFn) -> str:
    """A line of the grammar: any function with what it takes."""
    measured = draw(st.sampled_from(list(MEASURED)))
    unit, spec = MEASURED[measured], VOCABULARY.get(parse(f"{measured} < 0").function)
    of = ""
    if spec.of and draw(st.booleans()):
        name = draw(ENDPOINTS)
        quote = "'" if '"' in name else '"'
        of = draw(st.sampled_from([" of each", f" of {quote}{name}{quote}"]))
        of += f" {quote}{name}{quote}" if of == " of each" and draw(st.booleans()) else ""
    limit, step = draw(st.integers(2, 40)), draw(st.sampled_from([1, 10**-3]))
    sign = draw(st.sampled_from(["<", "<=", ">", ">="]))
    critical = limit + step if sign[0] == "<" else limit - step
    allowed = [
        name for name in OPTIONS if (name != "over" or spec.over) and (name != "in" or spec.within)
    ]
    chosen = draw(st.lists(st.sampled_from(allowed), unique=True, max_size=4))
    options = [draw(OPTIONS[name]).format(critical=f"{critical}{unit}") for name in chosen]
    comma = draw(st.sampled_from([" ", ", "]))
    return comma.join([f"{measured}{of} {sign} {limit}{unit}", *options])


@given(lines())
@example("p95 of each '/a' < 1s in recovery over 30s, critical 2s abort after 1m")
@example('errors of "Time*" of each "GET *" <= 0.1%')
@example("age_s < 1e-7h")
@example("max rss < 1e15TiB")
def test_a_budget_spelled_out_is_the_same_budget(line: str) -> None:
    """Whatever can be written, its plainest spelling reads as an equal budget, and as itself."""
    budget = parse(line)
    again = parse(str(budget))
    assert again == budget
    assert str(again) == str(budget)


@given(st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join))
def test_any_words_of_the_grammar_are_a_budget_or_an_error_with_its_place(text: str) -> None:
    """In whatever order its words come, the grammar understands all of a line or says where not."""
    try:
        budget = parse(text)
    except BudgetError as error:
        assert re.search(r"\(character \d+\)|at its end|a budget is empty", str(error))
    else:
        assert parse(str(budget)) == budget


def test_windows_of_the_run_delays_and_each_endpoint() -> None:
    """What the line says stands in the budget, and what it does not say is the default."""
    budget = parse('p95 of each "GET /api/*" < 1s in fault over 10s, abort after 1m30s')
    assert (budget.each, budget.endpoint) == (True, "GET /api/*")
    assert (budget.window, budget.judged_window, budget.over_s) == ("fault", "fault", 10.0)
    assert (budget.abort, budget.abort_after_s) == (True, 90.0)
    assert budget.label == 'p95 of each "GET /api/*" in fault'
    plain = parse("p95 of each < 1s")
    assert (plain.each, plain.endpoint, plain.window) == (True, None, None)
    assert (plain.judged_window, plain.abort, plain.abort_after_s) == ("steady", False, 0.0)
    errors = parse("errors of 'Time*' of \"GET /x\" < 0.1%, abort")
    assert (errors.error, errors.endpoint, errors.unit) == ("Time*", "GET /x", "ratio")
    one = budget.for_endpoint("GET /api/a")
    assert (one.endpoint, one.each) == ("GET /api/a", False)
    assert one.text == 'p95 of "GET /api/a" < 1000ms, over 10s, in fault, abort after 90s'
    assert parse(one.text) == one


def test_aliases_name_columns_of_the_record() -> None:
    """The short names stand for columns that exist."""
    from reli_analysis.record.layout import RESULTS_COLUMNS

    assert set(ALIASES.values()) <= {column.name for column in RESULTS_COLUMNS}
