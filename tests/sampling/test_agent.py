"""An agent's samples arrive once and in order, through its outages, restarts and lies."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
import trustme

from reli.agent.text import AGENT, comment, sample_text
from reli.sampling import Reading, parse_target
from reli_analysis.errors import InputError
from reli_analysis.record.layout import HOST, METRIC, PROCESS, TREE
from support.agents import AgentProcess
from support.forwarder import Forwarder
from support.metrics_server import Behaviour, MetricsServer, answer, drip, flood, hang
from support.sampled import started
from support.sampled_live import SampledLive

_TOKEN = "a-token-of-this-test"


def _trees(it: SampledLive) -> list[Reading]:
    return [reading for reading in it.readings if reading.kind == TREE]


def _times(it: SampledLive) -> list[float]:
    return [reading.elapsed_s for reading in _trees(it) if reading.elapsed_s is not None]


@contextmanager
def _agent_of(
    home: Path, child: subprocess.Popen[str], every: str = "0.1s"
) -> Iterator[AgentProcess]:
    with AgentProcess(home, f"pid:{child.pid}", "host", every=every) as agent:
        yield agent


def test_every_row_arrives_with_its_source_host_and_moment(tmp_path: Path) -> None:
    """Processes, trees and hosts, as a look from here would find them."""
    with (
        started("sleep", "600") as child,
        _agent_of(tmp_path, child) as agent,
        SampledLive(f"agent:{agent.address}") as it,
    ):
        it.until(lambda: len(_trees(it)) > 5)
        rss_bytes = psutil.Process(child.pid).memory_info().rss
    source = f"agent:{agent.address}/pid:{child.pid}"
    assert {r.source for r in it.readings} == {source, f"agent:{agent.address}/host"}
    assert {r.kind for r in it.readings} == {PROCESS, TREE, HOST}
    assert {r.host for r in it.readings} == {socket.gethostname()}
    tree = _trees(it)[0]
    assert (tree.pid, tree.name, tree.segment) == (child.pid, "sleep", 0)
    assert tree.values["rss_bytes"] == pytest.approx(rss_bytes, rel=0.2)
    assert tree.started_s == pytest.approx(psutil.boot_time() and time.time(), abs=60)
    assert ("appeared", f"agent:{agent.address}") in {event[:2] for event in it.events}


def test_each_sample_is_taken_once(tmp_path: Path) -> None:
    """However often an agent is asked: ten times for each of its samples."""
    with (
        started("sleep", "600") as child,
        _agent_of(tmp_path, child, every="0.5s") as agent,
        SampledLive(f"agent:{agent.address}", interval_s=0.05) as it,
    ):
        it.until(lambda: len(_trees(it)) > 4)
    times = _times(it)
    assert times == sorted(set(times))
    apart = [after - before for before, after in pairwise(times)]
    assert all(distance_s > 0.25 for distance_s in apart)


def test_no_sample_is_missed_by_a_slow_reader(tmp_path: Path) -> None:
    """An agent that samples ten times as often hands over all that it took."""
    with (
        started("sleep", "600") as child,
        _agent_of(tmp_path, child, every="0.1s") as agent,
        SampledLive(f"agent:{agent.address}", interval_s=1.0) as it,
    ):
        it.until(lambda: len(_trees(it)) > 30)
        lines = agent.get("/samples?after=0")[1].splitlines()
    taken = sum(line.startswith("# sample ") for line in lines)
    times = _times(it)
    # All between the first and the last: the agent's own record has no more of that time.
    assert len(times) <= taken
    span = times[-1] - times[0]
    missed = sum(kind == "gap" for kind, _, _ in it.events)
    assert missed or len(times) == round(span / 0.1) + 1


def test_a_restart_there_is_a_segment_and_an_event_here(tmp_path: Path) -> None:
    """With the agent's source in the subject; the agent's own restart is none of its target."""
    with (
        AgentProcess(tmp_path, "cmd:^reli-test-sleeper") as agent,
        SampledLive(f"agent:{agent.address}") as it,
    ):
        with started("bash", "-c", "exec -a reli-test-sleeper sleep 600") as first:
            it.until(lambda: {r.pid for r in _trees(it)} == {first.pid})
        with started("bash", "-c", "exec -a reli-test-sleeper sleep 601") as second:
            it.until(lambda: _trees(it)[-1].pid == second.pid)
            agent.kill()
            agent.start()
            back_s = it.clock.elapsed_s()
            it.until(lambda: _times(it)[-1] > back_s)
    segments = {r.pid: r.segment for r in _trees(it)}
    assert segments == {first.pid: 0, second.pid: 1}
    source = f"agent:{agent.address}/cmd:^reli-test-sleeper"
    restarts = [
        message for kind, subject, message in it.events if (kind, subject) == ("restart", source)
    ]
    assert len(restarts) == 1
    assert str(second.pid) in restarts[0]


def test_a_killed_agent_costs_the_samples_of_its_outage(tmp_path: Path) -> None:
    """A gap is told, and the target's segment goes on: it was the agent that was restarted."""
    with (
        started("sleep", "600") as child,
        _agent_of(tmp_path, child) as agent,
        SampledLive(f"agent:{agent.address}") as it,
    ):
        it.until(lambda: len(_trees(it)) > 5)
        agent.kill()
        it.until(lambda: it.said("it does not answer", "vanished"))
        time.sleep(0.5)
        back_s = it.clock.elapsed_s()
        agent.start()
        it.until(lambda: len([s for s in _times(it) if s > back_s]) > 5)
    assert it.said("another agent answers: it was started again", "appeared") == 1
    assert it.said("it answers again", "appeared") == 1
    assert it.said("no samples from", "gap") == 1
    assert {r.segment for r in _trees(it)} == {0}
    times = _times(it)
    assert times == sorted(set(times))


def test_a_cut_network_costs_nothing(tmp_path: Path) -> None:
    """The agent keeps what it measures, and it arrives at the moments at which it was taken."""
    with (
        started("sleep", "600") as child,
        _agent_of(tmp_path, child) as agent,
        Forwarder(agent.port) as network,
        SampledLive(f"agent:127.0.0.1:{network.port}") as it,
    ):
        it.until(lambda: len(_trees(it)) > 5)
        network.cut()
        cut_s = it.clock.elapsed_s()
        it.until(lambda: it.said("it does not answer", "vanished"))
        time.sleep(1.0)
        network.mend()
        mended_s = it.clock.elapsed_s()
        it.until(lambda: [s for s in _times(it) if s > mended_s + 0.3])
    assert it.said("it answers again", "appeared") == 1
    assert it.said("another agent") == 0
    times = _times(it)
    assert times == sorted(set(times))
    assert len([s for s in times if cut_s < s < mended_s]) >= 8
    own_gaps = it.said("the agent itself", "gap")
    assert own_gaps or max(b - a for a, b in pairwise(times)) < 0.25


def test_a_hanging_agent_holds_up_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped by a signal it accepts connections still; samples go on without it, and then with it."""
    monkeypatch.setattr("reli.sampling.agent_source.TIMEOUT_S", 0.5)
    with (
        started("sleep", "600") as child,
        _agent_of(tmp_path, child) as agent,
        SampledLive(f"agent:{agent.address}") as it,
    ):
        it.until(lambda: len(_trees(it)) > 5)
        agent.signal(signal.SIGSTOP)
        it.until(lambda: it.said("no whole answer in time", "vanished"))
        assert it.sample() == []
        agent.signal(signal.SIGCONT)
        back_s = it.clock.elapsed_s()
        it.until(lambda: len([s for s in _times(it) if s > back_s]) > 5)
    assert it.said("it answers again", "appeared") == 1
    assert it.said("the agent itself: ", "gap") == 1
    assert it.said("another agent") == 0
    times = _times(it)
    assert times == sorted(set(times))


def test_an_agent_that_is_not_there_yet(tmp_path: Path) -> None:
    """It is told, and read from its first sample on."""
    with started("sleep", "600") as child:
        agent = AgentProcess(tmp_path, f"pid:{child.pid}")
        with SampledLive(f"agent:{agent.address}") as it:
            it.until(lambda: it.said("it does not answer: Connection refused"))
            with agent:
                it.until(lambda: _trees(it))
    assert it.said("an agent on", "appeared") == 1
    assert it.said("no samples from", "gap") == it.said("", "vanished") == 0


def test_the_token_is_shown_and_stands_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it, or with another, one sentence says what to set."""
    secret = {"RELI_AGENT_TOKEN": _TOKEN}
    with AgentProcess(tmp_path, f"pid:{os.getpid()}", environment=secret) as agent:
        target = f"agent:{agent.address}"
        with SampledLive(target) as it:
            it.until(lambda: it.said("it asks for a token; set RELI_AGENT_TOKEN"))
        assert it.readings == []
        monkeypatch.setenv("RELI_AGENT_TOKEN", "another-token")
        with SampledLive(target) as it:
            it.until(lambda: it.said("it refuses the token that RELI_AGENT_TOKEN holds"))
        assert it.readings == []
        assert "another-token" not in str(it.events)
        monkeypatch.setenv("RELI_AGENT_TOKEN", _TOKEN)
        with SampledLive(target) as it:
            it.until(lambda: _trees(it))
        assert _TOKEN not in str(it.events) + str(it.readings)


def test_tls_is_spoken_and_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the authority that vouches for the agent; a stranger's certificate is refused."""
    authority, stranger = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    stranger.cert_pem.write_to_path(str(tmp_path / "stranger.pem"))
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(tmp_path / "certificate.pem"))
    options = (
        *("--tls-certificate", str(tmp_path / "certificate.pem")),
        *("--tls-key", str(tmp_path / "key.pem")),
    )
    with AgentProcess(tmp_path, f"pid:{os.getpid()}", options=options) as agent:
        target = f"agent:{agent.address}"
        with SampledLive(target) as it:
            it.until(lambda: it.said("if it speaks TLS, set RELI_AGENT_CA"))
        monkeypatch.setenv("RELI_AGENT_CA", str(tmp_path / "stranger.pem"))
        with SampledLive(target) as it:
            it.until(lambda: it.said("certificate refused"))
        monkeypatch.setenv("RELI_AGENT_CA", str(tmp_path / "ca.pem"))
        with SampledLive(target) as it:
            it.until(lambda: _trees(it))
    with (
        AgentProcess(tmp_path, f"pid:{os.getpid()}") as plain,
        SampledLive(f"agent:{plain.address}") as it,
    ):
        it.until(lambda: it.said("no TLS session (RELI_AGENT_CA is set)"))


def test_ipv6(tmp_path: Path) -> None:
    """An address in brackets."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this host has no IPv6 loopback")
    with (
        AgentProcess(tmp_path, f"pid:{os.getpid()}", host="::1") as agent,
        SampledLive(f"agent:{agent.address}") as it,
    ):
        it.until(lambda: _trees(it))
    assert _trees(it)[0].source == f"agent:[::1]:{agent.port}/pid:{os.getpid()}"


@pytest.mark.parametrize(
    ("behaviour", "sentence"),
    [
        (answer("up 1\n"), "what answers is no agent of reli"),
        (answer("", "500 Internal Server Error"), "status 500"),
        (answer("", "302 Found", {"Location": "/"}), "a redirect"),
        (answer("# agent " + "[" * 100_000), "no agent of reli"),
        (hang, "no whole answer in time"),
        (drip, "no whole answer in time"),
        (flood, "more than 8,388,608 bytes"),
    ],
    ids=["other", "error", "redirect", "nested", "hang", "drip", "flood"],
)
def test_what_is_no_agent_is_one_sentence(
    behaviour: Behaviour, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever answers there, sampling goes on."""
    if sentence.startswith("no whole"):
        monkeypatch.setattr("reli.sampling.agent_source.TIMEOUT_S", 0.3)
    with (
        MetricsServer(behaviour) as server,
        SampledLive(f"agent:127.0.0.1:{server.port}") as it,
    ):
        it.until(lambda: it.said(sentence))
        assert it.sample() == []
    assert it.said(sentence) == 1


def _page(
    elapsed_s: float, *, number: int = 1, wall_s: float | None = None, oldest: int = 1
) -> str:
    """What an agent might answer with one sample of a tree and a number."""
    head = {
        "id": "one",
        "host": "db1",
        "elapsed_s": elapsed_s,
        "wall_s": time.time() if wall_s is None else wall_s,
        "interval_s": 0.1,
        "oldest": oldest,
        "newest": number,
        "last": number,
    }
    readings = [
        ("name:x", Reading(TREE, "x", {"fds": float(number)}, pid=1, started_s=1.0)),
        (
            "prometheus:y",
            Reading(METRIC, 'jobs{a="b"}', {"value": 5.0}, elapsed_s=elapsed_s - 0.01),
        ),
    ]
    return comment(AGENT, head) + sample_text({}, elapsed_s, readings)


def test_an_agent_that_lies_about_its_time_is_not_believed() -> None:
    """Its time of day is an hour off, and its clock goes wherever it likes: order and spacing stay."""
    hour_s = 3600.0
    clocks = [100.0, 100.1, 5000.0, 2.0, 1e9, 7.0, *(1e6 * n for n in range(2, 40))]
    pages = [
        answer(_page(at_s, number=n, wall_s=time.time() + hour_s))
        for n, at_s in enumerate(clocks, 1)
    ]
    with MetricsServer(*pages) as server, SampledLive(f"agent:127.0.0.1:{server.port}") as it:
        it.until(lambda: len(_trees(it)) > 20)
    times = _times(it)
    assert times == sorted(times)
    assert times[-1] <= it.clock.elapsed_s()
    assert it.said("ahead of ours; it is not used", "clock") == 1
    assert it.said("the agent's clock", "clock") == 1


def test_samples_that_were_overwritten_are_a_gap() -> None:
    """An agent keeps so many, and a reader that was away for longer says so."""

    def now(number: int, oldest: int) -> Behaviour:
        def behave(connection: socket.socket) -> None:
            answer(_page(time.monotonic(), number=number, oldest=oldest))(connection)

        return behave

    away = [answer("", "503 Service Unavailable")] * 6
    with (
        MetricsServer(now(5, 1), *away, now(400, 300)) as server,
        SampledLive(f"agent:127.0.0.1:{server.port}") as it,
    ):
        it.until(lambda: it.said("no samples from", "gap"))
    assert it.said("the agent's") == 0


def test_numbers_of_an_agent_keep_their_own_moment() -> None:
    """A metric that its target published a little earlier than the sample."""
    with (
        MetricsServer(answer(_page(10.0))) as server,
        SampledLive(f"agent:127.0.0.1:{server.port}") as it,
    ):
        it.until(lambda: it.values('jobs{a="b"}'))
        (metric,) = [r for r in it.readings if r.kind == METRIC][:1]
        (tree,) = _trees(it)[:1]
    assert metric.source == f"agent:127.0.0.1:{server.port}/prometheus:y"
    assert metric.elapsed_s is not None
    assert tree.elapsed_s is not None
    assert tree.elapsed_s - metric.elapsed_s == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("agent:db1", "write HOST:PORT"),
        ("agent:db1:port", "has no port"),
        ("agent:db1:0", "has no port from 1 to 65535"),
        ("agent:db1:70000", "has no port from 1 to 65535"),
        ("agent:::1:9646", "in brackets"),
        ("agent:[::g]:9646", "is no IPv6 address"),
        ("agent:http://db1:9646", "in brackets"),
        ("agent:d b:9646", "is no name or address"),
    ],
)
def test_a_wrong_address_is_one_sentence(target: str, sentence: str) -> None:
    """It says what would be right."""
    with pytest.raises(InputError, match=sentence):
        parse_target(target)


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("RELI_AGENT_TOKEN", "short", "holds no token"),
        ("RELI_AGENT_TOKEN", "a token\r\nX: y", "holds no token"),
        ("RELI_AGENT_CA", "/nonexistent", "cannot be read as PEM"),
        ("RELI_AGENT_CA", __file__, "cannot be read as PEM"),
    ],
)
def test_a_wrong_environment_is_one_sentence(
    variable: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is sampled, and without showing a token."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(InputError, match=sentence) as caught:
        SampledLive("agent:127.0.0.1:9")
    assert value not in str(caught.value) or "CA" in variable
