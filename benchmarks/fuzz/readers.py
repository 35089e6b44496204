"""Coverage-guided fuzzing of every reader with atheris: bounded, and no part of the suite.

    uv pip install atheris
    python benchmarks/fuzz/readers.py --seconds 60

It begins with the samples of ``tests/analysis/readers/data``, takes them apart, and puts the pieces
together again. Anything but a run or one sentence (a ``ReliError``) ends it with a traceback and the
input in a file ``crash-...``; an input that takes longer than ten seconds, or two gigabytes, counts
as one too.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["reli_analysis"]):
    from reli_analysis.errors import ReliError
    from reli_analysis.judge import judge
    from reli_analysis.readers import read

SAMPLES = Path(__file__).parents[2] / "tests" / "analysis" / "readers" / "data"
BUDGETS = ("p95 < 5ms", "error_ratio < 1%", "throughput > 1/s", "mean < 5ms")


def main() -> None:
    """Fuzz for some seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "input"
        corpus = Path(directory) / "corpus"
        corpus.mkdir()

        def one_input(data: bytes) -> None:
            path.write_bytes(data)
            try:
                judge(read(path), list(BUDGETS))
            except ReliError as error:
                if "\n" in str(error).removeprefix(str(path)):
                    raise AssertionError(f"more than a sentence: {error}") from error

        bounds = [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2000"]
        atheris.Setup(
            [sys.argv[0], *bounds, "-max_len=20000", str(corpus), str(SAMPLES)], one_input
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
