"""The API in OpenAPI's words, for programs that read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cyclekit.live.work import FORMATS, Limits


def described(kind: str, targets: Sequence[str], limits: Limits) -> dict[str, Any]:
    """An OpenAPI 3.1 document of a server of "pictures" or "sentences"."""
    to = {"type": "string", "enum": list(targets), "default": targets[0], "description": "The domain to make."}
    if kind == "pictures":
        operation: dict[str, Any] = {
            "summary": f"Translate a picture file of up to {limits.pixels:,} pixels, at its own size.",
            "parameters": [
                {"name": "to", "in": "query", "schema": to},
                {"name": "format", "in": "query", "schema": {"type": "string", "enum": [*FORMATS], "default": "jpeg"}},
            ],
            "requestBody": {"required": True, "content": {"application/octet-stream": {}, "image/*": {}}},
            "responses": {"200": _answer("The translation.", {type_: {} for _, type_ in FORMATS.values()})},
        }
    else:
        several = {"type": "array", "items": {"type": "string"}, "maxItems": limits.sentences}
        number = {"type": "integer", "minimum": 1, "maximum": 32}
        asked = {"sentences": several, "to": to, "beam": number, "best": number}
        answered = {"to": to, "translations": {"type": "array"}}
        operation = {
            "summary": "Translate sentences.",
            "requestBody": {"required": True, "content": _json(asked, ["sentences"])},
            "responses": {"200": _answer("A translation for each; with `best` a list of them.", _json(answered))},
        }
    failures = {
        "400": "The request asks for what there is not.",
        "403": "A page of another site asks.",
        "413": "Too large.",
        "422": "No picture that can be read.",
        "429": f"More than {limits.waiting} requests wait.",
    }
    error = _json({"error": {"type": "string"}}, ["error"])
    operation["responses"] |= {status: _answer(why, error) for status, why in failures.items()}
    health = {
        "summary": "What is served, and how much waits.",
        "responses": {"200": _answer("All is well.", _json({}))},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "cyclekit live", "version": "1"},
        "paths": {"/translate": {"post": operation}, "/health": {"get": health}},
    }


def _json(properties: dict[str, Any], required: Sequence[str] = ()) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return {"application/json": {"schema": schema}}


def _answer(what: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"description": what, "content": content}
