"""The description of the interface (OpenAPI 3.1), with examples of the questions."""

from __future__ import annotations

from typing import Any

from unimumer.environment import own_version
from unimumer.export import FORMS
from unimumer.serve.questions import BEAMS, MOST
from unimumer.serve.settings import ServeSettings

Schema = dict[str, Any]
_STROKES = [[[0, 0], [0, 40]], [[20, 20], [50, 20]], [[35, 5], [35, 35]], [[70, 0], [70, 40]]]
_COLUMNS = {"x": [[0, 0], [20, 50], [35, 35], [70, 70]], "y": [[0, 40], [20, 20], [5, 35], [0, 40]]}
_PICTURE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAHUAAABRAQAAAADEQtQxAAAA9UlEQVR42uWUPW7CQBCFv12QkGhoKCPhgnvgI3COVL4"
    "BPkL6NFwgZwCJO1AjgQQlXYyw9qXA3nVs89fCdKN5em/mzWiMqMbJ8j9eL1fqkwNYWPo8B4sL4A3YKkP0SP0Sc6/nYoAjwA6Qm0jSQJK2ykq+tOBr1g"
    "l1mvolfhT4YoDkqt5jfDf6m3m9vbLSv+SKfxe+n8/+eiFtlaF8IgfQk1bKgn85RNAFMKZDt1fxz52/f4+wA4tdej8/AOWh3wpfWuzj3jwt+40Bvgr/S"
    "r3E6z3H19Jf7PHj1v3h9W7c37RWj2r3R+3+qM1DMU8TbwJ+CObN/sMfnrHh5QTezvkAAAAASUVORK5CYII="
)
_REFUSALS = {
    "400": "The question is not understood.",
    "401": "An API key is needed.",
    "408": "The body did not arrive in time.",
    "413": "The body, or the picture, is too large.",
    "415": "A form, or a compressed body.",
    "422": "The picture or the strokes cannot be read.",
    "429": "This client asks too much; see Retry-After.",
    "500": "The model could not be run.",
    "503": "Too much is waiting; see Retry-After.",
    "504": "No answer in time.",
}


def _object(required: list[str], **properties: Schema) -> Schema:
    return {"type": "object", "required": required, "properties": properties}


def _list(items: Schema, **bounds: int) -> Schema:
    return {"type": "array", "items": items, **bounds}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_TEXT: Schema = {"type": "string"}
_ANY: Schema = {"type": "object"}
_BOOLEAN: Schema = {"type": "boolean"}
_READING: Schema = {
    "latex": {**_TEXT, "description": "LaTeX as people write it."},
    "tokens": {**_TEXT, "description": "LaTeX as the benchmarks write it, space-tokenized."},
    "confidence": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
}
_SCHEMAS: Schema = {
    "Reading": _object(list(_READING), **_READING),
    "Recognition": _object(
        ["schema", *_READING, "well_formed", "complete", "model", "alternatives", "warnings"],
        schema={"type": "integer"},
        **_READING,
        well_formed={"type": "boolean", "description": "Whether it parses as an expression."},
        complete={"type": "boolean", "description": "False when the model was stopped before it had finished."},
        model=_TEXT,
        alternatives=_list(_ref("Reading")),
        warnings=_list({**_ANY, "description": "What makes the reading doubtful."}),
        formats={
            **_ANY,
            "additionalProperties": {"type": ["string", "null"]},
            "description": "The forms asked for; null for one that cannot say it.",
        },
        symbols=_list({**_ANY, "description": "Where a token is written: `token`, `index`, `box`, `strokes`."}),
    ),
    "Error": _object(["error"], error=_object(["message", "type"], message=_TEXT, type=_TEXT)),
    "StrokeError": _object(["request_id", "error", "error_info"], request_id=_TEXT, error=_TEXT, error_info=_ANY),
    "Picture": {**_TEXT, "pattern": "^data:image/", "description": "PNG, JPEG, WebP or BMP as a data URI."},
    "Strokes": {
        "anyOf": [_list(_list(_list({"type": "number"}, minItems=2, maxItems=3)), minItems=1), _ANY],
        "description": "Lists of [x, y], y growing downwards, or objects of lists.",
    },
}


def document(settings: ServeSettings) -> Schema:
    """The whole description, with this server's limits."""
    beams = {"type": "integer", "minimum": 1, "maximum": BEAMS}
    closed = {"additionalProperties": False}
    source = {"image": _ref("Picture"), "strokes": _ref("Strokes")}
    # What is wrong with the value of an item is answered in its place, so here it may be anything.
    item = {**_object([], **{name: {} for name in source}), **closed, "minProperties": 1, "maxProperties": 1}
    items = _list(item, minItems=1, maxItems=min(MOST, settings.queue))
    formats = _list({"enum": list(FORMS)}, maxItems=len(FORMS))
    recognize = {
        **_object([], **source, items=items, formats=formats, beams=beams, page=_BOOLEAN, symbols=_BOOLEAN),
        **closed,
        "oneOf": [{"required": [name]} for name in (*source, "items")],
    }
    pages = _object(["schema", "parts", "unread"], parts=_list(_ANY), unread=_list(_TEXT))
    found = {"anyOf": [_ref("Recognition"), pages, _object(["results"], results=_list(_ANY))]}
    examples = {
        "strokes": {"strokes": _STROKES, "formats": ["mathml"], "symbols": True},
        "picture": {"image": _PICTURE, "beams": 4},
        "several": {"items": [{"strokes": _STROKES}, {"image": _PICTURE}]},
    }
    kinds = ("image/png", "image/jpeg", "image/webp", "application/octet-stream")
    raw = {kind: {"schema": {**_TEXT, "format": "binary"}} for kind in kinds}
    chat = _object(["messages"], model=_TEXT, messages=_list(_ANY, minItems=1, maxItems=64), n=beams)
    image = {"type": "image_url", "image_url": {"url": _PICTURE}}
    chats = {"chat": {"model": "nano", "messages": [{"role": "user", "content": [image]}]}}
    choices = _object(["id", "object", "created", "model", "choices"])
    answer = _object(["request_id", "text", "latex_styled", "confidence", "confidence_rate", "version"])
    paths = {
        "/v1/recognize": _post("Read a picture, strokes or several of them.", recognize, examples, found, raw=raw),
        "/v3/strokes": _post(
            "Read strokes, asked and answered as users of the commercial service have it.",
            _object(["strokes"], strokes=_ref("Strokes")),
            {"strokes": {"strokes": {"strokes": _COLUMNS}}},
            answer,
            "StrokeError",
        ),
        "/v1/chat/completions": _post("Read the one picture of a chat, as OpenAI has it.", chat, chats, choices),
        "/healthz": _get("Whether it is up, and with which model.", "application/json", _ANY, {"security": []}),
        "/metrics": _get("Counts for Prometheus.", "text/plain", _TEXT, {}),
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "unimumer", "version": own_version(), "description": "Handwritten mathematics to LaTeX."},
        "paths": paths,
        "components": {"schemas": _SCHEMAS, "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
        "security": [{"key": []}] if settings.keys else [],
    }


def _post(
    summary: str, question: Schema, examples: Schema, answer: Schema, error: str = "Error", raw: Schema | None = None
) -> Schema:
    shown = {name: {"value": value} for name, value in examples.items()}
    content = {"application/json": {"schema": question, "examples": shown}, **(raw or {})}
    answers = {"200": _answer("What is written.", answer)}
    answers |= {status: _answer(why, _ref(error)) for status, why in _REFUSALS.items()}
    return {"post": {"summary": summary, "requestBody": {"required": True, "content": content}, "responses": answers}}


def _get(summary: str, content_type: str, schema: Schema, more: Schema) -> Schema:
    answers = {status: _answer(_REFUSALS[status], _ref("Error")) for status in ("401", "429")}
    return {"get": {"summary": summary, "responses": {"200": _answer("It.", schema, content_type), **answers}, **more}}


def _answer(description: str, schema: Schema, content_type: str = "application/json") -> Schema:
    return {"description": description, "content": {content_type: {"schema": schema}}}
