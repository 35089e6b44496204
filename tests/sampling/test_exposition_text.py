"""Lines of the Prometheus text format, held against the format's own parser."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from reli.sampling.exposition_text import LineReader, parse_labels, show_labels

_NAMES = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,10}", fullmatch=True)
_VALUES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=20
)
_LABELS = st.dictionaries(_NAMES, _VALUES, max_size=4)


@given(_NAMES, _LABELS, st.floats(allow_nan=False))
def test_a_line_reads_as_it_was_written(name: str, labels: dict[str, str], value: float) -> None:
    """Whatever labels hold comes back: quotes, backslashes, line ends, braces and commas."""
    pairs = tuple(sorted(labels.items()))
    sample = LineReader().read(f"{name}{show_labels(pairs)} {value!r}")
    assert sample is not None
    assert (sample.name, sample.labels, sample.value) == (name, pairs, value)


@given(_NAMES, st.dictionaries(_NAMES, st.text('a\\"\n{}=, #', max_size=8), max_size=3))
def test_lines_read_as_the_format_s_own_parser_reads_them(
    name: str, labels: dict[str, str]
) -> None:
    """prometheus_client finds the same labels in what is written here."""
    line = f"{name}{show_labels(sorted(labels.items()))} 1"
    (family,) = text_string_to_metric_families(f"{line}\n")
    sample = LineReader().read(line)
    assert sample is not None
    assert dict(sample.labels) == family.samples[0].labels


@given(st.text(max_size=60))
def test_any_text_is_a_sample_or_none(text: str) -> None:
    """Nothing that a server may send is an error."""
    LineReader().read(text)
    parse_labels(text)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("up 1", 1.0),
        ('up{a="b",} 1', 1.0),
        ("up\t1e3", 1000.0),
        ("up{} +Inf", math.inf),
        ("up -inf", -math.inf),
        ("up 1 1700000000000", 1.0),
        ('up_total{a="b # c"} 5 # {trace_id="x y"} 0.5 1700000000.1', 5.0),
        ("up .5", 0.5),
    ],
)
def test_values_times_and_exemplars(line: str, value: float) -> None:
    """A time or an exemplar behind the value is left out."""
    sample = LineReader().read(line)
    assert sample is not None
    assert sample.value == value


@pytest.mark.parametrize(
    "line",
    [
        "",
        "up",
        "up one",
        "up 1_000",
        'up{a="b" 1',
        "up{a=b} 1",
        'up{a="b"c="d"} 1',
        'up{a="b",a="c"} 1',
        "1up 1",
        "up 1 2 3",
        "<html> 1",
        "up 0x10",
    ],
)
def test_what_is_no_sample_is_none(line: str) -> None:
    """A broken line is told from a good one, and takes no other with it."""
    assert LineReader().read(line) is None


def test_nan_is_read_as_nan() -> None:
    """It is for who uses the value to leave it out."""
    sample = LineReader().read("up NaN")
    assert sample is not None
    assert math.isnan(sample.value)


def test_labels_are_remembered_in_bounds() -> None:
    """A page whose labels change each time does not make the reader grow."""
    reader = LineReader()
    for number in range(25_000):
        reader.read(f'up{{id="{number}"}} 1')
    assert len(reader._labels) <= 10_000
