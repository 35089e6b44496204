"""The real OpenTelemetry SDK against the real collector: every span is accounted for."""

from __future__ import annotations

import logging
import os
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil
import pytest

from reli.services import tracer_sdk
from reli.services.tracer import TracerService, TracerSettings
from reli_analysis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PARTS = ("spans_arrived", "spans_dropped", "spans_failed", "spans_left", "unaccounted_spans")


@contextmanager
def running(mode: str = "ok", drain_timeout_s: float = 30) -> Iterator[TracerService]:
    service = TracerService(TracerSettings(collector_mode=mode), drain_timeout_s)
    service.start()
    try:
        yield service
    finally:
        service.stop()


def make_spans(service: TracerService, count: int) -> None:
    for number in range(count):
        with service.tracer.start_as_current_span("span") as span:
            span.set_attribute("number", number)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def drained(service: TracerService) -> Mapping[str, float]:
    """The final accounts, which must add up in every case (J037)."""
    service.drain()
    accounts = service.read()
    assert accounts["spans_created"] == sum(accounts[part] for part in PARTS)
    assert accounts["spans_lost"] == accounts["spans_created"] - accounts["spans_arrived"]
    return accounts


@pytest.fixture(autouse=True)
def _quick_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    """An SDK that gives up after two seconds and not after ten."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "2")


def test_with_a_healthy_collector_every_span_arrives() -> None:
    """Created equals arrived, and nothing is lost, failed or left (J102)."""
    with running() as service:
        make_spans(service, 1500)
        assert service.read()["spans_created"] == 1500
        accounts = drained(service)
    assert accounts["spans_created"] == accounts["spans_arrived"] == 1500
    assert accounts["queue_ratio"] == 0
    assert service.read() == accounts


def test_nested_spans_count_one_by_one() -> None:
    """The accounts are by span, not by call, and a span that an exception ends counts too."""
    with running() as service:
        start = service.tracer.start_as_current_span
        with start("parent"), start("child"):
            pass
        with pytest.raises(KeyError), start("broken"):
            raise KeyError
        assert drained(service)["spans_arrived"] == 3


def test_spans_from_many_threads_are_all_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real threads lose no count, and no span while the queue is large enough (J036)."""
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "20000")
    with running() as service:
        threads = [threading.Thread(target=make_spans, args=(service, 300)) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        accounts = drained(service)
    assert accounts["spans_created"] == accounts["spans_arrived"] == 4800


def test_a_slow_collector_makes_the_sdk_drop_and_every_drop_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Created equals arrived plus dropped, exactly, and the queue's use is seen (J033-J035)."""
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "200")
    monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "100")
    with running("slow:1s") as service:
        make_spans(service, 100)
        # With a batch on its way the export thread takes nothing from the queue. If it did while
        # the queue is full, the SDK would now and then count a drop that did not happen.
        wait_until(lambda: service.read()["queue_ratio"] == 0)
        make_spans(service, 900)
        during = service.read()
        accounts = drained(service)
    assert during["queue_ratio"] > 0.8
    assert 0 < during["spans_lost"] == during["spans_dropped"]
    assert accounts["spans_dropped"] == 700
    assert accounts["spans_created"] == accounts["spans_arrived"] + accounts["spans_dropped"]
    assert accounts["spans_lost"] / accounts["spans_created"] > 0.5


def test_a_collector_that_is_down_loses_everything_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nothing arrives, all is counted as failed, the caller sees no exception (J012, J013).

    The SDK's complaints stay visible, one of a kind (J022).
    """
    with running("down") as service:
        make_spans(service, 1500)
        accounts = drained(service)
        told = [r.getMessage() for r in caplog.records if r.name == "reli.services.log_throttle"]
    assert accounts["spans_arrived"] == 0
    assert accounts["spans_failed"] == accounts["spans_lost"] == 1500
    assert len([text for text in told if "Failed to export" in text]) == 1


def test_a_temporary_refusal_loses_nothing() -> None:
    """503 is retried until the spans arrive (J017, J018)."""
    with running("flaky:50%:503:1") as service:
        make_spans(service, 600)
        accounts = drained(service)
        assert service._collector is not None
        counts = service._collector.counts()
    assert counts.status_5xx > 0
    assert accounts["spans_created"] == accounts["spans_arrived"] == 600


def test_retried_spans_are_counted_once() -> None:
    """A lost answer makes the SDK send a batch again; its spans arrived once."""
    with running("unanswered:50%:1") as service:
        make_spans(service, 600)
        accounts = drained(service)
        assert service._collector is not None
        counts = service._collector.counts()
    assert counts.records > counts.unique == 600
    assert accounts["spans_arrived"] == 600


def test_spans_that_the_sdk_believes_delivered_are_unaccounted() -> None:
    """A redirect counts as success in the SDK; the collector knows better, at once."""
    with running("status:302") as service:
        make_spans(service, 600)
        wait_until(lambda: service.read()["unaccounted_spans"] > 0)
        during = service.read()
        accounts = drained(service)
    assert during["unaccounted_spans"] == during["spans_lost"] == 512
    assert accounts["unaccounted_spans"] == accounts["spans_lost"] == 600


def test_a_refused_batch_is_failed_although_the_sdk_counts_it_as_exported() -> None:
    """After 429 with a long Retry-After the SDK gives its batches up (J020)."""
    with running("status:429:60s") as service:
        make_spans(service, 600)
        accounts = drained(service)
    assert accounts["spans_failed"] == 600


def test_a_flush_that_does_not_end_is_cut_off_and_what_is_left_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Draining and stopping are bounded; what the SDK still holds is left, not unaccounted."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "20")
    with running("hang", drain_timeout_s=0.3) as service:
        make_spans(service, 1000)
        accounts = drained(service)
    assert accounts["spans_left"] == 1000
    assert service.read() == accounts


def test_without_a_drain_stopping_closes_the_accounts() -> None:
    """An interrupted run still gives final numbers that add up."""
    with running() as service:
        make_spans(service, 100)
    accounts = service.read()
    assert accounts["spans_created"] == 100
    assert accounts["spans_created"] == sum(accounts[part] for part in PARTS)


def test_a_collector_that_dies_in_mid_run_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """What arrived before its death still counts, and the log says that it died."""
    with running() as service:
        make_spans(service, 512)
        assert service._collector is not None
        wait_until(lambda: service.read()["spans_arrived"] == 512)
        psutil.Process(service._collector.pid).kill()
        make_spans(service, 100)
        accounts = drained(service)
    assert (accounts["spans_arrived"], accounts["spans_failed"]) == (512, 100)
    assert "the collector is no longer running" in caplog.text


def test_a_second_run_starts_from_zero() -> None:
    """``start`` after ``stop`` gives a new collector and new accounts."""
    with running() as service:
        make_spans(service, 10)
        assert drained(service)["spans_arrived"] == 10
        service.stop()
        service.start()
        assert service.read()["spans_created"] == 0
        make_spans(service, 5)
        assert drained(service)["spans_arrived"] == 5


def test_stopping_leaves_nothing_behind() -> None:
    """No child process, no changed logger, no changed environment, and twice does no harm."""
    log = logging.getLogger("opentelemetry")
    environment = dict(os.environ)
    children = len(psutil.Process().children())
    with running() as service:
        assert len(psutil.Process().children()) == children + 1
        assert dict(os.environ) == environment
        assert log.handlers
    service.stop()
    assert len(psutil.Process().children()) == children
    assert (log.propagate, log.handlers) == (True, [])
    with pytest.raises(RuntimeError, match="not running"):
        _ = service.tracer


def test_a_service_that_was_never_started_does_nothing() -> None:
    """Reading, draining and stopping it is allowed and says nothing."""
    service = TracerService(TracerSettings())
    service.drain()
    service.stop()
    assert service.read() == {}


def test_a_proxy_in_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spans go straight to the collector, on loopback."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with running() as service:
        make_spans(service, 10)
        assert drained(service)["spans_arrived"] == 10


def test_settings_come_from_the_environment() -> None:
    """Both variables have defaults, and an empty one counts as not given."""
    assert TracerSettings.from_environ({}) == TracerSettings("opentelemetry", "ok")
    environ = {"RELI_TRACER_SDK": "", "RELI_COLLECTOR_MODE": "slow:3s"}
    assert TracerSettings.from_environ(environ) == TracerSettings("opentelemetry", "slow:3s")


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        (
            {"RELI_TRACER_SDK": "opentelemtry"},
            '"opentelemtry" (did you mean "opentelemetry"?); known: opentelemetry',
        ),
        ({"RELI_COLLECTOR_MODE": "off"}, 'RELI_COLLECTOR_MODE: unknown collector mode "off"'),
        ({"RELI_COLLECTOR_MODE": "slow"}, 'RELI_COLLECTOR_MODE: collector mode "slow": write'),
    ],
)
def test_a_wrong_setting_is_one_sentence(environ: dict[str, str], words: str) -> None:
    """The variable is named, with what is known or what would be right."""
    with pytest.raises(InputError) as caught:
        TracerSettings.from_environ(environ)
    assert words in str(caught.value)


def test_settings_that_the_sdk_refuses_start_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's own complaint is passed on, and the collector does not stay behind."""
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "-5")
    service = TracerService(TracerSettings())
    children = len(psutil.Process().children())
    with pytest.raises(InputError, match="schedule_delay_millis must be positive"):
        service.start()
    assert len(psutil.Process().children()) == children


def test_a_missing_sdk_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """An SDK that is known and not installed is answered with the extra to install."""

    def load() -> tracer_sdk.TracerSdkFactory:
        raise ModuleNotFoundError("No module named 'absent_sdk'")

    monkeypatch.setitem(tracer_sdk.tracer_sdks._items, "absent", load)
    with pytest.raises(InputError, match=r"absent_sdk.*install reli\[tracer\]"):
        TracerService(TracerSettings(sdk="absent")).start()
