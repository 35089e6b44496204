"""The docs name everything that there is, and nothing that there is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from reli.cli import COMMANDS
from reli.cli import cli as reli
from reli.sampling import SOURCES
from reli.services.tracer_accounts import METRICS
from reli_analysis.budgets import VOCABULARY, parse
from reli_analysis.cli import command as reli_analyze
from reli_analysis.record import FORMAT_VERSION
from reli_analysis.record.layout import CSV_FILES, STATES, WINDOWS
from reli_analysis.verdict import EXIT_INTERRUPTED, EXIT_USAGE, Verdict

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def _page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_record_is_described_column_by_column() -> None:
    """Every file and column stands in docs/run-record.md with its unit and meaning."""
    page = _page("docs/run-record.md")
    for name, columns in CSV_FILES.items():
        section = page.split(f"\n## {name}\n")[1].split("\n## ")[0]
        rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \|$", section, re.MULTILINE)
        assert rows == [(c.name, c.unit, c.meaning) for c in columns]
    assert f"Format {FORMAT_VERSION}" in page
    assert all(f"`{state}`" in page for state in STATES)


def test_every_window_and_verdict_is_explained() -> None:
    """docs/verdicts.md knows every verdict, exit code and window."""
    page = _page("docs/verdicts.md")
    for verdict in Verdict:
        assert re.search(rf"\*\*{verdict}\*\*.*\b{verdict.exit_code}\b", page), verdict
    assert str(EXIT_USAGE) in page
    assert str(EXIT_INTERRUPTED) in page
    assert all(window in page for window in WINDOWS)


@pytest.mark.parametrize("name", list(VOCABULARY))
def test_every_budget_function_is_described(name: str) -> None:
    """docs/budgets.md has each function with its example, which parses."""
    spec = VOCABULARY.get(name)
    assert f"`{spec.example}`" in _page("docs/budgets.md")
    parse(spec.example)


def test_every_budget_in_the_docs_parses() -> None:
    """No page shows a budget that reli would refuse."""
    examples = re.findall(
        r"^\| `([^`|]+ [<>]=? ?[^`|]+)` \|", _page("docs/budgets.md"), re.MULTILINE
    )
    assert len(examples) > 5
    for example in examples:
        parse(example)


def test_every_shipped_profile_is_described() -> None:
    """docs/profiles.md lists each profile that ships, and no other."""
    shipped = {
        path.relative_to(ROOT / "profiles").with_suffix("").as_posix()
        for path in (ROOT / "profiles").rglob("*.yaml")
    }
    listed = set(re.findall(r"^\| `([\w/-]+)` \|", _page("docs/profiles.md"), re.MULTILINE))
    assert shipped <= listed


def test_every_option_of_locust_is_described() -> None:
    """docs/users.md has each option that reli adds to the locust command."""
    source = _page("src/reli/wiring/options.py")
    options = re.findall(r'^ +"(--[a-z-]+)",$', source, re.MULTILINE)
    variables = re.findall(r'env_var="(\w+)"', source)
    page = _page("docs/users.md")
    assert len(options) == len(variables) >= 7
    assert all(f"`{option}" in page for option in options)
    assert all(f"`{variable}`" in page for variable in variables)


@pytest.mark.parametrize(
    ("command", "arguments"),
    [(reli_analyze, ()), *((reli, (name,)) for name in COMMANDS)],
    ids=["reli-analyze", *COMMANDS],
)
def test_every_command_and_option_is_described(command: object, arguments: tuple[str, ...]) -> None:
    """Whatever --help offers is in the docs too."""
    result = CliRunner().invoke(command, [*arguments, "--help"])  # type: ignore[arg-type]
    assert result.exit_code == 0
    everything = "\n".join(_page(str(path.relative_to(ROOT))) for path in PAGES)
    for option in re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", result.output, re.MULTILINE):
        assert option == "--help" or option in everything, option
    section = re.split(r"^Commands:$", result.output, flags=re.MULTILINE)[1:]
    for name in re.findall(r"^  (\w+)", section[0] if section else "", re.MULTILINE):
        assert f"reli {arguments[0]} {name}" in everything


def test_every_source_and_metric_is_described() -> None:
    """Sampling sources stand in docs/profiles.md, the tracer's metrics in docs/tracer.md."""
    profiles, tracer = _page("docs/profiles.md"), _page("docs/tracer.md")
    assert all(f"`{name}" in profiles for name in SOURCES)
    assert all(f"`{metric.name}`" in tracer for metric in METRICS)


def test_every_user_kind_is_described() -> None:
    """docs/users.md names what registers as a user kind (read from the source, which needs Locust)."""
    page = _page("docs/users.md")
    kinds = {
        name
        for path in (ROOT / "src/reli/users").glob("*.py")
        for name in re.findall(r'KINDS\.register\("(\w+)"', path.read_text())
    }
    assert kinds
    assert all(f"| `{kind}` |" in page for kind in kinds)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    """Every relative link of every page exists."""
    for target in re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_the_readme_runs_the_checks_that_ci_runs() -> None:
    """The README's test command is the one that continuous integration calls."""
    assert "make test" in _page("README.md")
    assert "make test" in _page(".ci/run")
