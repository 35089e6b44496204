"""Collector modes as people write them."""

from __future__ import annotations

import itertools
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli.backends.otlp.modes import Ending, Mode, Reaction, parse_mode
from reli_analysis.errors import InputError


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("ok", Mode()),
        (" ok ", Mode()),
        ("slow:3s", Mode(Reaction(delay_s=3))),
        ("slow:250ms", Mode(Reaction(delay_s=0.25))),
        ("hang", Mode(Reaction(store=False, ending=Ending.HANG))),
        ("down", Mode(listening=False)),
        ("status:500", Mode(Reaction(store=False, status=HTTPStatus.INTERNAL_SERVER_ERROR))),
        (
            "status:429:60s",
            Mode(Reaction(store=False, status=HTTPStatus.TOO_MANY_REQUESTS, retry_after_s=60)),
        ),
        ("flaky:20%", Mode(Reaction(store=False, status=HTTPStatus.SERVICE_UNAVAILABLE), 0.2)),
        ("flaky:0.2:502:7", Mode(Reaction(store=False, status=HTTPStatus.BAD_GATEWAY), 0.2, 7)),
        ("reset", Mode(Reaction(store=False, ending=Ending.RESET))),
        ("reset:10%:3", Mode(Reaction(store=False, ending=Ending.RESET), 0.1, 3)),
        ("unanswered:50%", Mode(Reaction(ending=Ending.CLOSE), 0.5)),
        ("drop", Mode(Reaction(ending=Ending.CUT_ANSWER))),
    ],
)
def test_a_mode_is_read(text: str, mode: Mode) -> None:
    """Every form of every mode gives the reaction that it names."""
    assert parse_mode(text) == mode


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("slw:3s", 'unknown collector mode "slw" (did you mean "slow"?); known: down, drop, '),
        ("", 'unknown collector mode ""'),
        ("ok:1", 'collector mode "ok:1": write ok'),
        ("slow", "write slow:DELAY, for example slow:3s"),
        ("slow:", '"" is not a duration'),
        ("slow:-1s", '"-1s" is not a duration'),
        ("slow:2d", '"2d" is longer than a day'),
        ("slow:1s:2s", "write slow:DELAY"),
        ("status:99", '"99" is not an HTTP status: a whole number from 200 to 599'),
        ("status:299", '"299" is not an HTTP status that has a name'),
        ("status:²00", '"²00" is not an HTTP status'),
        ("flaky", "write flaky:RATIO"),
        ("flaky:120%", '"120%" is not a part of the requests'),
        ("flaky:3s", '"3s" is not a part of the requests'),
        ("flaky:20%:503:x", '"x" is not a seed'),
        ("reset:20%:1:1", "write reset[:RATIO[:SEED]]"),
    ],
)
def test_a_wrong_mode_is_answered_in_one_sentence(text: str, words: str) -> None:
    """A mode that cannot be read says what is wrong and what would be right."""
    with pytest.raises(InputError) as caught:
        parse_mode(text)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@given(
    st.one_of(
        st.text(),
        st.builds(
            ":".join,
            st.lists(
                st.sampled_from(["slow", "flaky", "status", "reset", "503", "20%", "3s", "1", ""])
            ),
        ),
    )
)
def test_no_text_breaks_the_parser(text: str) -> None:
    """Any text is a mode or an ``InputError``."""
    try:
        mode = parse_mode(text)
    except InputError:
        return
    assert 0 <= mode.ratio <= 1
    assert 0 <= mode.reaction.delay_s <= 86_400


def test_a_seed_decides_which_requests_are_hit() -> None:
    """Equal seeds hit the same requests, other seeds others, and the share is the ratio."""

    def hits(text: str) -> list[bool]:
        reactions = itertools.islice(parse_mode(text).reactions(), 2000)
        return [reaction.status == HTTPStatus.SERVICE_UNAVAILABLE for reaction in reactions]

    assert hits("flaky:20%:503:5") == hits("flaky:20%:503:5")
    assert hits("flaky:20%:503:5") != hits("flaky:20%:503:6")
    assert 340 <= sum(hits("flaky:20%")) <= 460
    assert all(hits("flaky:100%"))
    assert not any(hits("flaky:0%"))
