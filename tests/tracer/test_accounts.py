"""The accounts of a tracer, as pure functions of what the SDK and the collector say."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from reli.services.tracer_accounts import METRICS, account_after, account_during
from reli.services.tracer_sdk import SdkCounts

STEPS = st.lists(st.sampled_from(["create", "drop", "hand", "store", "fail", "succeed", "forget"]))


class Pipeline:
    """A model of spans on their way, one batch of 10 in flight at a time."""

    def __init__(self) -> None:
        self.sdk = SdkCounts(queue_capacity=1000)
        self.arrived = self.forgotten = 0
        self.stored = False

    def _change(self, **amounts: int) -> None:
        values = {name: getattr(self.sdk, name) + amount for name, amount in amounts.items()}
        self.sdk = dataclasses.replace(self.sdk, **values)

    def step(self, name: str) -> None:
        """Do a step if it can be done now."""
        batch = self.sdk.in_flight
        match name:
            case "create":
                self._change(created=10, queued=10)
            case "drop" if self.sdk.queued:
                self._change(dropped=5, queued=-5)
            case "hand" if self.sdk.queued >= 10 and not batch:
                self._change(queued=-10, in_flight=10)
                self.stored = False
            case "store" if batch and not self.stored:
                self.arrived += batch
                self.stored = True
            case "fail" if batch and not self.stored:
                self._change(failed=batch, in_flight=-batch)
            case "succeed" if batch and self.stored:
                self._change(exported=batch, in_flight=-batch)
            case "forget" if batch and not self.stored:
                self._change(exported=batch, in_flight=-batch)
                self.forgotten += batch


@given(STEPS)
def test_every_created_span_is_accounted_for(steps: list[str]) -> None:
    """Created is arrived, dropped, failed, left and unaccounted, whatever happened (J037)."""
    pipeline = Pipeline()
    for step in steps:
        pipeline.step(step)
    stored_in_flight = pipeline.sdk.in_flight if pipeline.stored else 0
    accounts = account_after(pipeline.sdk, pipeline.arrived - stored_in_flight)
    parts = ("spans_arrived", "spans_dropped", "spans_failed", "spans_left", "unaccounted_spans")
    assert accounts["spans_created"] == sum(accounts[part] for part in parts)
    assert accounts["unaccounted_spans"] == pipeline.forgotten
    assert accounts["spans_lost"] == accounts["spans_created"] - accounts["spans_arrived"]


@given(STEPS)
def test_a_loss_told_during_the_run_is_never_taken_back(steps: list[str]) -> None:
    """What is called lost or unaccounted while spans are on their way stays so at the end."""
    pipeline = Pipeline()
    lost = unaccounted = 0.0
    for step in steps:
        pipeline.step(step)
        accounts = account_during(pipeline.sdk, pipeline.arrived)
        lost = max(lost, accounts["spans_lost"])
        unaccounted = max(unaccounted, accounts["unaccounted_spans"])
    end = account_after(pipeline.sdk, pipeline.arrived)
    assert lost <= end["spans_lost"]
    assert unaccounted <= pipeline.forgotten


def test_a_batch_that_arrived_and_was_given_up_is_not_lost() -> None:
    """Only what did not arrive is lost, whatever the SDK believes."""
    accounts = account_after(SdkCounts(created=100, failed=100), arrived=100)
    assert accounts["spans_lost"] == 0
    assert accounts["unaccounted_spans"] == 0
    assert account_during(SdkCounts(created=100, failed=100), arrived=100)["spans_lost"] == 0


def test_each_published_number_is_declared() -> None:
    """The accounts hold exactly the counters and gauges of ``METRICS``; a run needs arrivals."""
    declared = {metric.name for metric in METRICS if metric.kind != "ratio"}
    assert set(account_during(SdkCounts(), 0)) == declared
    assert set(account_after(SdkCounts(), 0)) == declared
    assert [metric.name for metric in METRICS if metric.required] == ["spans_arrived"]
    [ratio] = [metric for metric in METRICS if metric.kind == "ratio"]
    assert (ratio.numerator, ratio.denominator) == ("spans_lost", "spans_created")
    assert {ratio.numerator, ratio.denominator} <= declared
