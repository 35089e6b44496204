"""Turns what the schema refuses into sentences that say what would be right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from reli.profile.document import Document
from reli_analysis.registry import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import ErrorDetails

    from reli.profile.source import Loc


def schema_problems(
    error: ValidationError, root: type[BaseModel] = Document
) -> Iterator[tuple[Loc, str]]:
    """The place within the document and the sentence of each error; ``root`` is its schema."""
    for detail in error.errors(include_url=False, include_context=True):
        yield detail["loc"], _sentence(detail, root)


def _sentence(detail: ErrorDetails, root: type[BaseModel]) -> str:
    loc = detail["loc"]
    match detail["type"]:
        case "extra_forbidden":
            known = _known_keys(_model_at(loc[:-1], root))
            hint = nearest(str(loc[-1]), known)
            return f"unknown key{hint}; known: {', '.join(known)}"
        case "missing":
            return f"is missing; write for example {loc[-1]}: {_field_example(loc, root)}"
        case "model_type" | "dict_type":
            return f"must be a mapping such as {_model_example(_model_at(loc, root))}"
        case "list_type":
            return f"must be a list such as {_field_example(loc, root)}"
        case "too_short":
            return f"is empty; write for example {_field_example(loc, root)}"
        case "too_long":
            numbers = detail["ctx"]
            return f"has {numbers['actual_length']} entries; at most {numbers['max_length']} may be"
        case _:
            return detail["msg"]


def _model_at(loc: Loc, root: type[BaseModel]) -> type[BaseModel]:
    """The model that describes the mapping at a place of the document."""
    model = root
    for part in loc:
        if isinstance(part, str):
            model = _model_in(_field(model, part).annotation) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in get_args(annotation) if (found := _model_in(arg))), None)


def _field(model: type[BaseModel], key: str) -> Any:
    by_alias = {field.alias or name: field for name, field in model.model_fields.items()}
    return by_alias[key]


def _known_keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _field_example(loc: Loc, root: type[BaseModel]) -> str:
    """How the value of a key may look; every field that can lack its value has an example."""
    return _flow(_field(_model_at(loc[:-1], root), str(loc[-1])).examples[0])


def _model_example(model: type[BaseModel]) -> str:
    extra = model.model_config.get("json_schema_extra")
    if isinstance(extra, dict):
        return _flow(extra["examples"][0])  # type: ignore[index]  # it is ours
    return "{ramp: {to: 100%, for: 1m}}"


def _flow(value: Any) -> str:
    """A value as YAML in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return value if isinstance(value, str) else json.dumps(value)
