"""Run every benchmark and print the table of docs/performance.md; exits with 1 on a miss."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BENCHMARKS = (
    "recording_cost",
    "empty_task",
    "lean_recording",
    "percentiles",
    "analysis_speed",
    "two_days",
    "leak_figures",
    "request_log",
    "compare",
    "long_run_memory",
    "sampling_week",
    "arrivals",
    "stall",
    "merging",
    "http_client",
    "sampling_cost",
    "sampling_impact",
    "sampling_agreement",
)

HEADER = "| Figure | Measured | Limit | | How |\n|---|---|---|---|---|"


def main() -> int:
    """Each benchmark runs in a process of its own: one of them patches its process."""
    print(HEADER, flush=True)
    missed = False
    for name in BENCHMARKS:
        sys.stderr.write(f"{name} ...\n")
        ended = subprocess.run(
            [sys.executable, str(Path(__file__).with_name(f"{name}.py"))],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        print(ended.stdout, end="", flush=True)
        missed = missed or "**missed**" in ended.stdout
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
