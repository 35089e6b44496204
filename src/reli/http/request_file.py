"""A list of weighted requests, written in YAML or in a locustfile, and validated whole."""

# ruff: noqa: TC003 -- pydantic reads the annotations at run time

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError

from reli.http.body import encode_body
from reli.http.fields import encode_fields
from reli.http.url import is_absolute, parse_url
from reli.profile.problems import schema_problems
from reli.profile.sentence import reader
from reli.profile.source import Loc, Problem, format_loc, read_source
from reli.profile.stages.base import Strict
from reli_analysis.errors import InputError

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
_MOST_PROBLEMS = 100


def _path(value: Any) -> str:
    if not isinstance(value, str) or not (value.startswith("/") or is_absolute(value)):
        raise ValueError(f"{value!r} is not a path; write for example /orders?state=open")
    parse_url(value if is_absolute(value) else f"http://host{value}")
    return value


def _weight(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 1_000_000:
        raise ValueError(f"{value!r} is not a weight; write a whole number from 1, for example 10")
    return value


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError(f"{value!r} is not a name; write a text of one line")
    return value


def _headers(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError(  # noqa: TRY004 -- a validator's sentence
            f"{value!r} is no mapping; write for example {{Accept: text/html}}"
        )
    headers = {name: str(text) for name, text in value.items() if not isinstance(text, dict | list)}
    if len(headers) < len(value):
        raise ValueError("the value of a header must be a text")
    encode_fields(headers.items())
    return headers


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(  # noqa: TRY004 -- a validator's sentence
            f'{value!r} is no text; put it in quotes, or write it under "json"'
        )
    return value


def _statuses(value: Any) -> tuple[int, ...]:
    statuses = value if isinstance(value, list) else [value]
    if not statuses or not all(type(status) is int and 100 <= status < 600 for status in statuses):
        raise ValueError(f"{value!r} is no status; write for example 200 or [200, 404]")
    return tuple(statuses)


Path_ = Annotated[str | None, reader(_path)]


class Written(Strict):
    """One request as it is written: one method with its path, and what goes with it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"get": "/", "weight": 10}]})

    get: Path_ = None
    post: Path_ = None
    put: Path_ = None
    patch: Path_ = None
    delete: Path_ = None
    head: Path_ = None
    options: Path_ = None
    weight: Annotated[int, reader(_weight)] = 1
    name: Annotated[str | None, reader(_name)] = None
    headers: Annotated[dict[str, str], reader(_headers)] = Field(default={})
    json_: Annotated[Any, Field(alias="json")] = None
    body: Annotated[str | None, reader(_text)] = None
    expect: Annotated[tuple[int, ...], reader(_statuses)] = ()


class RequestFile(Strict):
    """The file."""

    requests: list[Written] = Field(min_length=1, examples=[[{"get": "/", "weight": 10}]])


@dataclass(frozen=True)
class Ask:
    """One request of the list; when ``expect`` is empty, any status below 400 is good."""

    method: str
    path: str
    weight: int
    name: str
    headers: dict[str, str]
    data: bytes | None
    expect: tuple[int, ...]


def load_requests(path: Path) -> tuple[Ask, ...]:
    """The requests of a YAML file; raises ``InputError`` with every problem, a line each."""
    shown = str(path)
    source = read_source(path, shown, noun="list of requests", first_key="requests")
    asks, found = _validate(source.data)
    told = {(problem.loc, problem.place) for problem in source.problems}
    problems = source.problems + [
        Problem(source.place_of(loc), loc, message)
        for loc, message in found
        if (loc, source.place_of(loc)) not in told
    ]
    if problems:
        ordered = sorted(problems, key=lambda problem: problem.place.line)[:_MOST_PROBLEMS]
        raise InputError("\n".join(str(problem) for problem in ordered))
    return asks


def check_requests(requests: Sequence[dict[str, Any]]) -> tuple[Ask, ...]:
    """Requests written in a locustfile; raises ``InputError`` with every problem, a line each."""
    asks, found = _validate({"requests": list(requests)})
    if found:
        raise InputError("\n".join(f"{format_loc(loc)}: {message}" for loc, message in found))
    return asks


def _validate(data: dict[str, Any]) -> tuple[tuple[Ask, ...], list[tuple[Loc, str]]]:
    found = list(_cross_problems(data.get("requests")))
    try:
        document = RequestFile.model_validate(data)
    except ValidationError as error:
        return (), [*schema_problems(error, RequestFile), *found]
    return (() if found else tuple(map(_ask, document.requests))), found


def _cross_problems(requests: Any) -> Iterator[tuple[Loc, str]]:
    """What no single key shows."""
    for at, written in enumerate(requests if isinstance(requests, list) else []):
        if not isinstance(written, dict):
            continue
        given = [method for method in METHODS if method in written]
        loc = ("requests", at)
        if not given:
            yield loc, f"has no method; write for example get: / (known: {', '.join(METHODS)})"
        if len(given) > 1:
            yield loc, f"has {' and '.join(given)}; make them {len(given)} requests"
        if "json" in written and "body" in written:
            yield loc, "has both json and body; keep one"


def _ask(written: Written) -> Ask:
    method = next(method for method in METHODS if getattr(written, method) is not None)
    path: str = getattr(written, method)
    body = encode_body(written.body, written.json_)
    return Ask(
        method=method.upper(),
        path=path,
        weight=written.weight,
        name=written.name or path,
        headers={**dict(body.fields), **written.headers},
        data=body.content or None,
        expect=written.expect,
    )
