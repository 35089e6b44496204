"""The accounts of a tracer under load, by span.

Created are the spans that ended. Each then arrived, or was dropped by the SDK, or failed with its
batch, or was still left in the SDK when the time for flushing was over; what remains is
unaccounted for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.record import MetricSpec

if TYPE_CHECKING:
    from reli.services.tracer_sdk import SdkCounts

METRICS = (
    MetricSpec("spans_created", "counter", "spans that the users made and ended"),
    MetricSpec(
        "spans_arrived", "counter", "distinct spans that the collector holds", required=True
    ),
    MetricSpec("spans_dropped", "counter", "spans that the SDK counted as dropped"),
    MetricSpec("spans_failed", "counter", "spans in batches that the SDK's exporter gave up"),
    MetricSpec(
        "spans_lost", "counter", "spans that will not arrive: at the end, created without arrived"
    ),
    MetricSpec(
        "spans_left", "counter", "spans still in the SDK when the time for flushing was over"
    ),
    MetricSpec(
        "unaccounted_spans", "gauge", "spans that did not arrive and that the SDK did not count"
    ),
    MetricSpec("queue_ratio", "gauge", "how full the SDK's queue is", unit="ratio"),
    MetricSpec(
        "drop_ratio",
        "ratio",
        "part of the created spans that was lost",
        unit="ratio",
        numerator="spans_lost",
        denominator="spans_created",
    ),
)


def account_during(sdk: SdkCounts, arrived: int) -> dict[str, float]:
    """The accounts while spans are on their way.

    ``sdk`` must have been read before ``arrived``. Then neither loss is ever more than the truth:
    what the exporter is done with has arrived or never will.
    """
    return _metrics(
        sdk,
        arrived,
        lost=sdk.dropped + max(0, sdk.exported + sdk.failed - arrived),
        left=0,
        unaccounted=max(0, sdk.exported - arrived),
    )


def account_after(sdk: SdkCounts, arrived: int) -> dict[str, float]:
    """The accounts once nothing more will arrive.

    A batch can arrive and still be given up, when its answer is cut off. Then the SDK counts more
    losses than there are; the surplus is not shown as a negative remainder.
    """
    left = sdk.queued + sdk.in_flight
    counted = arrived + sdk.dropped + sdk.failed + left
    return _metrics(
        sdk,
        arrived,
        lost=max(0, sdk.created - arrived),
        left=left,
        unaccounted=max(0, sdk.created - counted),
    )


def _metrics(
    sdk: SdkCounts, arrived: int, *, lost: int, left: int, unaccounted: int
) -> dict[str, float]:
    return {
        "spans_created": sdk.created,
        "spans_arrived": arrived,
        "spans_dropped": sdk.dropped,
        "spans_failed": sdk.failed,
        "spans_lost": lost,
        "spans_left": left,
        "unaccounted_spans": unaccounted,
        "queue_ratio": sdk.queued / sdk.queue_capacity if sdk.queue_capacity else 0.0,
    }
