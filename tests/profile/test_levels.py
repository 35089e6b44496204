"""Levels and rates as a profile writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli.profile.levels import Level, parse_level, parse_rate_per_s
from reli_analysis.errors import InputError


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("10%", Level(0.1, "share")),
        ("150 %", Level(1.5, "share")),
        ("50/s", Level(50.0, "rate")),
        ("600/min", Level(10.0, "rate")),
        ("100 users", Level(100.0, "users")),
        ("1 user", Level(1.0, "users")),
        (0, Level(0.0, "")),
        ("0", Level(0.0, "")),
    ],
)
def test_each_spelling_of_a_level_is_read(text: str | int, level: Level) -> None:
    """Shares, rates, users and a plain 0 are levels."""
    assert parse_level(text) == level


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("10", "write 10%, 10/s or 10 users"),
        (7, "write 7%, 7/s or 7 users"),
        ("fast", "write for example 10%, 50/s or 100 users"),
        ("50ms", "write for example 10%, 50/s or 100 users"),
        ("-5%", "between 0 and"),
        ("-5 users", "between 0 and"),
        ("2.5 users", "whole number"),
        ("1e99%", "between 0 and"),
    ],
)
def test_a_wrong_level_is_answered_with_a_right_one(text: str | int, advice: str) -> None:
    """What cannot be read names itself and shows what would be right."""
    with pytest.raises(InputError) as caught:
        parse_level(text)
    assert f'"{text}"' in str(caught.value)
    assert advice in str(caught.value)


@given(st.text(max_size=30))
def test_any_text_is_a_level_or_an_input_error(text: str) -> None:
    """No text makes the parser fail in another way, and every level is finite and not negative."""
    try:
        level = parse_level(text)
    except InputError:
        return
    assert 0 <= level.value <= 1e9


@given(st.sampled_from(["%", "/s", " users"]), st.integers(0, 99_999))
def test_a_level_says_itself_as_it_is_written(unit: str, number: int) -> None:
    """What a level prints is read as the same level."""
    level = parse_level(f"{number}{unit}")
    assert parse_level(str(level)) == level


@pytest.mark.parametrize("text", ["0/s", "-1/s", "50", "50%", "soon", "", "1e12/s", "inf/s"])
def test_a_rate_must_have_a_unit_and_be_above_0(text: str) -> None:
    """A base rate or pace that makes no sense is refused."""
    with pytest.raises(InputError, match=r"rate|unit|range"):
        parse_rate_per_s(text)


def test_a_rate_may_be_per_minute() -> None:
    """Rates are iterations a second inside."""
    assert parse_rate_per_s("30/min") == pytest.approx(0.5)
