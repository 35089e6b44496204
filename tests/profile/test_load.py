"""What a valid profile becomes: defaults, inheritance, names and overrides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reli.profile import load_profile
from reli_analysis.errors import InputError, ProfileError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable

    Write = Callable[..., Path]

LOAD = """\
    base_rate: 100/s
    pace: 10/s
    stages:
      - ramp: {to: 50%, for: 10s}
      - hold: {for: 1m}
    budgets:
      - p95 < 1s
    """


def windows(path: Path) -> list[tuple[str, str | None]]:
    return [(leg.name, leg.window) for leg in load_profile(path).legs]


def test_a_short_profile_has_sensible_defaults(write: Write) -> None:
    """Name, model, pace, targets, sampling and seed need not be written."""
    profile = load_profile(write("stages: [{hold: {at: 5/s, for: 1m}}]", "tiny.yaml"))
    assert (profile.name, profile.model, profile.load_unit) == ("tiny", "closed", "iterations/s")
    assert (profile.pace_per_s, profile.targets, profile.seed) == (5.0, ("self",), 1)
    assert (profile.sampling.interval_s, profile.sampling.uss_every_s) == (1.0, 60.0)
    assert (profile.budgets, profile.base_rate_per_s, profile.time_scale) == ((), None, 1.0)


def test_default_windows_follow_the_stages_places(write: Write) -> None:
    """Ramps at the start warm up, a last ramp to 0 cools down, the rest is steady."""
    path = write(
        """\
        stages:
          - ramp: {to: 5/s, for: 1s}
          - ramp: {to: 10/s, for: 1s}
          - hold: {for: 1s}
          - ramp: {to: 20/s, for: 1s}
          - hold: {for: 1s}
          - ramp: {to: 0, for: 1s}
        """
    )
    kinds = ["warm-up", "warm-up", "steady", "steady", "steady", "cool-down"]
    assert [window for _, window in windows(path)] == kinds


def test_a_stage_may_name_itself_and_its_window(write: Write) -> None:
    """Names and windows of the profile go before the defaults; an inner window before an outer."""
    path = write(
        """\
        stages:
          - {hold: {at: 5 users, for: 1s}, window: warm-up, name: settle}
          - name: storm
            window: fault
            repeat:
              times: 2
              stages:
                - hold: {for: 1s}
                - {hold: {for: 1s}, window: recovery, name: calm}
        """
    )
    assert windows(path) == [
        ("settle", "warm-up"),
        ("storm: hold 5 users #1", "fault"),
        ("storm: calm #1", "recovery"),
        ("storm: hold 5 users #2", "fault"),
        ("storm: calm #2", "recovery"),
    ]


def test_a_burst_goes_up_and_back_to_the_level_before(write: Write) -> None:
    """J028, J102: a burst has a way up, a peak, a way down and a rest at the former level."""
    path = write(
        """\
        base_rate: 10/s
        stages:
          - hold: {at: 100%, for: 1s}
          - burst: {to: 1000%, for: 2s, ramp: 3s, rest: 4s}
          - burst: {to: 200%, for: 2s}
        """
    )
    legs = [(leg.from_level, leg.to_level, leg.seconds) for leg in load_profile(path).legs]
    assert legs == [
        (10, 10, 1),
        (10, 100, 3),
        (100, 100, 2),
        (100, 10, 3),
        (10, 10, 4),
        (20, 20, 2),
    ]


def test_steps_include_both_ends_and_whole_users(write: Write) -> None:
    """V088: steps divide the way evenly; users come whole."""
    rates = write("stages: [{step: {from: 150/s, to: 200/s, steps: 3, each: 1s}}]")
    assert [leg.to_level for leg in load_profile(rates).legs] == [150, 175, 200]
    users = write("stages: [{step: {from: 1 user, to: 10 users, steps: 5, each: 1s}}]")
    assert [leg.to_level for leg in load_profile(users).legs] == [1, 3, 6, 8, 10]


def test_the_base_rate_can_be_overridden(write: Write) -> None:
    """Shares follow the rate that is given at the start, which then also goes into the record."""
    path = write(LOAD)
    assert load_profile(path).legs[-1].to_level == 50
    profile = load_profile(path, base_rate_per_s=300)
    assert profile.legs[-1].to_level == 150
    assert profile.resolved()["base_rate_per_s"] == 300


def test_a_base_rate_supplies_what_the_profile_lacks(write: Write) -> None:
    """A profile in % without a base rate works once it is given one."""
    path = write("stages: [{hold: {at: 10%, for: 1s}}]")
    assert load_profile(path, base_rate_per_s=50).legs[0].to_level == 5


def test_a_base_rate_that_changes_nothing_is_refused(write: Write) -> None:
    """An override that would silently do nothing is an error."""
    path = write("stages: [{hold: {at: 10 users, for: 1s}}]")
    with pytest.raises(InputError, match="would change nothing"):
        load_profile(path, base_rate_per_s=50)


@pytest.mark.parametrize("scale", [0, -1, float("nan"), float("inf"), 1001])
def test_a_time_scale_out_of_range_is_refused(write: Write, scale: float) -> None:
    """Time can be scaled by more than 0 and at most 1000."""
    with pytest.raises(InputError, match="out of range"):
        load_profile(write(LOAD), time_scale=scale)


def test_the_resolved_profile_is_json_and_tells_the_overrides(write: Write) -> None:
    """What goes into run.json survives JSON, with the stages as they are written."""
    resolved = load_profile(write(LOAD), time_scale=0.05).resolved()
    assert json.loads(json.dumps(resolved, allow_nan=False)) == resolved
    assert resolved["time_scale"] == 0.05
    assert resolved["stages"][0] == {"ramp": {"to": "50%", "for": "10s"}}


def test_extending_takes_everything_over_and_adds_budgets(write: Write) -> None:
    """Keys given replace the other profile's; budgets come in addition, each once."""
    base = write(LOAD, "base.yaml")
    path = write(
        """\
        extends: base
        pace: 20/s
        budgets: ["p95 < 1s", "error_ratio < 1%"]
        """,
        "mine.yaml",
    )
    profile = load_profile(path)
    assert (profile.name, profile.pace_per_s, profile.base_rate_per_s) == ("mine", 20, 100)
    assert profile.budgets == ("p95 < 1s", "error_ratio < 1%")
    assert profile.extends == (base,)
    assert len(profile.legs) == 2


def test_a_file_can_extend_one_of_its_own_name_in_the_directory_above(write: Write) -> None:
    """profiles/tracer/smoke.yaml extends profiles/smoke.yaml by its name, not itself."""
    generic = write(LOAD, "profiles/smoke.yaml")
    special = write("extends: smoke\nbase_rate: 400/s\n", "profiles/tracer/smoke.yaml")
    profile = load_profile(special)
    assert profile.extends == (generic,)
    assert profile.legs[-1].to_level == 200


def test_the_directory_above_is_found_from_within(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a profile extends does not depend on the working directory."""
    generic = write(LOAD, "profiles/base.yaml")
    special = write("extends: base\n", "profiles/mine/special.yaml")
    monkeypatch.chdir(special.parent)
    assert load_profile("special.yaml").extends == (generic,)


def test_extends_may_be_a_path_relative_to_its_own_file(write: Write) -> None:
    """A path in a profile does not depend on the working directory."""
    base = write(LOAD, "there/base.yaml")
    path = write("extends: ../there/base.yaml\n", "here/mine.yaml")
    assert [parent.resolve() for parent in load_profile(path).extends] == [base.resolve()]


def test_problems_of_an_extended_file_name_that_file(
    write: Write, problems: Callable[..., list[str]]
) -> None:
    """Each problem has the place where it is written, in whichever file; both are told."""
    write("stages:\n  - hold: {at: 5/s, for: soon}\nbudgets:\n  - p95 < 1s\n", "base.yaml")
    found = problems("extends: base\nsed: 1\nbudgets:\n  - p95 <\n", "mine.yaml")
    assert [problem.split(" ")[:2] for problem in found] == [
        ["mine.yaml:2:", "sed:"],
        ["mine.yaml:4:", "budgets[1]:"],
        ["base.yaml:2:", "stages[0].hold.for:"],
    ]


def test_a_circle_of_extends_is_one_problem(
    write: Write, problems: Callable[..., list[str]]
) -> None:
    """Profiles that extend each other are told, with the way round."""
    write("extends: one\n", "two.yaml")
    (found,) = problems("extends: two\n", "one.yaml")
    assert "extends: profiles extend each other in a circle: one.yaml -> two.yaml -> one.yaml" in (
        found
    )


@pytest.mark.parametrize("name", ["nobody", "./nobody.yaml"])
def test_an_unknown_parent_is_a_problem_of_its_line(
    problems: Callable[..., list[str]], name: str
) -> None:
    """What cannot be found is told with everything else that is wrong, and nothing made up."""
    found = problems(f"seed: -1\nextends: {name}\n")
    assert [problem.split(" ")[1] for problem in found] == ["seed:", "extends:"]


def test_an_unreadable_parent_is_a_problem_of_its_line(
    write: Write, problems: Callable[..., list[str]]
) -> None:
    """Broken YAML in an extended file is told where it is extended, with its own place."""
    write("stages: [\n", "base.yaml")
    (found,) = problems("extends: base\n")
    assert found.startswith("some.yaml:1: extends: base.yaml:2: is not YAML")


def test_names_are_looked_up_near_then_here_then_among_the_shipped(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first directory that has the name wins."""
    monkeypatch.chdir(tmp_path)
    assert load_profile("smoke").path.is_absolute()
    write(LOAD, "profiles/smoke.yaml")
    assert load_profile("smoke").path == Path("profiles/smoke.yaml")
    near = write(LOAD, "near/smoke.yml")
    assert load_profile("smoke", near=[tmp_path / "near"]).path == near
    assert load_profile("tracer/smoke").path.parent.name == "tracer"


@pytest.mark.parametrize("name", ["smok", "tracer/smok", "", "../smoke", "a b"])
def test_an_unknown_name_is_answered_with_the_known_ones(name: str) -> None:
    """A wrong name lists what there is and the nearest, or says that there is no such file."""
    with pytest.raises((UnknownNameError, InputError), match=r"known: burst|no profile file"):
        load_profile(name)
    with pytest.raises(UnknownNameError, match=r'did you mean "smoke"'):
        load_profile("smok")


def test_a_profile_error_lists_its_problems(write: Write) -> None:
    """The error's text is its problems, a line each."""
    with pytest.raises(ProfileError) as caught:
        load_profile(write("a: 1\nb: 2\n" + LOAD.replace("    ", "", 1)))
    assert str(caught.value).splitlines() == list(caught.value.problems)
