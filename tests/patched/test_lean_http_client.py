"""The client of LeanHttpUser does what its options say, and counts each request once."""

from __future__ import annotations

import gc
import socket
import weakref
from typing import Any

import gevent
import pytest
from locust.env import Environment
from locust.exception import LocustError, StopTest, StopUser

from reli.users import KINDS, LeanHttpUser
from support.lean_users import Heard, LeanClient
from support.scripted_server import OK, ScriptedServer, Step, close, pause, read, reset

NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


def _answer(status: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


# What is counted.


def test_a_request_is_counted_as_fast_http_user_would(lean_client: LeanClient) -> None:
    """Type, name, time, length, response, context, start and URL stand in the event."""
    with ScriptedServer() as server:
        heard = lean_client(server.url)
        answer = heard.client.get("/a?b=c", context={"run": 7})
        (request,) = heard.requests
        assert (request["request_type"], request["name"]) == ("GET", "/a?b=c")
        assert request["response_length"] == 2
        assert request["response_time"] == answer.elapsed_s * 1000 > 0
        assert request["response"] is answer
        assert request["context"] == {"run": 7}
        assert request["exception"] is None
        assert request["url"] == answer.url == f"{server.url}/a?b=c"
        assert request["start_time"] == pytest.approx(request["start_time"], abs=1)


def test_a_name_stands_in_for_the_url(lean_client: LeanClient) -> None:
    """Many URLs count under one name, and parameters are no part of a name."""
    with ScriptedServer() as server:
        heard = lean_client(server.url)
        heard.client.get("/users/1", name="/users/[id]")
        heard.client.get("/search", params={"q": "a b", "n": [1, 2]})
        assert [request["name"] for request in heard.requests] == ["/users/[id]", "/search"]
        assert server.requests[1].startswith(b"GET /search?q=a+b&n=1&n=2 HTTP/1.1\r\n")


@pytest.mark.parametrize(("status", "error"), [(399, None), (400, "BadStatusError"), (503, "BadStatusError")])  # fmt: skip
def test_a_status_of_400_or_more_is_a_failure(
    status: int, error: str | None, lean_client: LeanClient
) -> None:
    """The answer is there all the same."""
    with ScriptedServer([read, _answer(f"{status} Oh", body=b"why")]) as server:
        heard = lean_client(server.url)
        answer = heard.client.get("/")
        assert heard.errors == [error]
        assert (answer.status_code, answer.content, answer.ok) == (status, b"why", error is None)


def test_a_block_decides(lean_client: LeanClient) -> None:
    """success() makes a failure good, failure() a good answer bad, and each counts once."""
    with ScriptedServer([read, _answer("404 No"), read, OK, read, _answer("500 No")]) as server:
        heard = lean_client(server.url)
        with heard.client.get("/a", catch_response=True) as answer:
            answer.success()
        with heard.client.get("/b", catch_response=True) as answer:
            answer.failure("not what was asked")
        with heard.client.get("/c", catch_response=True):
            pass
        assert heard.errors == [None, "CatchResponseError", "BadStatusError"]
        assert str(heard.requests[1]["exception"]) == "not what was asked"


def test_a_block_that_raises_is_a_failure_and_raises_on(lean_client: LeanClient) -> None:
    """The request was made, so it counts; what steers Locust is no failure of it."""
    with ScriptedServer() as server:
        heard = lean_client(server.url)
        with pytest.raises(KeyError), heard.client.get("/", catch_response=True):
            raise KeyError("gone")
        with pytest.raises(StopUser), heard.client.get("/", catch_response=True):
            raise StopUser
        with heard.client.get("/", catch_response=True) as answer:
            answer.raise_for_status()
        assert heard.errors == ["KeyError", None, None]


def test_a_block_needs_catch_response(lean_client: LeanClient) -> None:
    """Without it the request is counted already, and the answer says so."""
    with ScriptedServer() as server:
        heard = lean_client(server.url)
        answer = heard.client.get("/")
        with pytest.raises(LocustError, match="catch_response=True"), answer:
            pass
        with pytest.raises(LocustError, match="catch_response=True"):
            answer.failure("late")
        assert len(heard.requests) == 1


def test_locusts_own_numbers_are_fed_without_the_event() -> None:
    """With no listener but Locust's the count goes straight there; a listener of one's own hears."""
    with ScriptedServer([read, OK, read, OK, read, _answer("500 No"), read, OK]) as server:
        environment = Environment()
        environment.create_local_runner()
        client = type("User", (LeanHttpUser,), {"abstract": True, "host": server.url})(
            environment
        ).client
        for _ in range(3):
            client.get("/")
        total = environment.stats.total
        assert (total.num_requests, total.num_failures) == (3, 1)
        assert [error.to_dict()["occurrences"] for error in environment.stats.errors.values()] == [
            1
        ]
        heard: list[Any] = []
        environment.events.request.add_listener(lambda **request: heard.append(request["name"]))
        client.get("/")
        assert (total.num_requests, heard) == (4, ["/"])
        replaced: list[Any] = []
        vars(environment.stats)["log_request"] = lambda *request: replaced.append(request)
        client.get("/")
        client.close()
        assert len(replaced) == 1, "a method that stands in for Locust's is looked up each time"


# What is sent.


@pytest.mark.parametrize(
    ("options", "head", "body"),
    [
        ({"data": b"raw"}, b"Content-Length: 3", b"raw"),
        ({"data": "gr\u00fc\u00df"}, b"Content-Length: 6", "gr\u00fc\u00df".encode()),
        ({"data": {"a": "b c", "d": [1, 2]}}, b"application/x-www-form-urlencoded", b"a=b+c&d=1&d=2"),
        ({"json": {"a": [1, None]}}, b"Content-Type: application/json", b'{"a": [1, null]}'),
        ({"data": iter([b"ab", b"", b"c"])}, b"Transfer-Encoding: chunked", b""),
        ({"json": {}, "headers": {"content-type": "x/y"}}, b"content-type: x/y", b"{}"),
        ({}, b"Content-Length: 0", b""),
    ],
)  # fmt: skip
def test_a_body_goes_with_what_describes_it(
    options: dict[str, Any], head: bytes, body: bytes, lean_client: LeanClient
) -> None:
    """Bytes, text, forms, JSON and chunks; a header of one's own goes before ours."""
    with ScriptedServer([read, OK]) as server:
        assert lean_client(server.url).client.post("/", **options).ok
        sent_head, _, sent_body = server.requests[0].partition(b"\r\n\r\n")
        assert head in sent_head
        assert sent_head.lower().count(b"content-type") <= 1
        if "iter" not in type(options.get("data")).__name__:
            assert sent_body == body


def test_chunks_arrive_as_chunks(lean_client: LeanClient) -> None:
    """An iterable of bytes is one chunk each, and an end."""
    arrived: list[bytes] = []
    with ScriptedServer([lambda sock: arrived.append(sock.recv(65536)), OK]) as server:
        lean_client(server.url).client.put("/", data=iter([b"ab", b"", b"c"]))
        assert arrived[0].endswith(b"\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")


def test_headers_are_those_of_the_class_and_of_the_request(lean_client: LeanClient) -> None:
    """The request's go before the class's, and those before ours."""
    with ScriptedServer() as server:
        heard = lean_client(server.url, default_headers={"User-Agent": "me", "X-A": "1"})
        heard.client.get("/", headers={"x-a": "2", "Host": "other"}, auth=("user", "pass"))
        heard.client.get("/")
        first, second = server.requests
        assert b"x-a: 2\r\n" in first
        assert b"X-A: 1" not in first
        assert b"Host: other\r\n" in first
        assert first.count(b"Host:") == 1
        assert b"Authorization: Basic dXNlcjpwYXNz\r\n" in first
        assert b"User-Agent: me\r\nX-A: 1\r\n" in second
        assert b"Accept-Encoding" not in second


def test_credentials_of_the_host_are_sent_and_not_counted(lean_client: LeanClient) -> None:
    """A user in the host's URL becomes basic authentication."""
    with ScriptedServer() as server:
        heard = lean_client(server.url.replace("//", "//me:se%20cret@"))
        heard.client.get("/")
        assert b"Authorization: Basic bWU6c2UgY3JldA==\r\n" in server.requests[0]
        assert "cret" not in heard.requests[0]["url"]


@pytest.mark.parametrize(
    ("method", "url", "headers"),
    [
        ("GET\r\nX: y", "/", {}),
        ("", "/", {}),
        ("GET", "/\r\nX: y", {}),
        ("GET", "ftp://127.0.0.1/", {}),
        ("GET", "http:///nowhere", {}),
        ("GET", "http://127.0.0.1:99999/", {}),
        ("GET", "/", {"A\r\nB": "c"}),
        ("GET", "/", {"A": "b\r\nC: d"}),
        ("GET", "/", {"A": "b\0"}),
        ("GET", "/", {"A: ": "b"}),
        ("GET", "/", {"A": 3}),
        ("GET", "/", {"Content-Length": "3"}),
        ("GET", "/", {"Transfer-Encoding": "chunked"}),
    ],
)
def test_what_would_be_another_request_is_refused(
    method: str, url: str, headers: dict[str, str], lean_client: LeanClient
) -> None:
    """Nothing is sent and nothing is counted: the locustfile has to change."""
    with ScriptedServer() as server:
        heard = lean_client(server.url)
        with pytest.raises(ValueError, match=r"\w"):
            heard.client.request(method, url, headers=headers)
        assert server.accepted == 0
        assert heard.requests == []


def test_a_wrong_option_is_refused(lean_client: LeanClient) -> None:
    """A misspelt timeout is not silently the default."""
    heard = lean_client("http://127.0.0.1:1")
    with pytest.raises(TypeError, match="answer_timeout"):
        heard.client.get("/", answer_timeout=3)
    with pytest.raises(ValueError, match="answer_timeout_s is -1"):
        heard.client.get("/", answer_timeout_s=-1)
    with pytest.raises(TypeError, match="chunk"):
        heard.client.post("/", data=["text"])  # type: ignore[list-item]  # what a locustfile may do
    with pytest.raises(StopTest, match="--host"):
        lean_client("")
    with pytest.raises(StopTest, match="not a URL"):
        lean_client("127.0.0.1:80")
    with pytest.raises(StopTest, match="first_byte_timeout_s"):
        lean_client("http://127.0.0.1", first_byte_timeout_s=0)


# How long it takes.


def test_a_request_may_have_timeouts_of_its_own(lean_client: LeanClient) -> None:
    """They go before the class's, for the one request; the timer that runs is set anew."""
    with ScriptedServer([read, OK, read, pause(0.3), OK, read, pause(9)]) as server:
        heard = lean_client(server.url, first_byte_timeout_s=5.0, answer_timeout_s=5.0)
        heard.client.get("/")
        heard.client.get("/", first_byte_timeout_s=4)
        heard.client.get("/", first_byte_timeout_s=0.1)
        assert heard.errors == [None, None, "FirstByteTimeoutError"]
        assert 100 <= heard.requests[2]["response_time"] < 4000


def test_an_answer_that_began_in_time_may_go_on(lean_client: LeanClient) -> None:
    """The first byte's limit is no limit of the rest."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    with ScriptedServer([read, head, pause(0.4), b"h", pause(0.4), b"i"]) as server:
        heard = lean_client(server.url, first_byte_timeout_s=0.3, answer_timeout_s=9.0)
        assert heard.client.get("/").content == b"hi"
        assert heard.errors == [None]


def test_a_connection_that_is_never_taken_times_out(lean_client: LeanClient) -> None:
    """A listener with a full queue drops what knocks."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        fill = [socket.socket() for _ in range(4)]
        for knocking in fill:
            knocking.setblocking(False)
            knocking.connect_ex(("127.0.0.1", port))
        heard = lean_client(f"http://127.0.0.1:{port}", connect_timeout_s=0.2, answer_timeout_s=3.0)
        heard.client.get("/")
        assert heard.errors == ["ConnectTimeoutError"]
        heard.client.get("/", connect_timeout_s=3.0, answer_timeout_s=0.2)
        assert heard.errors[1] == "AnswerTimeoutError"
        for knocking in fill:
            knocking.close()


def test_no_connection_is_a_failure_that_says_why(lean_client: LeanClient) -> None:
    """Refused, or a name that nobody has."""
    heard = lean_client("http://127.0.0.1:1")
    heard.client.get("/")
    heard.client.get("http://nowhere.invalid/")
    assert heard.errors == ["ConnectError", "ConnectError"]
    assert "refused" in str(heard.requests[0]["exception"])
    assert "name" in str(heard.requests[1]["exception"])


def test_a_body_that_is_not_taken_times_out(lean_client: LeanClient) -> None:
    """Sending has the whole answer's time, and no more."""
    with ScriptedServer([pause(9)]) as server:
        heard = lean_client(server.url)
        heard.client.post("/", data=bytes(50_000_000))
        assert heard.errors == ["AnswerTimeoutError"]


def test_an_answer_before_the_body_is_taken_counts(lean_client: LeanClient) -> None:
    """A server that has heard enough may say so; the connection is not used again."""
    early: list[Step] = [lambda sock: sock.recv(1000), _answer("413 Too Large"), pause(0.05), close]
    with ScriptedServer(early) as server:
        heard = lean_client(server.url, answer_timeout_s=5.0)
        status = heard.client.post("/", data=bytes(50_000_000)).status_code
        assert (status, heard.errors) in [
            (413, ["BadStatusError"]),
            (0, ["ConnectionClosedError"]),  # the reset overtook the answer
        ]
        assert heard.client.post("/").ok
        assert server.accepted == 2


# Connections that are kept.


def test_a_connection_is_kept(lean_client: LeanClient) -> None:
    """One user's requests to one host go over one connection."""
    with ScriptedServer() as server:
        client = lean_client(server.url).client
        assert all(client.request(method, "/").ok for method in ("GET", "POST", "PUT", "GET"))
        assert server.accepted == 1


def test_a_connection_is_not_kept_when_either_side_says_so(lean_client: LeanClient) -> None:
    """Connection: close, HTTP/1.0 and a request that asks for it."""
    closing = _answer("200 OK", "Connection: close")
    old = b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"
    with ScriptedServer([read, closing, pause(9)], [read, old, pause(9)]) as server:
        client = lean_client(server.url).client
        client.get("/")
        client.get("/")
        client.get("/", headers={"Connection": "close"})
        client.get("/")
        assert server.accepted == 4


def _stale(lean_client: LeanClient, method: str, *at_second: Step) -> tuple[Heard, ScriptedServer]:
    with ScriptedServer([read, OK, *at_second]) as server:
        heard = lean_client(server.url)
        heard.client.get("/")
        heard.client.request(method, "/")
        return heard, server


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("ending", [close, reset])
def test_a_request_that_may_be_repeated_survives_a_stale_connection(
    method: str, ending: Step, lean_client: LeanClient
) -> None:
    """Closed between two requests, whoever noticed first: it goes again on a new connection."""
    heard, server = _stale(lean_client, method, read, ending)
    assert heard.errors == [None, None]
    assert server.accepted == 2


@pytest.mark.parametrize("ending", [close, reset])
def test_a_post_that_may_have_arrived_is_not_repeated(
    ending: Step, lean_client: LeanClient
) -> None:
    """It could count twice, so it is a failure."""
    heard, server = _stale(lean_client, "POST", read, ending)
    assert heard.errors == [None, "ConnectionClosedError"]
    assert [request.split(b" ")[0] for request in server.requests] == [b"GET", b"POST"]


def test_a_close_that_was_noticed_costs_no_post(lean_client: LeanClient) -> None:
    """Nothing of the request was sent yet, so any method takes a new connection."""
    with ScriptedServer([read, OK, close]) as server:
        heard = lean_client(server.url)
        heard.client.get("/")
        gevent.sleep(0.05)
        heard.client.post("/")
        assert heard.errors == [None, None]
        assert server.accepted == 2


def test_a_request_is_repeated_once_only(lean_client: LeanClient) -> None:
    """A server that always closes is a failure, not a loop; nor is half an answer repeated."""
    with ScriptedServer([read, OK, read, close], [read, close]) as server:
        heard = lean_client(server.url)
        heard.client.get("/")
        heard.client.get("/")
        assert heard.errors == [None, "ConnectionClosedError"]
        assert server.accepted == 2
    heard, server = _stale(lean_client, "GET", read, b"HTTP/1.1 2", close)
    assert heard.errors == [None, "TruncatedAnswerError"]
    assert server.accepted == 1


def test_several_hosts_have_connections_of_their_own(lean_client: LeanClient) -> None:
    """Going back and forth reuses both."""
    with ScriptedServer() as one, ScriptedServer() as two:
        client = lean_client(one.url).client
        for _ in range(3):
            assert client.get("/").ok
            assert client.get(f"{two.url}/").ok
        assert (one.accepted, two.accepted) == (1, 1)


def test_greenlets_of_one_user_do_not_mix_their_answers(lean_client: LeanClient) -> None:
    """Requests side by side go over connections of their own."""
    scripts = [[read, pause(0.1), _answer("200 OK", body=str(at).encode())] for at in range(5)]
    with ScriptedServer(*scripts) as server:
        client = lean_client(server.url).client
        jobs = [gevent.spawn(client.get, "/") for _ in range(5)]
        gevent.joinall(jobs)
        assert sorted(job.get().text for job in jobs) == ["0", "1", "2", "3", "4"]


def test_a_user_that_is_killed_leaves_no_connection(lean_client: LeanClient) -> None:
    """In the middle of an answer too: what watches the socket ends with the user."""
    ends: list[bytes] = []
    with ScriptedServer([read, lambda sock: ends.append(sock.recv(1))]) as server:
        client = lean_client(server.url, answer_timeout_s=9.0, first_byte_timeout_s=9.0).client
        job = gevent.spawn(client.get, "/")
        gevent.sleep(0.05)
        job.kill()
        gevent.sleep(0.05)
        assert ends == [b""]


def test_a_user_that_ends_closes_its_connections() -> None:
    """Idle ones are closed when its greenlet ends, however that comes."""
    ends: list[bytes] = []

    def run(user: LeanHttpUser) -> None:
        user.client.get("/")
        raise StopUser

    with ScriptedServer([read, OK, lambda sock: ends.append(sock.recv(1))]) as server:
        attributes = {"abstract": True, "host": server.url, "tasks": [run]}
        user = type("User", (LeanHttpUser,), attributes)(Environment())
        user.start(gevent.pool.Group()).join(5)
        gevent.sleep(0.05)
        assert ends == [b""]


def test_a_user_that_is_gone_is_forgotten() -> None:
    """Neither the loop nor the class keeps what a user had."""
    with ScriptedServer() as server:
        user_class = type("User", (LeanHttpUser,), {"abstract": True, "host": server.url})
        user = user_class(Environment())
        user.client.get("/")
        user.client.close()
        user.client.get("/")  # after its end too, nothing is kept
        gone = weakref.ref(user)
        del user
        gc.collect()
        assert gone() is None


# Redirects and cookies.


def test_a_redirect_is_an_answer_by_default(lean_client: LeanClient) -> None:
    """It counts as good, and nothing follows it."""
    with ScriptedServer([read, _answer("302 Found", "Location: /b")]) as server:
        heard = lean_client(server.url)
        answer = heard.client.get("/a")
        assert (answer.status_code, answer.headers["LOCATION"]) == (302, "/b")
        assert heard.errors == [None]


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        (301, "GET", "GET"),
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (302, "PUT", "PUT"),
        (303, "POST", "GET"),
        (303, "DELETE", "GET"),
        (303, "HEAD", "HEAD"),
        (307, "POST", "POST"),
        (308, "POST", "POST"),
    ],
)
def test_a_redirect_is_followed_by_the_rules(
    status: int, method: str, then: str, lean_client: LeanClient
) -> None:
    """The body goes on with the method, and the whole chain counts as one request."""
    with ScriptedServer([read, _answer(f"{status} There", "Location: b?c=d"), read, OK]) as server:
        heard = lean_client(server.url)
        answer = heard.client.request(method, "/x/a", data=b"body", allow_redirects=True)
        if then == "HEAD":
            assert answer.ok
        second = server.requests[1]
        assert second.startswith(f"{then} /x/b?c=d HTTP/1.1\r\n".encode())
        assert second.endswith(b"body") is (then == method)
        (request,) = heard.requests
        assert (request["request_type"], request["name"]) == (method, "/x/a")
        assert request["url"] == f"{server.url}/x/b?c=d"


def test_credentials_do_not_go_to_another_origin(lean_client: LeanClient) -> None:
    """Neither those of the request nor those of the host."""
    with ScriptedServer() as other:
        script: list[Step] = [read, _answer("307 There", f"Location: {other.url}/b")]
        with ScriptedServer(script) as server:
            client = lean_client(server.url.replace("//", "//me:secret@")).client
            headers = {"Cookie": "a=b", "Proxy-Authorization": "x", "X-Kept": "y"}
            answer = client.get("/", headers=headers, allow_redirects=True)
            assert answer.ok
            (sent,) = other.requests
            assert b"X-Kept: y" in sent
            assert b"Cookie" not in sent
            assert b"uthorization" not in sent
            assert b"Authorization" in server.requests[0]


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([_answer("302 Found", "Location: /")] * 20, "TooManyRedirectsError"),
        ([_answer("302 Found")], "BadRedirectError"),
        ([_answer("302 Found", "Location: gopher://x/")], "BadRedirectError"),
        ([_answer("302 Found", "Location: http://")], "BadRedirectError"),
    ],
)
def test_a_redirect_to_nowhere_is_a_failure(
    answers: list[bytes], error: str, lean_client: LeanClient
) -> None:
    """Also one without end; a limit of the class says how many there may be."""
    script: list[Step] = [step for answer in answers for step in (read, answer)]
    with ScriptedServer(script) as server:
        heard = lean_client(server.url, max_redirects=3)
        heard.client.get("/", allow_redirects=True)
        assert heard.errors == [error]
        assert len(server.requests) == min(len(answers), 4)


def test_a_chain_of_redirects_has_the_time_of_one_answer(lean_client: LeanClient) -> None:
    """Each redirect comes in time, all together do not."""
    script: list[Step] = [read, pause(0.25), _answer("302 Found", "Location: /")] * 9
    with ScriptedServer(script) as server:
        heard = lean_client(server.url, first_byte_timeout_s=5.0)
        heard.client.get("/", allow_redirects=True)
        assert heard.errors == ["AnswerTimeoutError"]


def test_cookies_are_kept_for_each_user(lean_client: LeanClient) -> None:
    """What one was given comes back, and not to another user."""
    cookie = _answer("200 OK", "Set-Cookie: a=1; Path=/", "set-cookie: b=2; Path=/other")
    with ScriptedServer([read, cookie]) as server:
        one, two = lean_client(server.url).client, lean_client(server.url).client
        one.get("/")
        one.get("/")
        two.get("/")
        assert b"Cookie: a=1\r\n" in server.requests[1]
        assert b"Cookie" not in server.requests[2]
        one.cookies.clear()
        one.get("/")
        assert b"Cookie" not in server.requests[3]
    with ScriptedServer([read, cookie]) as server:
        client = lean_client(server.url, keep_cookies=False).client
        client.get("/")
        client.get("/")
        assert b"Cookie" not in server.requests[1]


def test_the_kind_is_registered() -> None:
    """It can be found by name."""
    assert KINDS.get("lean_http") is LeanHttpUser
