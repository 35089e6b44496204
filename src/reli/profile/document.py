"""The one schema of a profile: it validates what is written and makes ``profiles/schema.json``."""

# ruff: noqa: TC001 -- pydantic reads the annotations at run time

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from reli.profile.stages.base import Strict
from reli.profile.stages.stage import Stage
from reli.profile.values import (
    ArrivalsName,
    Budget,
    DiskReserve,
    Duration,
    ModelName,
    Name,
    ProfileName,
    Rate,
    SamplingInterval,
    Seed,
    Target,
    Text,
    Users,
)
from reli.targets import MOST_TARGETS

DEFAULT_PACE_PER_S = 5.0


class Sampling(Strict):
    """How often the targets are looked at."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"interval": "1s"}]})

    interval: SamplingInterval = Field(
        default=1.0, description="Between two samples of memory, descriptors, threads and CPU."
    )
    uss_every: Duration = Field(
        default=60.0, description="Between two readings of memory of their own, which cost more."
    )
    disk_reserve: DiskReserve | None = Field(
        default=None,
        description="What the record leaves free on its disk: below it less is written, below a "
        "quarter of it nothing; by default 200 MB, or a twentieth of a small disk.",
        examples=["500MB"],
    )


class Document(Strict):
    """A load profile of reli."""

    model_config = ConfigDict(title="reli profile")

    name: Name | None = Field(None, description="The profile's name; by default the file's.")
    description: Text | None = Field(None, description="What it is for, in one sentence.")
    extends: ProfileName | None = Field(
        None,
        description="A profile (name or path) whose keys this one takes over. Budgets are added "
        "to its budgets; any other key given here replaces the one there.",
    )
    model: ModelName = Field(
        "closed",
        description="closed: a number of users, each waiting for its answer; "
        "open: iterations that begin when they are due, however slow the answers are.",
    )
    arrivals: ArrivalsName = Field(
        "constant",
        description="Open model: constant (evenly spaced) or poisson (random, as people come).",
    )
    users: Users | None = Field(
        None,
        description="Open model: how many iterations may run at once; "
        "by default one for each arrival of a second at the peak, 10 to 1000.",
        examples=[200],
    )
    drop_after: Duration = Field(
        30.0,
        description="Open model: an arrival that waits this long for a free user is a failure.",
    )
    base_rate: Rate | None = Field(
        None, description="What 100 % means, in iterations a second.", examples=["50/s"]
    )
    pace: Rate = Field(
        DEFAULT_PACE_PER_S,
        description="Closed model: iterations a second that one user makes; "
        "a rate takes rate / pace users.",
        examples=["5/s"],
    )
    stages: list[Stage] = Field(
        min_length=1,
        description="What the load does, in order.",
        examples=[[{"ramp": {"to": "10%", "for": "10s"}}, {"hold": {"for": "5m"}}]],
    )
    budgets: list[Budget] = Field(
        default=[], description="What must hold.", examples=[["p95 < 250ms", "error_ratio < 1%"]]
    )
    targets: list[Target] = Field(
        default=["self"],
        min_length=1,
        max_length=MOST_TARGETS,
        description="What is sampled, such as self (the load processes), name:redis-server, "
        "port:8080, host or agent:db1:9646.",
        examples=[["self"], ["name:redis-server", "host"]],
    )
    sampling: Sampling = Field(
        default_factory=Sampling, description="How often targets are sampled."
    )
    seed: Seed = Field(1, description="Seed of everything random.")


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a profile as it is written, for editors."""
    schema: dict[str, Any] = _tidy(Document.model_json_schema(by_alias=True))
    # What a profile extends may bring the stages.
    del schema["required"]
    schema["anyOf"] = [{"required": ["stages"]}, {"required": ["extends"]}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _tidy(node: Any) -> Any:
    """Without titles and defaults made from Python names and values; absent, never null."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    options = [item for item in node.get("anyOf", []) if item != {"type": "null"}]
    if options:
        rest = {key: value for key, value in node.items() if key != "anyOf"}
        node = {**rest, **(options[0] if len(options) == 1 else {"anyOf": options})}
    properties = node.get("properties")
    return {
        key: {name: _tidy(value) for name, value in properties.items()}
        if key == "properties" and isinstance(properties, dict)
        else _tidy(value)
        for key, value in node.items()
        if key not in ("title", "default") or (key == "title" and "properties" in node)
    }
