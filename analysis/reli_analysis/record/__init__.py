"""What a run looks like on disk: columns, units, versions; write, read.

Standard library only, so that the recorder stays small and a record can be read anywhere.
"""

from reli_analysis.record.histogram import Histogram
from reli_analysis.record.layout import FORMAT_VERSION
from reli_analysis.record.run import (
    MetricSpec,
    RunInfo,
    StageSpan,
    create_run_directory,
    read_run_info,
)
from reli_analysis.record.writer import RecordWriter

__all__ = [
    "FORMAT_VERSION",
    "Histogram",
    "MetricSpec",
    "RecordWriter",
    "RunInfo",
    "StageSpan",
    "create_run_directory",
    "read_run_info",
]
