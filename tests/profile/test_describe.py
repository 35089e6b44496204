"""What a profile says about itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reli.plan import Plan
from reli.profile import load_profile
from reli.profile.chart import PLAIN, draw
from reli.profile.describe import describe
from reli.profile.find import profiles_in, shipped_directory
from reli_analysis.record import StageSpan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROFILES = dict(profiles_in(shipped_directory()))


def test_a_profile_is_said_in_plain_sentences(write: Callable[..., Path]) -> None:
    """Every stage, the totals, what is judged and what is sampled, word for word."""
    path = write(
        """\
        description: All there is.
        base_rate: 50/s
        stages:
          - ramp: {to: 10%, for: 10s}
          - {hold: {for: 1m}, name: calm, window: recovery}
          - step: {from: 150%, to: 200%, steps: 3, each: 2m}
          - repeat:
              times: 2
              stages:
                - burst: {to: 1000%, for: 30s, rest: 1m, ramp: 5s}
                - hold: {for: 1s}
          - ramp: {to: 0, for: 10s}
        budgets: ["p95 < 250ms"]
        targets: [self, "pid:12"]
        """
    )
    text = describe(load_profile(path), 200)
    lines = text.splitlines()
    assert lines[0] == "some: All there is."
    assert text.endswith(
        """\
1. Ramps from 0 to 5/s (10 % of 50/s) over 10 s.
2. calm: Holds 5/s (10 % of 50/s) for 1 min. Window: recovery.
3. Steps from 75/s to 100/s (200 % of 50/s) in 3 steps, each for 2 min (6 min in all).
4. Repeats 2 times (3 min 22 s in all):
   1. Bursts from 100/s to 500/s (1,000 % of 50/s) for 30 s and back (5 s up, 5 s down), """
        """then rests there for 1 min.
   2. Holds 100/s (200 % of 50/s) for 1 s.
5. Ramps from 100/s to 0 over 10 s.

In all 10 min 42 s and 80,525 iterations, at most 100 users: each makes 5/s and waits for its answer.
Judged over 9 min 22 s of steady load:
  p95 < 250ms
Sampled every 1 s: the load processes and process 12; memory of their own every 1 min."""
    )


def test_a_loop_whose_turns_differ_names_no_wrong_level(write: Callable[..., Path]) -> None:
    """Where each turn starts at another level, the sentence leaves the start open."""
    path = write(
        """\
        stages:
          - repeat:
              times: 3
              stages:
                - {ramp: {to: 10 users, for: 1s}}
                - {burst: {to: 20 users, for: 1s}}
        """
    )
    text = describe(load_profile(path))
    assert "   1. Ramps to 10 users over 1 s.\n" in text
    assert "   2. Bursts from 10 users to 20 users for 1 s and back.\n" in text
    assert "with at most 20 users" in text
    assert "Nothing is judged" in text


def test_a_time_scale_shows_in_every_duration() -> None:
    """A shortened run is described as it will be, and says that it is shortened."""
    text = describe(load_profile("soak", time_scale=0.05))
    assert "Ramps from 0 to 50/s (100 %) over 3 s." in text
    assert "for 6 min." in text
    assert "In all 6 min 3 s and 18,075 iterations" in text
    assert "Time scale 0.05: " in text


def test_every_kind_of_target_is_said_in_words(write: Callable[..., Path]) -> None:
    """What is sampled, not how it is written."""
    targets = (
        "[self, 'pid:12', 'name:redis-server', 'cmd:^nginx', 'port:8080', host, 'cgroup:/a',"
        " 'container:web']"
    )
    path = write(f"targets: {targets}\nstages: [{{hold: {{at: 5/s, for: 1m}}}}]\n")
    said = " ".join(describe(load_profile(path), 200).split())
    assert (
        "Sampled every 1 s: the load processes, process 12, processes named redis-server, "
        "processes whose command line matches ^nginx, whoever listens on port 8080, this host, "
        "cgroup /a and container web; memory of their own every 1 min."
    ) in said


@pytest.mark.parametrize("name", sorted(PROFILES))
@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_description_fits_its_terminal(name: str, width: int) -> None:
    """No line is wider than the terminal, whatever the profile."""
    text = describe(load_profile(PROFILES[name], time_scale=0.5), width)
    assert max(len(line) for line in text.splitlines()) <= width


@settings(deadline=None)
@given(
    levels=st.lists(st.tuples(st.floats(0.1, 1000), st.floats(0, 1e6)), min_size=1, max_size=8),
    width=st.integers(1, 300),
)
def test_a_chart_shows_its_peak_and_keeps_its_width(
    levels: list[tuple[float, float]], width: int
) -> None:
    """Any plan can be drawn; its highest level reaches the top row, however short it is."""
    spans, start = [], 0.0
    for seconds, level in [*levels, (0.1, 2e6), (0.1, 1.0)]:
        spans.append(StageSpan("a", "hold", "steady", start, start + seconds, level, level))
        start += seconds
    lines = draw(Plan(tuple(spans), "iterations/s", 5.0), width, PLAIN)
    assert len({len(lines)}) == 1
    assert "#" in lines[0]
    assert max(len(line) for line in lines) <= max(width, 40)
    assert lines[-1].split()[0] == "0"
