"""Scrapes a page of metrics, and hands its values over as readings."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from reli.http.errors import HttpError
from reli.http.tls import make_context
from reli.sampling.cost import Pace
from reli.sampling.fetch import Fetcher, Page
from reli.sampling.polling import Polling
from reli.sampling.prometheus_page import PageReader
from reli.sampling.prometheus_process import PROCESS_METRICS, Looked, ProcessMetrics
from reli.sampling.prometheus_values import Converter, Values
from reli.sampling.source import Reading
from reli.sampling.trouble import Trouble
from reli_analysis.record.layout import METRIC

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reli.sampling.prometheus import PrometheusEndpoint
    from reli.sampling.source import Surroundings

_TIMEOUT_S = 10.0
_SHARE = 0.05
"""Of a core, for reading pages: a page of megabytes each second would take much more."""
_EARLY = 0.5
_MOST_WAITING = 60
# Without a version of OpenMetrics in it: the older format is what every endpoint has.
_ACCEPT = "text/plain;version=0.0.4;q=1,*/*;q=0.1"


@dataclass(frozen=True)
class _Scrape:
    """What one look at the page came to; ``failed`` says why it came to nothing."""

    elapsed_s: float
    values: Values | None = None
    looked: Looked | None = None
    failed: str = ""
    is_slow: bool = False


class PrometheusSource:
    """Scrapes in a thread of its own; a sample hands over what was scraped by then."""

    def __init__(self, endpoint: PrometheusEndpoint, surroundings: Surroundings) -> None:
        self._endpoint = endpoint
        self._surroundings = surroundings
        self._clock = surroundings.clock
        wanted = [selector.metric for selector in endpoint.selectors]
        self._reader = PageReader(wanted or PROCESS_METRICS)
        self._converter = Converter(endpoint.selectors)
        self._process = ProcessMetrics(endpoint.url.origin.authority)
        self._said_of_pace: deque[str] = deque(maxlen=_MOST_WAITING)
        self._pace = Pace(
            _SHARE,
            self._clock.interval_s,
            what="its metrics",
            tell=self._said_of_pace.append,
        )
        self._fetcher: Fetcher | None = None
        self._unreadable = Trouble(self._tell, well="it is read again")
        self._slow = Trouble(self._tell, well="it answers within the interval again")
        self._troubles = {
            selector: Trouble(self._tell, well=f"{selector} is complete again")
            for selector in endpoint.selectors
        }
        self._no_process = Trouble(self._tell, well="the metrics of its process are there again")
        self._polling = Polling(
            self._scrape,
            self._clock,
            name="prometheus",
            most=_MOST_WAITING,
            early=lambda: _EARLY,
        )

    def sample(self) -> Iterable[Reading]:
        while self._said_of_pace:
            said = self._said_of_pace.popleft()
            self._surroundings.event("pace", self._endpoint.text, said)
        scrapes = [scrape for scrape in self._polling.take() if scrape is not None]
        return [reading for scrape in scrapes for reading in self._hand_over(scrape)]

    def close(self) -> None:
        if self._fetcher is not None:
            self._fetcher.interrupt()
        self._polling.close()
        if self._fetcher is not None:
            self._fetcher.close()

    # What the sampling thread does: events are written by it alone.

    def _tell(self, said: str) -> None:
        self._surroundings.event("sampling", self._endpoint.text, said)

    def _hand_over(self, scrape: _Scrape) -> Iterable[Reading]:
        if scrape.failed:
            self._unreadable.has(scrape.failed, scrape.elapsed_s)
            return
        self._unreadable.is_well()
        if scrape.is_slow:
            said = "it takes longer than the interval to answer, so it is read more rarely"
            self._slow.has(said, scrape.elapsed_s)
        else:
            self._slow.is_well()
        if scrape.looked is not None:
            yield from self._hand_over_process(scrape.looked, scrape.elapsed_s)
        if scrape.values is not None:
            yield from self._hand_over_values(scrape.values, scrape.elapsed_s)

    def _hand_over_process(self, looked: Looked, elapsed_s: float) -> Iterable[Reading]:
        if not looked.readings:
            self._no_process.has("the page has no metrics of its process; select some", elapsed_s)
            return ()
        self._no_process.is_well()
        if looked.restarted:
            began = looked.readings[0].started_s
            when = f" that began at {datetime.fromtimestamp(began, UTC):%FT%TZ}" if began else ""
            said = f"another process answers{when}; why the one before ended is not seen from here"
            self._surroundings.event("restart", self._endpoint.text, said)
        return looked.readings

    def _hand_over_values(self, values: Values, elapsed_s: float) -> Iterable[Reading]:
        for selector, trouble in self._troubles.items():
            if said := values.troubles.get(selector):
                trouble.has(said, elapsed_s)
            else:
                trouble.is_well()
        for name, value in (values.named | values.others).items():
            yield Reading(METRIC, name, {"value": value}, elapsed_s=elapsed_s)

    # What the scraping thread does.

    def _scrape(self) -> _Scrape | None:
        """One look at the page; ``None`` when it is not its turn."""
        elapsed_s = self._clock.elapsed_s()
        if not self._pace.due(elapsed_s):
            return None
        began_s = time.thread_time()
        try:
            return self._read(self._get())
        except (HttpError, ValueError) as error:
            return _Scrape(elapsed_s, failed=f"it cannot be read: {error}")
        finally:
            self._pace.ran(elapsed_s, time.thread_time() - began_s)

    def _get(self) -> Page:
        url = self._endpoint.url
        if self._fetcher is None:
            secured = url.origin.scheme == "https"
            context = make_context(insecure=False, ca_bundle=None) if secured else None
            self._fetcher = Fetcher(
                url.origin, {"Accept": _ACCEPT}, timeout_s=_TIMEOUT_S, context=context
            )
        return self._fetcher.get(url.target)

    def _read(self, page: Page) -> _Scrape:
        elapsed_s = page.asked_s - self._clock.start_s
        is_slow = page.came_s - page.asked_s > self._clock.interval_s
        families = self._reader.read(page.content)
        if self._endpoint.selectors:
            values = self._converter.convert(families, elapsed_s)
            return _Scrape(elapsed_s, values=values, is_slow=is_slow)
        looked = self._process.read(families, elapsed_s)
        return _Scrape(elapsed_s, looked=looked, is_slow=is_slow)
