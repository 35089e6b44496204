"""What a tracer SDK must offer to be put under load, and the SDKs that are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from reli_analysis.registry import Registry

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer


@dataclass(frozen=True)
class SdkCounts:
    """What an SDK says of its spans; all but ``in_flight`` and ``queued`` only grow.

    ``dropped``   counted as dropped by the SDK itself, such as from a full queue
    ``exported``  in batches that the exporter reports as delivered
    ``failed``    in batches that the exporter gave up
    ``in_flight`` in a batch that the exporter is busy with
    """

    created: int = 0
    dropped: int = 0
    exported: int = 0
    failed: int = 0
    in_flight: int = 0
    queued: int = 0
    queue_capacity: int = 0


class TracerSdk(Protocol):
    """An SDK, ready to make spans; built with the URL that it sends them to."""

    @property
    def tracer(self) -> Tracer:
        """What users make spans with."""

    def counts(self) -> SdkCounts:
        """The counts now; cheap and never blocking."""

    def flush(self, timeout_s: float) -> bool:
        """Send what is queued; returns whether that ended in time."""

    def close(self) -> None:
        """Give up what is left and release everything, within a few seconds."""


TracerSdkFactory = Callable[[str], TracerSdk]

tracer_sdks: Registry[Callable[[], TracerSdkFactory]] = Registry("tracer SDK")
"""Loaders by name. A loader imports its SDK when it is called, so the others may be missing."""


def _load_opentelemetry() -> TracerSdkFactory:
    from reli.services.opentelemetry_tracer import (  # noqa: PLC0415 -- costs 0.4 s; optional
        OpenTelemetrySdk,
    )

    return OpenTelemetrySdk


tracer_sdks.register("opentelemetry", _load_opentelemetry)
