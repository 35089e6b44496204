"""Reads an agent beside the sampling, and hands its samples over as readings of the run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reli.sampling.agent_page import AgentSample, Answer
from reli.sampling.agent_reader import TIMEOUT_S, AgentReader, UnreadableError
from reli.sampling.agent_segments import Segments
from reli.sampling.agent_time import AgentClock
from reli.sampling.polling import Polling
from reli.sampling.trouble import Trouble

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator

    from reli.sampling.address import Address
    from reli.sampling.agent_page import AgentEvent, Head
    from reli.sampling.source import Reading, Surroundings

_MOST_WAITING = 60
_EARLIES = (0.25, 0.75)
"""How many intervals before a sample the agent is asked, one or the other."""
_TOO_NEAR = 0.15
_GAP_INTERVALS = 2.5
_LATE_S = 2.0
_AGENTS_OWN = "sampler"


@dataclass(frozen=True)
class _Looked:
    """One look: what the agent answered, and why it answered no more, if it did not."""

    elapsed_s: float
    answers: tuple[Answer, ...]
    failed: str = ""


class AgentSource:
    """Every sample of the agent once, in order, at its moment of the run's clock.

    What an agent keeps for its readers covers an outage of the network; what is missing then is a
    gap, and told as one.
    """

    def __init__(
        self,
        address: Address,
        surroundings: Surroundings,
        token: str | None,
        context: ssl.SSLContext | None,
    ) -> None:
        self._text = f"agent:{address}"
        self._clock = surroundings.clock
        self._event = surroundings.event
        self._opened_s = self._clock.elapsed_s()
        self._reader = AgentReader(address, token, context, TIMEOUT_S)
        self._time = AgentClock(self._clock)
        self._segments = Segments()
        self._identity = ""
        self._was_there = False
        self._last_s = self._opened_s
        self._next = 0
        self._may_lack = False
        self._away = Trouble(
            self._tell_away,
            well="it answers again",
            tell_well=lambda said: self._event("appeared", self._text, said),
        )
        self._early = _EARLIES[0]
        self._polling = Polling(
            self._look,
            self._clock,
            name=self._text,
            most=_MOST_WAITING,
            early=lambda: self._early,
        )

    def sample(self) -> Iterable[Reading]:
        return [reading for looked in self._polling.take() for reading in self._hand_over(looked)]

    def close(self) -> None:
        self._reader.interrupt()
        self._polling.close()
        self._reader.close()

    # What the polling thread does.

    def _look(self) -> _Looked:
        elapsed_s = self._clock.elapsed_s()
        answers: list[Answer] = []
        try:
            for answer in self._reader.news():
                answers.append(answer)  # noqa: PERF402 -- those before an error stand
        except UnreadableError as error:
            return _Looked(elapsed_s, tuple(answers), str(error))
        if answers:
            self._keep_off(answers[-1])
        return _Looked(elapsed_s, tuple(answers))

    def _keep_off(self, answer: Answer) -> None:
        """Ask at another moment when the agent samples at this one: some looks would find nothing."""
        samples = [item for item in answer.items if isinstance(item, AgentSample)]
        if samples:
            age = (answer.head.elapsed_s - samples[-1].elapsed_s) / answer.head.interval_s
            if not _TOO_NEAR < age % 1.0 < 1.0 - _TOO_NEAR:
                self._early = _EARLIES[self._early == _EARLIES[0]]

    # What the sampling thread does: events are written by it alone.

    def _hand_over(self, looked: _Looked) -> Iterator[Reading]:
        for answer in looked.answers:
            yield from self._take(answer)
        if looked.failed:
            self._away.has(looked.failed, looked.elapsed_s)
        else:
            self._away.is_well()

    def _tell_away(self, said: str) -> None:
        self._event("vanished" if self._was_there else "sampling", self._text, said)

    def _take(self, answer: Answer) -> Iterator[Reading]:
        head = answer.head
        for said in self._time.take(answer):
            self._event("clock", self._text, said)
        if head.identity != self._identity:
            self._look_at_identity(head)
        elif head.oldest > self._next:
            self._may_lack = True
        for item in answer.items:
            if isinstance(item, AgentSample):
                yield from self._place(item, head)
            else:
                self._forward(item)
        if head.last is not None:
            self._next = head.last + 1
        if head.last is None or head.last >= head.newest:
            self._time.has_taken_all(answer)

    def _look_at_identity(self, head: Head) -> None:
        """Another agent answers than before, or the first."""
        if self._was_there:
            self._may_lack = True
            self._event("appeared", self._text, "another agent answers: it was started again")
        else:
            said = f"an agent on {head.host} that samples every {head.interval_s:g} s"
            self._event("appeared", self._text, said)
        self._was_there, self._identity, self._next = True, head.identity, head.oldest

    def _place(self, sample: AgentSample, head: Head) -> Iterator[Reading]:
        placed_s, doubts = self._time.place(sample.elapsed_s)
        for said in doubts:
            self._event("clock", self._text, said)
        before_s, self._last_s = self._last_s, placed_s
        may_lack, self._may_lack = self._may_lack, False
        if may_lack and placed_s - before_s > _GAP_INTERVALS * head.interval_s:
            said = f"no samples from {before_s:.1f} s to {placed_s:.1f} s of the run"
            self._event("gap", self._text, said)
        for source in self._segments.take(head.identity, sample.readings):
            said = "another process is there than before the agent's own restart"
            self._event("restart", self._name(source), said)
        for reading in sample.readings:
            is_part = reading.elapsed_s is not None and reading.elapsed_s != sample.elapsed_s
            at_s = self._time.place_part(reading.elapsed_s or 0.0) if is_part else placed_s
            if at_s >= self._opened_s:
                yield replace(
                    reading,
                    segment=self._segments.of(reading),
                    host=reading.host or head.host,
                    elapsed_s=at_s,
                    source=self._name(reading.source),
                )

    def _forward(self, event: AgentEvent) -> None:
        age_s = self._time.age_s(event.elapsed_s)
        late = f" ({age_s:.0f} s before this was heard)" if age_s > _LATE_S else ""
        if event.subject == _AGENTS_OWN:
            self._event(event.kind, self._text, f"the agent itself: {event.message}{late}")
        else:
            self._event(event.kind, self._name(event.subject), f"{event.message}{late}")

    def _name(self, source: str) -> str:
        """A source of the agent's as the record names it."""
        return f"{self._text}/{source}"
