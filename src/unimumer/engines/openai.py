"""Asks a model behind any server that speaks the OpenAI chat API: vLLM, SGLang, llama.cpp, Ollama, a hosted one."""

from __future__ import annotations

import base64
import io
import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from PIL import Image

from unimumer.engines import chat
from unimumer.engines.base import (
    LARGE,
    Answer,
    Cancelled,
    Decoding,
    EngineError,
    Finish,
    Picture,
    Request,
    RequestError,
    Stop,
    Text,
    never,
    request_seed,
)
from unimumer.engines.http import JsonClient, Reply
from unimumer.engines.load import EngineSettings
from unimumer.engines.pictures import shrunk
from unimumer.engines.repetition import first_loop
from unimumer.errors import UnimumerError

KEY_VARIABLES = ("UNIMUMER_API_KEY", "OPENAI_API_KEY")
"""Where the key is looked for, in this order; it is taken from nowhere else."""
_MAY_LACK = ("logprobs", "chat_template_kwargs")
"""Fields that some servers refuse and that an answer can do without."""


class OpenAIEngine:
    """Answers with a model on a server. What is prepared here is only the size of the picture."""

    defaults = LARGE

    def __init__(self, model: str, address: str, settings: EngineSettings | None = None) -> None:
        """`address` is that of the API, such as http://127.0.0.1:8000/v1; nothing is sent yet.

        Raises EngineError when it is not an address.
        """
        self._settings = settings or EngineSettings()
        self._model = model
        key = next((os.environ[name] for name in KEY_VARIABLES if os.environ.get(name)), None)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = JsonClient(address, headers, self._settings.timeout, self._settings.attempts)
        self.name = f"openai:{model}@{self._client.host}"
        self._lacking: set[str] = set()

    def generate(self, requests: Sequence[Request], decoding: Decoding, stop: Stop = never) -> list[Answer]:
        """Answer every request, in order, `concurrency` of them at once.

        Raises EngineError when the server cannot be used, RequestError when it refuses one of the requests.
        """
        if decoding.beams > 1:
            raise EngineError("servers have no beam search: draw samples (a temperature above 0)")
        with ThreadPoolExecutor(self._settings.concurrency, thread_name_prefix="openai") as pool:
            answers = [pool.submit(self._ask, request, decoding, stop) for request in requests]
            try:
                return [answer.result() for answer in answers]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _ask(self, request: Request, decoding: Decoding, stop: Stop) -> Answer:
        if stop():
            raise Cancelled("stopped by its caller")
        content = self._content(request, decoding)
        reply = self._client.post("/chat/completions", _without(content, self._lacking))
        refused = _refused(reply, content.keys() - self._lacking)
        if refused:
            self._lacking |= refused
            reply = self._client.post("/chat/completions", _without(content, self._lacking))
        return self._answer(reply)

    def _content(self, request: Request, decoding: Decoding) -> dict[str, Any]:
        picture = {"type": "image_url", "image_url": {"url": self._data_uri(request.picture)}}
        content: dict[str, Any] = {
            "model": self._model,
            "messages": chat.turns(request.prompt, picture),
            "max_tokens": decoding.max_tokens,
            "temperature": decoding.temperature,
            "logprobs": True,
            "chat_template_kwargs": {"enable_thinking": False},
        }
        if decoding.temperature:
            seed = request_seed(request, decoding.seed) % 2**31  # some servers take no more bits
            content |= {"top_p": decoding.top_p, "seed": seed, "n": decoding.samples}
            if decoding.top_k:
                content["top_k"] = decoding.top_k
        return content

    def _data_uri(self, picture: Picture) -> str:
        file = io.BytesIO()
        Image.fromarray(shrunk(picture, self._settings.max_pixels)).save(file, "PNG")
        return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")

    def _answer(self, reply: Reply) -> Answer:
        if reply.status != 200:
            raise self._error(reply)
        try:
            texts = sorted(map(_text, reply.body["choices"]), key=lambda pair: -pair[0].logprob)
            return Answer(tuple(text for text, _ in texts), texts[0][1])
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise EngineError(
                f"{self._client.host} does not speak the OpenAI chat API: its answer has no usable choices ({error!r})"
            ) from None

    def _error(self, reply: Reply) -> UnimumerError:
        said = f"{self._client.host} answers {reply.status}: {_message(reply.body)}"
        if reply.status in (401, 403):
            return EngineError(f"{said}; set {KEY_VARIABLES[0]} to a valid key")
        if reply.status == 404:
            return EngineError(f"{said}; check the address and the name {self._model!r}")
        # What is wrong with one request must not end a run; what is wrong with the server must.
        alone = reply.status == 500 or (400 <= reply.status < 500 and reply.status not in (408, 429))
        return RequestError(said) if alone else EngineError(said)


def _without(content: dict[str, Any], lacking: set[str]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in lacking}


def _refused(reply: Reply, sent: set[str]) -> set[str]:
    """Fields of `_MAY_LACK` that a refusal names."""
    if reply.status not in (400, 422):
        return set()
    said = _message(reply.body)
    return {name for name in _MAY_LACK if name in sent and name in said}


def _message(body: Any) -> str:
    """What an error says, on one line, shortened: it is a stranger's text."""
    inner = body.get("error", body) if isinstance(body, dict) else body
    said = inner.get("message", inner) if isinstance(inner, dict) else inner
    return " ".join(str(said).split())[:300] or "nothing more"


def _text(choice: dict[str, Any]) -> tuple[Text, Finish]:
    """One choice as a text; without log-probabilities when the server gives none. A loop is cut."""
    said = choice["message"].get("content") or ""
    if not isinstance(said, str):
        raise TypeError("the content is not a text")
    finish: Finish = "length" if choice.get("finish_reason") == "length" else "stop"
    steps = (choice.get("logprobs") or {}).get("content") or []
    tokens, logprobs = [str(step["token"]) for step in steps], [float(step["logprob"]) for step in steps]
    if "".join(tokens).startswith(said) and tokens:
        loop = first_loop(tokens)
        if loop is None:
            return Text(said, tuple(logprobs), _ended(tokens, said)), finish
        kept = tokens[: loop.kept]
        return Text("".join(kept), tuple(logprobs[: loop.kept]), tuple(kept)), "repetition"
    words = list(re.finditer(r"\S+", said))
    loop = first_loop([word.group() for word in words])
    if loop is None:
        return Text(said, tuple(logprobs)), finish
    # These tokens are not the server's, so its log-probabilities cannot be cut with them.
    return Text(said[: words[loop.kept - 1].end()], ()), "repetition"


def _ended(tokens: list[str], said: str) -> tuple[str, ...]:
    """Token texts that add up to `said`: what comes after it, an end token, is empty."""
    ended, left = [], len(said)
    for token in tokens:
        ended.append(token[:left])
        left -= len(ended[-1])
    return tuple(ended)
