"""Selectors choose series by name and label."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli.sampling.prometheus_selector import Matcher, Selector, parse_selectors
from reli_analysis.errors import InputError

_WORDS = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,8}", fullmatch=True)
_MATCHERS = st.builds(
    Matcher, _WORDS, st.sampled_from(["=", "!="]), st.text('ab\\"{},=~# ', max_size=8)
)
_SELECTORS = st.builds(
    Selector,
    _WORDS,
    st.lists(_MATCHERS, max_size=3).map(tuple),
    st.just(""),
    st.sampled_from([None, 0.5, 0.95, 0.999]),
)


@given(st.lists(_SELECTORS, min_size=1, max_size=4, unique=True))
def test_selectors_read_as_they_are_written(selectors: list[Selector]) -> None:
    """Commas, braces and quotes within a label's value part nothing."""
    written = ",".join(map(str, selectors))
    read = parse_selectors(written)
    assert [str(selector) for selector in read] == [str(selector) for selector in selectors]
    assert [selector.matchers for selector in read] == [s.matchers for s in selectors]


@given(st.text(max_size=40))
def test_any_text_is_selectors_or_one_sentence(text: str) -> None:
    """Nothing else is raised, whatever is written."""
    try:
        parse_selectors(text)
    except InputError as error:
        assert str(error)


def test_an_alias_and_a_quantile() -> None:
    """All that a selector may say."""
    (selector,) = parse_selectors('slow_s = p99( http_seconds{code=~"5..", job!="x"} )')
    assert selector.alias == "slow_s"
    assert selector.quantile == 0.99
    assert selector.metric == "http_seconds"
    assert [str(matcher) for matcher in selector.matchers] == ['code=~"5.."', 'job!="x"']


@pytest.mark.parametrize(
    ("matcher", "fitting", "other"),
    [
        ('code="500"', {"code": "500"}, {"code": "5000"}),
        ('code!="500"', {}, {"code": "500"}),
        ('code=~"5.."', {"code": "503"}, {"code": "1503"}),
        ('code!~"5.."', {"code": "200"}, {"code": "503"}),
        ('code=""', {}, {"code": "1"}),
        (r'path="a\"b\\c"', {"path": 'a"b\\c'}, {"path": "a"}),
    ],
)
def test_labels_match_as_in_prometheus(
    matcher: str, fitting: dict[str, str], other: dict[str, str]
) -> None:
    """An expression fits the whole value, and a label that is not there is empty."""
    (selector,) = parse_selectors(f"metric{{{matcher}}}")
    fits = selector.fits()
    assert fits(tuple(fitting.items()))
    assert not fits(tuple(other.items()))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "needs the name of a metric at its end"),
        ("a,", "needs the name of a metric at its end"),
        ("a b", 'needs a comma or the end at "b"'),
        ("a{b=1}", "needs a label such as"),
        ('a{b="1" c="2"}', "needs a comma or a closing brace"),
        ('a{b=~"("}', "is no regular expression"),
        ('a{b=~"(?=x)"}', "is no regular expression"),
        ("p95(a", "needs a closing parenthesis"),
        ("p0(a)", "asks for p0"),
        ("x=a,x=b", '"x" names two selectors'),
    ],
)
def test_a_wrong_selector_is_one_sentence(text: str, sentence: str) -> None:
    """It says where, and what would be right."""
    with pytest.raises(InputError, match=sentence):
        parse_selectors(text)
