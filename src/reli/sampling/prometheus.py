"""``prometheus:URL[#SELECTOR,...]``: numbers that the target itself publishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli.http.url import parse_url
from reli.sampling.prometheus_selector import parse_selectors
from reli.sampling.source import SOURCES
from reli_analysis.errors import InputError
from reli_analysis.record import MetricSpec
from reli_analysis.record.layout import unit_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli.http.url import Url
    from reli.sampling.prometheus_selector import Selector
    from reli.sampling.prometheus_source import PrometheusSource
    from reli.sampling.source import Surroundings


@dataclass(frozen=True)
class PrometheusEndpoint:
    """A page of metrics; without selectors it is read as a process."""

    text: str
    url: Url
    selectors: tuple[Selector, ...]

    @property
    def metrics(self) -> Sequence[MetricSpec]:
        """The selectors with a name; each says its unit at its end, as ``_bytes`` does."""
        return [
            MetricSpec(
                selector.alias,
                "gauge",
                f"{selector.without_alias} of {self.url}",
                unit_of(selector.alias),
            )
            for selector in self.selectors
            if selector.alias
        ]

    def open(self, surroundings: Surroundings) -> PrometheusSource:
        from reli.sampling.prometheus_source import PrometheusSource  # noqa: PLC0415 -- ssl is heavy

        return PrometheusSource(self, surroundings)


def _parse(argument: str) -> PrometheusEndpoint:
    address, mark, selectors = argument.partition("#")
    text = f"prometheus:{argument}"
    try:
        url = parse_url(address)
    except ValueError as error:
        raise InputError(
            f'target "{text}": {error}; write for example prometheus:http://127.0.0.1:9187/metrics'
        ) from None
    if url.user is not None:
        raise InputError(
            f'target "prometheus:{url}" holds a password, and the record would show it; '
            "leave it out and let the endpoint answer this host without one"
        )
    if mark and not selectors.strip():
        raise InputError(f'target "{text}" selects nothing after the "#"; leave it out')
    return PrometheusEndpoint(text, url, parse_selectors(selectors) if mark else ())


SOURCES.register("prometheus", _parse)
