"""The JSON Schema for editors."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from reli.profile import load_profile
from reli.profile.document import Document, json_schema
from reli.profile.find import profiles_in, shipped_directory

SCHEMA = json_schema()
KEYWORDS = {
    *("$ref", "additionalProperties", "anyOf", "const", "description", "enum", "examples"),
    *("exclusiveMinimum", "items", "maxLength", "maxItems", "maximum", "minItems", "minLength"),
    *("minimum", "oneOf", "pattern", "properties", "required", "title", "type", "$defs", "$schema"),
}
TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "number": (int, float),
    "integer": int,
}


def complaints(value: Any, schema: dict[str, Any], where: str = "") -> list[str]:
    """What a JSON Schema validator would say; knows the keywords that this schema uses."""
    assert set(schema) <= KEYWORDS, f"unknown keywords: {set(schema) - KEYWORDS}"
    if "$ref" in schema:
        return complaints(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], where)
    found = [f"{where}: {trouble} is broken" for trouble in _troubles(value, schema)]
    for key, inner in schema.get("properties", {}).items():
        if isinstance(value, dict) and key in value:
            found += complaints(value[key], inner, f"{where}.{key}")
    if isinstance(value, list) and "items" in schema:
        for at, item in enumerate(value):
            found += complaints(item, schema["items"], f"{where}[{at}]")
    return found


def _troubles(value: Any, schema: dict[str, Any]) -> list[str]:
    wrong = {
        "type": "type" in schema and not _is_of(value, schema["type"]),
        "enum": value not in schema.get("enum", [value]),
        "const": value != schema.get("const", value),
        "anyOf": "anyOf" in schema and _matching(value, schema["anyOf"]) == 0,
        "oneOf": "oneOf" in schema and _matching(value, schema["oneOf"]) != 1,
    }
    if isinstance(value, str):
        wrong["pattern"] = not re.search(schema.get("pattern", ""), value)
    elif isinstance(value, list):
        wrong["minItems"] = len(value) < schema.get("minItems", 0)
        wrong["maxItems"] = len(value) > schema.get("maxItems", len(value))
    elif isinstance(value, dict):
        wrong["required"] = not set(schema.get("required", [])) <= set(value)
        known = schema["properties"] if schema.get("additionalProperties") is False else value
        wrong["additionalProperties"] = not set(value) <= set(known)
    elif isinstance(value, int | float):
        low, high = schema.get("minimum", value), schema.get("maximum", value)
        wrong["range"] = not low <= value <= high or value <= schema.get("exclusiveMinimum", -1e99)
    return [keyword for keyword, broken in wrong.items() if broken]


def _is_of(value: Any, types: str | list[str]) -> bool:
    names = [types] if isinstance(types, str) else types
    return not isinstance(value, bool) and any(isinstance(value, TYPES[name]) for name in names)


def _matching(value: Any, options: list[dict[str, Any]]) -> int:
    return sum(not complaints(value, option) for option in options)


def test_the_schema_in_the_repository_is_in_step() -> None:
    """profiles/schema.json is what ``reli profile schema`` prints; if not, print it anew."""
    text = (shipped_directory() / "schema.json").read_text(encoding="utf-8")
    assert json.loads(text) == SCHEMA


@pytest.mark.parametrize(("name", "path"), list(profiles_in(shipped_directory())))
def test_every_shipped_profile_fits_the_schema(name: str, path: Any) -> None:
    """An editor has nothing to say about the profiles as they are written."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert complaints(document, SCHEMA, name) == []


@pytest.mark.parametrize(
    "text",
    [
        "name: a",
        "stages: []",
        "stages: [{name: a}]",
        "stages: [{hold: {for: 1m}, ramp: {to: 5/s, for: 1m}}]",
        "stages: [{hold: {for: soon}}]",
        "stages: [{hold: {at: '10', for: 1m}}]",
        "stages: [{hold: {at: 10/s, for: -1}}]",
        "stages: [{hold: {at: 10/s, for: 1m, then: x}}]",
        "stages: [{hold: {at: 10/s, for: 1m}, window: middle}]",
        "{stages: [{hold: {at: 10/s, for: 1m}}], base_rate: 50}",
        "{stages: [{hold: {at: 10/s, for: 1m}}], targets: [nginx]}",
        "{stages: [{hold: {at: 10/s, for: 1m}}], model: half-open}",
        "{stages: [{hold: {at: 10/s, for: 1m}}], seed: -1}",
        "{stages: [{hold: {at: 10/s, for: 1m}}], sampling: {interval: 0}}",
        "{stages: [{hold: {at: 10/s, for: 1m}}], nmae: x}",
    ],
)
def test_the_schema_refuses_what_the_profile_check_refuses(tmp_path: Any, text: str) -> None:
    """Editor and command agree on what is wrong."""
    assert complaints(yaml.safe_load(text), SCHEMA)
    path = tmp_path / "some.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Exception, match=r"some\.yaml:1: "):
        load_profile(path)


@pytest.mark.parametrize(("name", "schema"), list(SCHEMA["$defs"].items()))
def test_the_schemas_own_examples_are_right(name: str, schema: dict[str, Any]) -> None:
    """What messages and editors show as examples fits the schema itself."""
    for example in schema.get("examples", []):
        assert complaints(example, schema, name) == []
    for key, inner in schema["properties"].items():
        for example in inner.get("examples", []):
            assert complaints(example, inner, f"{name}.{key}") == []


def test_every_key_of_a_profile_is_described() -> None:
    """An editor has a sentence for each key at the top."""
    assert set(SCHEMA["properties"]) == set(Document.model_fields)
    assert all(inner.get("description") for inner in SCHEMA["properties"].values())
