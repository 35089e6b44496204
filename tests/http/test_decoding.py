"""A coded body is decoded whole, or refused for what is wrong with it."""

from __future__ import annotations

import contextlib
import gzip
import zlib

import brotli  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli.http.decoding import decode
from reli.http.errors import DecompressionBombError, UndecodableBodyError


def _raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


CODINGS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": _raw_deflate,
    "br": brotli.compress,
}


@given(st.binary(max_size=300_000), st.sampled_from(list(CODINGS)))
def test_what_was_coded_comes_back(data: bytes, coding: str) -> None:
    """In each coding, of any size up to the limit."""
    assert decode(CODINGS[coding](data), coding, max(len(data), 1)) == data


@given(st.binary(min_size=1, max_size=2000), st.sampled_from(list(CODINGS)), st.integers(1, 9))
def test_a_body_that_is_cut_off_is_refused(data: bytes, coding: str, missing: int) -> None:
    """Also when all of its content is there and only the check sum is not."""
    coded = CODINGS[coding](data)[:-missing]
    if coded:
        with pytest.raises(UndecodableBodyError):
            decode(coded, coding, 10_000)


@given(st.binary(max_size=300), st.sampled_from(list(CODINGS)))
def test_any_bytes_are_a_body_or_an_error(data: bytes, coding: str) -> None:
    """And never more than the limit."""
    with contextlib.suppress(UndecodableBodyError):
        assert len(decode(data, coding, 1000)) <= 1000


@pytest.mark.parametrize("coding", CODINGS)
def test_a_bomb_is_refused_at_the_limit(coding: str) -> None:
    """A byte more than the limit is too much."""
    with pytest.raises(DecompressionBombError, match="99,999"):
        decode(CODINGS[coding](bytes(100_000)), coding, 99_999)


def test_codings_are_taken_off_in_turn() -> None:
    """The last one first; several members of gzip are one body; too many codings are refused."""
    twice = brotli.compress(gzip.compress(b"a") + gzip.compress(b"b"))
    assert decode(twice, "gzip, identity, br", 100) == b"ab"
    with pytest.raises(UndecodableBodyError, match="codings"):
        decode(b"x", "gzip,gzip,gzip,gzip", 100)
    with pytest.raises(UndecodableBodyError, match="unknown"):
        decode(b"x", "compress", 100)
