"""Every problem of a profile at once, each with its place and what would be right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reli.profile import load_profile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Problems = Callable[[str], list[str]]

HOLD = "stages: [{hold: {at: 5/s, for: 1m}}]\n"


def test_all_problems_are_told_at_once_with_their_places(problems: Problems) -> None:
    """One check of a file with many mistakes names each of them, in the order of lines."""
    found = problems(
        """\
        name: ../x
        bogus: 1
        model: half-open
        base_rat: 5/s
        pace: 5
        stages:
          - ramp: {too: 10%, for: -10s}
            hold: {for: 1m}
          - hold: {at: 10 users, for: 1:30}
            windw: steady
            window: stedy
          - {name: lonely}
          - repeat:
              times: 0
              stages: [{burst: {to: 10%, for: 0}}, 7, {step: }]
        budgets:
          - p95 < 1s
          - p95 << 1s
        targets: [slef]
        sampling: {interval: 0s, uss: 1}
        seed: -1
        seed: 2
        """
    )
    expected = [
        '1: name: "../x" cannot name a profile',
        "2: bogus: unknown key; known: name, description, extends, model, arrivals, users",
        '3: model: "half-open" is not a model of load',
        '4: base_rat: unknown key (did you mean "base_rate"?); known: ',
        '5: pace: "5" has no unit; write for example 50/s',
        "7: stages[0].ramp.to: is missing; write for example to: 100%",
        '7: stages[0].ramp.for: "-10s" is not a duration; write for example 30s',
        '7: stages[0].ramp.too: unknown key (did you mean "to"?); known: to, for',
        '8: stages[0].hold: stands beside "ramp"; give it a list entry of its own',
        '9: stages[1].hold.for: "1:30" is not a duration',
        '10: stages[1].windw: unknown key (did you mean "window"?)',
        '11: stages[1].window: "stedy" is not a window (did you mean "steady"?)',
        "12: stages[2]: a stage needs one of ramp, hold, step, burst, repeat",
        "14: stages[3].repeat.times: 0 is out of range; write 1 to 10,000",
        "15: stages[3].repeat.stages[2].step: has no value; write one or take the key away",
        '15: stages[3].repeat.stages[0].burst.for: "0" is too short',
        "15: stages[3].repeat.stages[1]: must be a mapping such as {ramp: {to: 100%, for: 1m}}",
        '15: stages[3].repeat.stages[0].burst.to: "10%" is a rate, but "10 users" above',
        '15: stages[3].repeat.stages[0].burst.to: "10%" needs to know what 100 % is',
        "18: budgets[1]: ",
        '19: targets[0]: unknown target "slef" (did you mean "self"?); known: ',
        '20: sampling.interval: "0s" is out of range; sample every 0.1s to 1h',
        "20: sampling.uss: unknown key",
        "21: seed: -1 is out of range",
        "22: seed: is given twice, first in line 21; keep one",
    ]
    for start, problem in zip(expected, found, strict=True):
        assert problem.startswith(f"some.yaml:{start}")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name: a\n", "1: stages: is missing; write for example stages: [{ramp: "),
        ("stages: []\n", "1: stages: is empty; write for example [{ramp: "),
        ("stages: {hold: {at: 5/s, for: 1m}}\n", "1: stages: must be a list such as [{ramp: "),
        ("stages:\n  hold\n", "1: stages: must be a list"),
        ("stages: [{hold: 5m}]\n", "1: stages[0].hold: must be a mapping such as {at: 100%, "),
        ("stages: [{hold: {at: 5/s, for: [1]}}]\n", "1: stages[0].hold.for: is a list; write"),
        ("stages: [{hold: {at: 5/s, for: yes}}]\n", "1: stages[0].hold.for: is true or false;"),
        ("stages: [{hold: {at: 5/s, for: .inf}}]\n", '1: stages[0].hold.for: ".inf" is not a dur'),
        ("stages: [{hold: {at: 5/s, for: 900d}}]\n", '1: stages[0].hold.for: "900d" is too long'),
        ("stages: [{hold: {at: 5, for: 1m}}]\n", '1: stages[0].hold.at: "5" has no unit; write 5%'),
        ("stages: [{hold: {for: 1m}}]\n", "1: stages[0].hold: there is no level before the first"),
        (
            "stages: [{repeat: {times: 2, stages: [{hold: {for: 1m}}]}}]\n",
            "1: stages[0].repeat.stages[0].hold: there is no level before the first",
        ),
        ("stages: [{hold: {at: 10%, for: 1m}}]\n", '1: stages[0].hold.at: "10%" needs to know'),
        ("stages: [{hold: {at: 0, for: 1m}}]\n", "1: stages: never offers any load"),
        (
            "stages: [{step: {from: 1/s, to: 2/s, steps: 1, each: 1m}}]\n",
            "1: stages[0].step.steps: 1 is out of range; write 2 to 1,000",
        ),
        (
            "stages: [{hold: {at: 6000000/s, for: 1m}}]\n",
            "1: stages: needs 1,200,000 users, more than 1,000,000; lower the levels, or raise",
        ),
        ("name: 5\n" + HOLD, '1: name: must be a name; put "5" in quotes'),
        ("name: ''\n" + HOLD, "1: name: must be a name, and is empty"),
        ("description: [a]\n" + HOLD, "1: description: must be a text; this is a list"),
        ("model: clsed\n" + HOLD, '1: model: "clsed" is not a model of load (did you mean "closed'),
        ("base_rate: 0/s\n" + HOLD, '1: base_rate: "0/s" is out of range'),
        ("base_rate: 50%\n" + HOLD, '1: base_rate: "50%" is not a rate; write for example 50/s'),
        ("budgets:\n" + HOLD, "1: budgets: has no value; write one or take the key away"),
        ("budgets: p95 < 1s\n" + HOLD, "1: budgets: must be a list such as [p95 < 250ms, "),
        ("budgets: [5]\n" + HOLD, "1: budgets[0]: must be a budget such as p95 < 250ms; put"),
        ("targets: []\n" + HOLD, "1: targets: is empty; write for example [self]"),
        (
            f"targets: [{', '.join(f'pid:{n}' for n in range(1, 102))}]\n" + HOLD,
            "1: targets: has 101 entries; at most 100 may be",
        ),
        ("targets: ['pid:x']\n" + HOLD, '1: targets[0]: target "pid:x" needs a process id, for'),
        ("targets: ['name:']\n" + HOLD, '1: targets[0]: target "name:" says nothing after the co'),
        ("targets: ['port:0']\n" + HOLD, '1: targets[0]: target "port:0" needs a TCP port, for'),
        ("targets: ['cmd:[']\n" + HOLD, '1: targets[0]: target "cmd:[" is no regular expression'),
        ("targets: [7]\n" + HOLD, "1: targets[0]: must be a target such as self or name:redis"),
        ("sampling: 1s\n" + HOLD, "1: sampling: must be a mapping such as {interval: 1s}"),
        ("seed: one\n" + HOLD, '1: seed: "one" is not a whole number'),
        ("? [a]\n: 1\n" + HOLD, "1: a key must be one word"),
        ("<<: {name: a}\n" + HOLD, "1: <<: unknown key"),
        ("extends: 5\n" + HOLD, '1: extends: must be a profile\'s name or path; put "5" in quotes'),
    ],
)
def test_each_mistake_is_one_sentence_with_its_place(
    problems: Problems, text: str, problem: str
) -> None:
    """A single mistake is told once, and nothing else with it."""
    (found,) = problems(text)
    assert found.startswith(f"some.yaml:{problem}")


def test_a_budget_that_does_not_parse_is_a_problem_of_its_line(problems: Problems) -> None:
    """The budget's own parser speaks, with the file and line in front."""
    found = problems(HOLD + "budgets:\n  - p95 < 1s\n  - p95 < sooner\n  - nonsense\n")
    assert [problem.split(" ")[0] for problem in found] == ["some.yaml:4:", "some.yaml:5:"]
    assert [problem.split(" ")[1] for problem in found] == ["budgets[1]:", "budgets[2]:"]


def test_loops_are_bounded_before_they_are_unrolled(problems: Problems) -> None:
    """Nested loops of billions of stages are refused at once."""
    loop = "{hold: {at: 5/s, for: 1s}}"
    for _ in range(4):
        loop = f"{{repeat: {{times: 9999, stages: [{loop}]}}}}"
    (found,) = problems(f"stages: [{loop}]")
    assert "unrolls to 9,996,000,599,960,001 stages, more than 10,000" in found


def test_a_thousand_mistakes_are_summed_up(problems: Problems) -> None:
    """The list of problems is bounded, and says how many were left out."""
    found = problems("".join(f"key{n}: 1\n" for n in range(1000)) + HOLD)
    assert len(found) == 101
    assert found[-1] == "some.yaml: and 900 more problems"


def test_a_file_whose_name_cannot_name_a_run_says_so(write: Callable[..., Path]) -> None:
    """Without a name of its own, the file's must be usable."""
    path = write(HOLD, "two words.yaml")
    with pytest.raises(Exception, match=r'two words.yaml:1: "two words" cannot name a profile'):
        load_profile(path)
    assert load_profile(write("name: fine\n" + HOLD, "two words.yaml")).name == "fine"


def test_keys_of_the_open_model_are_refused_in_the_closed_one(problems: Problems) -> None:
    """A pool, a kind of arrivals or a patience without model: open would silently do nothing."""
    found = problems(
        """\
        users: 50
        arrivals: poisson
        drop_after: 10s
        stages: [{hold: {at: 10/s, for: 1m}}]
        """
    )
    assert [line.split(" belongs")[0] for line in found] == [
        'some.yaml:1: users: "users"',
        'some.yaml:2: arrivals: "arrivals"',
        'some.yaml:3: drop_after: "drop_after"',
    ]


def test_levels_in_users_are_refused_in_the_open_model(problems: Problems) -> None:
    """The open model schedules arrivals; a number of users says nothing about them."""
    found = problems(
        """\
        model: open
        stages: [{hold: {at: 10 users, for: 1m}}]
        """
    )
    (problem,) = found
    assert problem.startswith('some.yaml:2: stages[0].hold.at: "10 users" has no meaning')
