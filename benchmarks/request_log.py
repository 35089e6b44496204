"""Request logs: lines a second and peak memory of reading one, against pandas on the same file.

Each reading is a process of its own, because peak memory is one of a process. reli's includes the
interpreter's start and all that a run is made of: histograms by interval and endpoint, failures,
percentiles of every interval. pandas only reads the columns, in one go and in chunks.

``--engines`` measures instead how long the candidates take to hand over the columns that reli needs
(install polars and duckdb first); the fastest that keeps memory bounded was chosen. ``--large``
reads two gigabytes as well.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from figures import Figure

LINES = 10_000_000
LARGE_BYTES = 2_000_000_000
ROUNDS = 3
ENDPOINTS = 20
HOUR_S = 3600.0
_HEADER = "timestamp,request_type,name,response_time_ms,response_length,status_code,exception\r\n"
_AT_ONCE = 200_000

_AROUND = """
import json, resource, sys, time
path = sys.argv[1]
began, cpu = time.perf_counter(), time.process_time()
{body}
print(json.dumps({{
    "lines": int(lines),
    "wall_s": time.perf_counter() - began,
    "cpu_s": time.process_time() - cpu,
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
}}))
"""
_COLUMNS = "['timestamp', 'request_type', 'name', 'response_time_ms', 'exception']"
RELI = """
from pathlib import Path
from reli_analysis.readers import read
lines = read(Path(path)).series["requests"].values.sum()
"""
PANDAS = """
import pandas
lines = len(pandas.read_csv(path))
"""
PANDAS_CHUNKS = f"""
import pandas
chunks = pandas.read_csv(path, usecols={_COLUMNS}, chunksize=500_000)
lines = sum(len(chunk) for chunk in chunks)
"""
ENGINES = {
    "pyarrow": f"""
import pyarrow as pa
import pyarrow.csv as csv
text, number = pa.dictionary(pa.int32(), pa.binary()), pa.string()
kinds = [number, text, text, number, text]
options = csv.ConvertOptions(
    include_columns={_COLUMNS}, column_types=dict(zip({_COLUMNS}, kinds)), check_utf8=False
)
reader = csv.open_csv(
    path,
    read_options=csv.ReadOptions(block_size=4 << 20),
    parse_options=csv.ParseOptions(newlines_in_values=True),
    convert_options=options,
)
lines = 0
for batch in reader:
    lines += batch.num_rows
    batch.column(0).cast(pa.float64()), batch.column(3).cast(pa.float64())
""",
    "polars": f"""
import polars
texts = dict.fromkeys(["request_type", "name", "exception"], polars.Categorical)
frame = polars.scan_csv(path, schema_overrides=texts, ignore_errors=True).select({_COLUMNS})
lines = sum(batch.height for batch in frame.collect_batches(chunk_size=200_000))
""",
    "duckdb, texts not as numbers": """
import duckdb
query = "select count(*), sum(timestamp), max(name), max(exception), sum(response_time_ms)"
lines = duckdb.sql(f"{query} from read_csv('{path}', ignore_errors=true)").fetchone()[0]
""",
    "pandas chunks": f"""
import pandas
kinds = dict.fromkeys(["request_type", "name", "exception"], "category")
chunks = pandas.read_csv(path, usecols={_COLUMNS}, dtype=kinds, chunksize=500_000)
lines = sum(len(chunk) for chunk in chunks)
""",
}


def write_log(path: Path, lines: int) -> None:
    """An hour of Locust's request log: 20 endpoints, latencies spread like real ones, 0.3 % fail."""
    source = np.random.default_rng(1)
    moments = 1.8e9 + np.sort(source.uniform(0, HOUR_S, lines))
    names = [f"/api/item/{number}" for number in range(ENDPOINTS)]
    with path.open("w", newline="") as file:
        file.write(_HEADER)
        for first in range(0, lines, _AT_ONCE):
            some = moments[first : first + _AT_ONCE].tolist()
            latencies = source.lognormal(3, 0.6, len(some)).tolist()
            which = source.integers(0, ENDPOINTS, len(some)).tolist()
            failed = (source.random(len(some)) < 0.003).tolist()
            file.writelines(
                f"{moment:.6f},{'POST' if name == 3 else 'GET'},{names[name]},{latency:.2f},"
                f"{1000 + name},{500 if bad else 200},{'HTTPError(500)' if bad else ''}\r\n"
                for moment, latency, name, bad in zip(some, latencies, which, failed, strict=True)
            )


def measure(body: str, path: Path) -> dict[str, float]:
    """One process: lines, wall and CPU seconds without the interpreter's start, peak megabytes."""
    code = _AROUND.format(body=body)
    ended = subprocess.run(
        [sys.executable, "-c", code, str(path)], check=True, stdout=subprocess.PIPE, text=True
    )
    measured: dict[str, float] = json.loads(ended.stdout)
    return measured


def rounds(bodies: dict[str, str], path: Path) -> dict[str, dict[str, float]]:
    """The median of each figure of each body, taken in turn so that all meet the same machine."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in bodies}
    for _ in range(ROUNDS):
        for name, body in bodies.items():
            found[name].append(measure(body, path))
    return {
        name: {key: statistics.median(one[key] for one in several) for key in several[0]}
        for name, several in found.items()
    }


def figures(*, large: bool) -> list[Figure]:
    """Speed and memory of ten million lines, beside pandas; on demand, memory of 2 GB."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "requests.csv"
        write_log(path, LINES)
        bodies = {"reli": RELI, "pandas": PANDAS, "pandas in chunks": PANDAS_CHUNKS}
        by_name = rounds(bodies, path)
        reli, whole = by_name["reli"], by_name["pandas"]
        chunks = by_name["pandas in chunks"]
        size = path.stat().st_size
        how = f"median of {ROUNDS} processes in turn; {ENDPOINTS} endpoints, {size / 1e6:.0f} MB"
        found = [
            Figure(
                "Request log of 10 million lines",
                LINES / reli["wall_s"] / 1e6,
                1.0,
                "M lines/s",
                f"{how}; {reli['wall_s'] / whole['wall_s']:.2f} times as long as `pandas.read_csv` "
                f"takes only to read it, {reli['wall_s'] / chunks['wall_s']:.2f} times in chunks; by "
                f"CPU time {reli['cpu_s'] / whole['cpu_s']:.2f} and "
                f"{reli['cpu_s'] / chunks['cpu_s']:.2f}",
                at_least=True,
            ),
            Figure("the same, peak memory", reli["peak_mb"], 500, "MB", how),
            Figure(
                "the same, by that of pandas",
                reli["peak_mb"] / whole["peak_mb"],
                1.0,
                "times",
                f"pandas takes {whole['peak_mb']:.0f} MB, in chunks {chunks['peak_mb']:.0f} MB",
            ),
        ]
        if large:
            write_log(path, int(LINES * LARGE_BYTES / size))
            once = measure(RELI, path)
            size = path.stat().st_size
            found.append(
                Figure(
                    "Request log of 2 GB, peak memory",
                    once["peak_mb"],
                    500,
                    "MB",
                    f"{size / 1e9:.2f} GB, {once['lines'] / once['wall_s'] / 1e6:.2f} M lines/s",
                )
            )
    return found


def main() -> None:
    """Print the figures, or with ``--engines`` what the candidates take."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engines", action="store_true")
    parser.add_argument("--large", action="store_true")
    asked = parser.parse_args()
    if not asked.engines:
        for figure in figures(large=asked.large):
            print(figure.row())
        return
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "requests.csv"
        write_log(path, LINES)
        print("| Engine | M lines/s | CPU s | Peak MB |\n|---|---|---|---|")
        for name, one in rounds(ENGINES, path).items():
            speed = LINES / one["wall_s"] / 1e6
            print(f"| {name} | {speed:.2f} | {one['cpu_s']:.1f} | {one['peak_mb']:.0f} |")


if __name__ == "__main__":
    main()
