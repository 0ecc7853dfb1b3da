"""What each endpoint answers: our own, the commercial service's for strokes, and OpenAI's for chats."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from starlette.requests import Request

from unimumer.export import ExportError, convert
from unimumer.latex import LatexError
from unimumer.recognizer import Page, Recognition
from unimumer.serve.questions import BEAMS, Outcome, Question, asked, ink, only, parse, picture, quoted, raw, whole
from unimumer.serve.settings import Refusal, ServeSettings

_CHAT = (
    *("model", "messages", "n", "max_tokens", "max_completion_tokens", "temperature", "top_p", "seed", "stream"),
    *("user", "stop", "frequency_penalty", "presence_penalty"),
)
"""What a chat may say. All but `messages` and `n` is not heeded: a reading is found greedily or by beams."""
_ROLES = ("system", "developer", "user", "assistant")


def recognize(data: bytes, request: Request, settings: ServeSettings) -> Question:
    """Read a question to `/v1/recognize`: JSON, which clients often forget to name; else a picture or InkML."""
    if "json" in request.headers.get("content-type", "").lower() or data.lstrip()[:1] in (b"{", b"["):
        only(request.query_params, ())
        return asked(parse(data), settings)
    return raw(data, request.query_params, settings)


def described(question: Question, found: Recognition | Page) -> dict[str, Any]:
    """A recognition, or those of a page, and the forms asked for; null for one that cannot say it."""
    if isinstance(found, Page):
        parts = [{"box": list(part.box), **described(question, part.recognition)} for part in found.parts]
        return {**found.to_dict(), "parts": parts}
    forms = {name: _form(found, name) for name in question.formats}
    return {**found.to_dict(question.symbols), **({"formats": forms} if forms else {})}


def _form(found: Recognition, name: str) -> str | None:
    try:
        return convert(found.tokens, name)
    except (LatexError, ExportError, RecursionError):
        return None


def recognition(question: Question, outcomes: list[Outcome]) -> dict[str, Any]:
    """The answer to one picture, or a list of them with an error where one could not be read."""
    if not question.many:
        return _one(outcomes)
    read = iter(outcomes)
    found = [item if isinstance(item, Refusal) else next(read) for item in question.items]
    return {"results": [error(one) if isinstance(one, Refusal) else one for one in found]}


def error(refusal: Refusal) -> dict[str, Any]:
    """An error as OpenAI's clients read it, and all others."""
    return {"error": {"message": refusal.message, "type": refusal.kind}}


def _one(outcomes: list[Outcome]) -> dict[str, Any]:
    (outcome,) = outcomes
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


def strokes(data: bytes, _: Request, __: ServeSettings) -> Question:
    """Read a question to `/v3/strokes`. Options of the commercial service are not heeded: its users send many."""
    document = parse(data)
    if "strokes" not in document:
        raise Refusal(400, 'send {"strokes": {"strokes": {"x": [[…], …], "y": [[…], …]}}}')
    return Question((ink(document["strokes"]),))


def stroke_answer(_: Question, outcomes: list[Outcome]) -> dict[str, Any]:
    """The answer of `/v3/strokes`."""
    found = _one(outcomes)
    return {
        "request_id": token_hex(16),
        "text": f"\\( {found['latex']} \\)",
        "latex_styled": found["latex"],
        "confidence": found["confidence"],
        "confidence_rate": found["confidence"],
        "is_printed": False,
        "is_handwritten": True,
        "version": found["model"],
    }


def stroke_error(refusal: Refusal) -> dict[str, Any]:
    """An error of `/v3/strokes`."""
    about = {"id": refusal.kind, "message": refusal.message}
    return {"request_id": token_hex(16), "error": refusal.message, "error_info": about}


def chat(data: bytes, _: Request, settings: ServeSettings) -> Question:
    """Read a question to `/v1/chat/completions`: the one picture in it. No text of it reaches the model."""
    document = parse(data)
    only(document, _CHAT)
    if document.get("stream"):
        raise Refusal(400, "stream: answers come whole")
    if not isinstance(document.get("model", ""), str):
        raise Refusal(400, "model must be text")
    messages = document.get("messages")
    if not isinstance(messages, list) or not 1 <= len(messages) <= 64:
        raise Refusal(400, "messages must be a list of 1 to 64")
    uris = [uri for one in messages for uri in _uris(one)]
    if len(uris) != 1:
        raise Refusal(400, f"messages must hold one image_url, found {len(uris)}")
    return Question((picture(uris[0], settings),), beams=whole(document.get("n", 1), "n", BEAMS))


def _uris(message: object) -> list[object]:
    if not isinstance(message, dict) or message.get("role") not in _ROLES:
        raise Refusal(400, f"each of messages must be an object whose role is one of {', '.join(_ROLES)}")
    content = message.get("content")
    if isinstance(content, str):
        return []
    if not isinstance(content, list) or not 1 <= len(content) <= 64:
        raise Refusal(400, "content must be text, or a list of 1 to 64 parts")
    return [uri for part in content for uri in _part(part)]


def _part(part: object) -> list[object]:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind == "text":
        return []
    about = part.get("image_url") if isinstance(part, dict) and kind == "image_url" else None
    if not isinstance(about, dict):
        raise Refusal(400, f"a part of content is text, or image_url with an object; found {quoted(kind)}")
    return [about.get("url")]


def chat_answer(_: Question, outcomes: list[Outcome]) -> dict[str, Any]:
    """The answer of `/v1/chat/completions`: a choice for each reading, the best first."""
    found = _one(outcomes)
    readings = [found, *found["alternatives"]]
    return {
        "id": f"chatcmpl-{token_hex(12)}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": found["model"],
        "choices": [
            {
                "index": i,
                "message": {"role": "assistant", "content": reading["tokens"]},
                "finish_reason": "stop" if found["complete"] or i else "length",
            }
            for i, reading in enumerate(readings)
        ],
    }


@dataclass(frozen=True, slots=True)
class Address:
    """How questions at one address are read and answered."""

    name: str
    """In the metrics."""
    parse: Callable[[bytes, Request, ServeSettings], Question]
    """Raises Refusal."""
    answer: Callable[[Question, list[Outcome]], dict[str, Any]]
    """Raises Refusal where the only thing asked about could not be read."""
    error: Callable[[Refusal], dict[str, Any]] = error


ADDRESSES = {
    "/v1/recognize": Address("recognize", recognize, recognition),
    "/v3/strokes": Address("strokes", strokes, stroke_answer, stroke_error),
    "/v1/chat/completions": Address("chat", chat, chat_answer),
}
