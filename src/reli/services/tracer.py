"""A tracer SDK under load, with a collector on the other side that proves what arrived.

``RELI_TRACER_SDK``       the SDK, by default ``opentelemetry``
``RELI_COLLECTOR_MODE``   how the collector treats it: ``ok``, ``slow:3s``, ``down``, ...
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli.backends.otlp import CollectorProcess, parse_mode
from reli.services.tracer_accounts import METRICS, account_after, account_during
from reli.services.tracer_sdk import TracerSdk, tracer_sdks
from reli_analysis.errors import InputError, ReliError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opentelemetry.trace import Tracer

    from reli_analysis.record import MetricSpec

SDK_VARIABLE = "RELI_TRACER_SDK"
MODE_VARIABLE = "RELI_COLLECTOR_MODE"
DRAIN_TIMEOUT_S = 30.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TracerSettings:
    """What to put under load, and what it meets."""

    sdk: str = "opentelemetry"
    collector_mode: str = "ok"

    def __post_init__(self) -> None:
        for variable, check, value in (
            (SDK_VARIABLE, tracer_sdks.get, self.sdk),
            (MODE_VARIABLE, parse_mode, self.collector_mode),
        ):
            try:
                check(value)
            except ReliError as error:
                raise InputError(f"{variable}: {error}") from None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> TracerSettings:
        """Read the variables; raises ``InputError`` with one sentence for a wrong one."""
        return cls(
            sdk=environ.get(SDK_VARIABLE) or cls.sdk,
            collector_mode=environ.get(MODE_VARIABLE) or cls.collector_mode,
        )


class TracerService:
    """One SDK and one collector; users make spans with ``tracer``."""

    metrics: Sequence[MetricSpec] = METRICS

    def __init__(
        self, settings: TracerSettings | None = None, drain_timeout_s: float = DRAIN_TIMEOUT_S
    ) -> None:
        """Take the settings, by default the environment's; nothing is started yet."""
        self._settings = settings or TracerSettings.from_environ(os.environ)
        self._drain_timeout_s = drain_timeout_s
        self._sdk: TracerSdk | None = None
        self._collector: CollectorProcess | None = None
        self._final: Mapping[str, float] | None = None
        self._lost = 0.0

    @property
    def tracer(self) -> Tracer:
        """The SDK's tracer; only from ``start`` to ``stop``."""
        if self._sdk is None:
            raise RuntimeError("the tracer service is not running")
        return self._sdk.tracer

    def start(self) -> None:
        """Start a collector and build the SDK; raises ``InputError`` when one of them cannot be."""
        self.stop()
        self._final, self._lost = None, 0.0
        try:
            factory = tracer_sdks.get(self._settings.sdk)()
        except ImportError as error:
            raise InputError(
                f"the tracer SDK {self._settings.sdk} is not installed ({error}); "
                "install reli[tracer]"
            ) from None
        self._collector = CollectorProcess(self._settings.collector_mode)
        try:
            self._sdk = factory(self._collector.endpoint)
        except BaseException:
            self.stop()
            raise

    def read(self) -> Mapping[str, float]:
        """The accounts now; after ``drain`` or ``stop`` the final ones; empty before ``start``."""
        if self._final is not None:
            return self._final
        if self._sdk is None or self._collector is None:
            return {}
        sdk = self._sdk.counts()
        accounts = account_during(sdk, self._collector.counts().unique)
        # A batch in flight that arrives lowers the loss for a moment; a counter must not fall.
        self._lost = accounts["spans_lost"] = max(self._lost, accounts["spans_lost"])
        return accounts

    def drain(self) -> None:
        """Flush within the time limit and close the accounts."""
        if self._sdk is None or self._collector is None or self._final is not None:
            return
        if not self._sdk.flush(self._drain_timeout_s):
            _log.warning("flushing the tracer took more than %g s", self._drain_timeout_s)
        if not self._collector.alive:
            _log.error("the collector is no longer running: what arrived later is not counted")
        # The collector counts a span before it answers, so once flushed there is nothing to await.
        self._final = account_after(self._sdk.counts(), self._collector.counts().unique)

    def stop(self) -> None:
        """Close the accounts as they are, the SDK and the collector."""
        sdk, collector = self._sdk, self._collector
        self._sdk = self._collector = None
        try:
            if sdk is not None and collector is not None:
                if self._final is None:
                    self._final = account_after(sdk.counts(), collector.counts().unique)
                sdk.close()
        finally:
            if collector is not None:
                collector.stop()
