"""Nano, the embedded model: Qwen2.5-VL scaled down, run by ONNX Runtime on a CPU."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import cast

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from unimumer.engines import chat, geometry
from unimumer.engines.base import Answer, Decoding, Defaults, EngineError, Request, Stop, Text, never
from unimumer.engines.chat import load_tokenizer
from unimumer.engines.language import Language
from unimumer.engines.pictures import BLANK, Scale, chunks, in_parallel, prepare_all
from unimumer.engines.search import Hypothesis, draw, search
from unimumer.environment import processors
from unimumer.files import read_object, sha256
from unimumer.imaging.scale import CELL
from unimumer.tasks import recognize

_MAX_THREADS = 4
_BATCH = 16
"""Most pictures a thread answers at once: it bounds memory, and more is no faster."""
_ROWS = 64
"""Texts a thread has in work at once, but for those of one picture."""
_ROOM = 32
"""Places for tokens that are made at once in the memory of keys and values."""

FILES = ("encoder.onnx", "decoder.onnx", "tokenizer.json")
"""What a model folder holds beside `nano.json`, which describes the model and has the checksums of these."""
LANGUAGE = "language.safetensors"
"""What people write, which `unimumer train language` puts beside them."""


@dataclass(frozen=True, slots=True)
class Description:
    """Contents of `nano.json`."""

    name: str
    symbol_pixels: float
    """Size to which the typical symbol of a picture is brought."""
    max_rows: int
    max_columns: int
    """Largest picture, in cells."""
    vision_head: int
    """Width of an attention head of the vision tower."""
    text_layers: int
    text_kv_heads: int
    text_head: int
    """Width of an attention head of the language model."""
    rope_theta: float
    sections: tuple[int, ...]
    """How many rotary frequencies turn with time, row and column."""
    sha256: dict[str, str]
    """Checksum of each of `FILES`, and of `LANGUAGE` where there is one."""
    calibration: tuple[float, ...] = ()
    """Weights of `Calibration`, of a model that has been calibrated."""
    language: tuple[float, ...] = ()
    """Where there is a `LANGUAGE`: the weight of its log-probability beside the model's own, and a bonus a token."""

    def __post_init__(self) -> None:
        """Raise ValueError for a value that no model can have."""
        counts = ("max_rows", "max_columns", "vision_head", "text_layers", "text_kv_heads", "text_head")
        sound = {name: type(getattr(self, name)) is int and getattr(self, name) > 0 for name in counts}
        for name in ("symbol_pixels", "rope_theta"):
            sound[name] = _finite(getattr(self, name)) and getattr(self, name) > 0
        sound["name"] = isinstance(self.name, str) and self.name.isprintable()
        sound["sections"] = len(self.sections) == 3 and 2 * sum(self.sections) == self.text_head
        sound["calibration"] = len(self.calibration) in (0, 4) and all(map(_finite, self.calibration))
        sound["language"] = len(self.language) in (0, 2) and all(map(_finite, self.language))
        for name, is_sound in sound.items():
            if not is_sound:
                raise ValueError(f"{name} cannot be {getattr(self, name)!r}")

    @property
    def fingerprint(self) -> str:
        """Eight hex digits that tell models of one name apart."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()[:8]

    @property
    def files(self) -> tuple[str, ...]:
        """Files that the model needs."""
        return (*FILES, LANGUAGE) if self.language else FILES


def embedded() -> Path:
    """The folder of the package's own model."""
    return Path(str(files("unimumer") / "models" / "nano"))


def _finite(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(cast("float", value))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logistic regression on an answer's log-probability (Platt, 1999), its worst token and its length."""

    weights: tuple[float, ...]
    """Of what `answer_features` gives."""

    def __call__(self, logprobs: Sequence[float], prior: float = 0.0) -> float:
        """Probability, 0 to 1, that an answer whose tokens have these natural-log probabilities is right.

        `prior` is what speaks for it beside the picture (`Text.prior`).
        """
        score = float(np.dot(self.weights, answer_features(logprobs, prior)))
        return 1 / (1 + math.exp(-min(max(score, -30.0), 30.0)))


def answer_features(logprobs: Sequence[float], prior: float) -> NDArray[np.float64]:
    """1, log-probability of the answer with its prior, of its least probable token, and log of its number of tokens."""
    return np.array([1.0, sum(logprobs) + prior, min(logprobs), math.log(len(logprobs))])


class NanoEngine:
    """Answers with the embedded model, or with another exported by `unimumer train export --runtime`."""

    defaults = Defaults(
        Decoding(), batch=_BATCH, most=256, memory=512 << 20, as_released=Decoding(max_tokens=2048), beams=4
    )
    """It takes 16 pictures a thread at a time however many are in a call; drawing would only make it worse."""

    def __init__(self, folder: Path, threads: int | None = None, parts: int = 2 * _MAX_THREADS) -> None:
        """Load from `folder`; `parts` are those of `EngineSettings`.

        Raises EngineError when a file is missing or is not the one that was exported.
        """
        about = _describe(folder)
        self.name = f"{about.name}-{about.fingerprint}"
        self._about = about
        self.scale = Scale(about.symbol_pixels, about.max_rows, about.max_columns)
        self._tokenizer = load_tokenizer(folder / "tokenizer.json")
        self._end = chat.token_id(self._tokenizer, chat.END)
        self._before = self._encode(chat.BEFORE)
        self._threads, self._parts = threads or min(_MAX_THREADS, processors()), parts
        self._encoder, self._decoder = (_session(folder / f"{part}.onnx", about) for part in ("encoder", "decoder"))
        self._language = Language.load(folder / LANGUAGE, self._end) if about.language else None
        self._recognize = tuple(self._question(recognize.prompt()))

    @property
    def calibrated(self) -> bool:
        """Whether confidences say how often such texts are right; a model just exported has none of that yet."""
        return bool(self._about.calibration)

    @classmethod
    def load(cls, folder: Path | None = None, threads: int | None = None, parts: int = 2 * _MAX_THREADS) -> NanoEngine:
        """Load the package's own model, or the one in `folder`; `threads` defaults to the processors, at most 4."""
        return cls(folder or embedded(), threads, parts)

    def prepare(self, request: Request) -> NDArray[np.uint8]:
        """Return the gray picture [h, w] the model sees; raises ImageError when the request's picture holds no ink."""
        return self.scale.fitted(request.picture, request.ink, request.placement)

    def generate(self, requests: Sequence[Request], decoding: Decoding, stop: Stop = never) -> list[Answer]:
        """Answer every request, in order. A picture without ink is answered by an empty text without tokens."""
        pictures = prepare_all(requests, self.prepare, self._threads)
        questions = [self._question(requests[i].prompt) for i in pictures]
        answers = dict(zip(pictures, self.answer(list(pictures.values()), questions, decoding, stop)))
        return [answers.get(i, BLANK) for i in range(len(requests))]

    def answer(
        self,
        pictures: Sequence[NDArray[np.uint8]],
        questions: Sequence[NDArray[np.int64]],
        decoding: Decoding,
        stop: Stop = never,
    ) -> list[Answer]:
        """Answer about pictures that `prepare` gave; `questions` are token ids of what follows each picture."""

        def found(members: Sequence[int]) -> list[list[Hypothesis]]:
            return self._search([pictures[i] for i in members], [questions[i] for i in members], decoding, stop)

        rows = max(decoding.samples, decoding.beams)
        size = min(_BATCH, _ROWS // rows, math.ceil(len(pictures) / self._parts))
        batches = list(_batches(pictures, questions, max(1, size)))
        results = in_parallel(found, batches, self._threads)
        answers: dict[int, Answer] = {
            i: self._answer(hypotheses, tuple(questions[i]) == self._recognize)
            for members, those in zip(batches, results)
            for i, hypotheses in zip(members, those)
        }
        return [answers[i] for i in range(len(pictures))]

    def _search(
        self,
        pictures: Sequence[NDArray[np.uint8]],
        questions: Sequence[NDArray[np.int64]],
        decoding: Decoding,
        stop: Stop,
    ) -> list[list[Hypothesis]]:
        """Find the texts for one batch, whose questions are of one length."""
        grids = [(p.shape[0] // CELL, p.shape[1] // CELL) for p in pictures]
        texts = _Texts(self._decoder, self._about, [self._see(p) for p in pictures], grids)
        first = texts.start(self._before, np.stack(questions))
        if decoding.temperature:
            return draw(texts, first, (self._end,), decoding, list(map(_key, pictures, questions)), stop)
        return search(texts, first, (self._end,), decoding.beams, decoding.max_tokens, stop)

    def _see(self, picture: NDArray[np.uint8]) -> geometry.Floats:
        """Visual tokens [cells, width]. One picture at a time is as fast as many, and needs no padding."""
        grid = picture.shape[0] // CELL, picture.shape[1] // CELL
        angles = geometry.patch_angles(grid, self._about.vision_head // 4)
        feed = {"patches": geometry.to_patches(picture), "cos": np.cos(angles), "sin": np.sin(angles)}
        return np.asarray(self._encoder.run(None, feed)[0], np.float32)

    def _question(self, prompt: str) -> NDArray[np.int64]:
        return self._encode(chat.after(prompt))

    def _encode(self, text: str) -> NDArray[np.int64]:
        return np.array(self._tokenizer.encode(text).ids, np.int64)

    def _answer(self, found: Sequence[Hypothesis], is_recognition: bool) -> Answer:
        """The texts as an answer. Those of a picture are ranked by how people write too; see `docs/inference.md`."""
        texts = [self._text(one, self._language if is_recognition else None) for one in found]
        best, *others = sorted(zip(texts, found), key=lambda pair: -pair[0].rank)
        return Answer((best[0], *(text for text, _ in others)), best[1].finish)

    def _text(self, found: Hypothesis, language: Language | None) -> Text:
        tokens = tuple(self._tokenizer.decode([token]) for token in found.tokens)
        prior = 0.0
        if language:
            weight, bonus = self._about.language
            prior = weight * language.logprob(found.tokens) + bonus * len(found.tokens)
        weights = self._about.calibration
        sure = Calibration(tuple(weights))(found.logprobs, prior) if weights and found.logprobs else None
        return Text(self._tokenizer.decode(list(found.tokens)), found.logprobs, tokens, sure, prior)


class _Texts:
    """The decoder in the middle of a batch of texts, with the keys and values of all that came before."""

    def __init__(
        self,
        decoder: onnxruntime.InferenceSession,
        about: Description,
        visual: list[geometry.Floats],
        grids: list[geometry.Grid],
    ) -> None:
        self._decoder, self._grids = decoder, grids
        self._visual = geometry.pad_rows(visual, max(map(len, visual)))
        self._sections, self._theta = about.sections, about.rope_theta
        size = (2 * about.text_layers, len(grids), about.text_kv_heads, 0, about.text_head)
        self._past = np.zeros(size, np.float32)
        self._hidden = np.zeros((len(grids), 0), np.float32)
        self._used = 0
        self._next = np.zeros(len(grids), np.int64)

    def start(self, before: NDArray[np.int64], after: NDArray[np.int64]) -> NDArray[np.float32]:
        """Read the conversations up to the answer; log-probabilities [batch, vocabulary] of its first token."""
        batch, cells = self._visual.shape[:2]
        lengths = (len(before), cells, after.shape[1])
        positions = [geometry.prompt_positions(lengths[0], grid, cells, lengths[2]) for grid in self._grids]
        padding = geometry.padding_mask([rows * columns for rows, columns in self._grids], cells)
        hidden = np.pad(padding, ((0, 0), (lengths[0], lengths[2])))
        self._next = np.array([p[0, -1] + 1 for p in positions])
        causal = np.triu(np.full((sum(lengths), sum(lengths)), geometry.HIDDEN), 1)
        angles = np.stack([geometry.text_angles(p, self._sections, self._theta) for p in positions])
        mask = np.maximum(causal + hidden[:, None], geometry.HIDDEN)
        return self._run(np.tile(before, (batch, 1)), self._visual, after, angles, mask, hidden)

    def advance(self, rows: NDArray[np.int64], tokens: NDArray[np.int64]) -> NDArray[np.float32]:
        """See `search.Scorer`."""
        if not np.array_equal(rows, np.arange(len(self._next))):
            self._past, self._hidden, self._next = self._past[:, rows], self._hidden[rows], self._next[rows]
        positions = np.tile(self._next, (3, 1))
        angles = geometry.text_angles(positions, self._sections, self._theta)[:, None]
        self._next = self._next + 1
        nothing = np.zeros((len(rows), 0), np.int64)
        visual = np.zeros((len(rows), 0, self._visual.shape[2]), np.float32)
        mask = np.pad(self._hidden, ((0, 0), (0, 1)))[:, None]
        return self._run(nothing, visual, tokens[:, None], angles, mask, np.zeros((len(rows), 1), np.float32))

    def _run(
        self,
        before: NDArray[np.int64],
        visual: geometry.Floats,
        after: NDArray[np.int64],
        angles: geometry.Floats,
        mask: geometry.Floats,
        hidden: geometry.Floats,
    ) -> NDArray[np.float32]:
        feed = {
            "before": before,
            "visual": visual,
            "after": after,
            "cos": np.cos(angles)[:, None],
            "sin": np.sin(angles)[:, None],
            "mask": mask[:, None],
            "past": self._past,
        }
        logprobs, caches = self._decoder.run(None, feed)
        self._keep(caches, hidden)
        return np.asarray(logprobs, np.float32)

    def _keep(self, caches: geometry.Floats, hidden: geometry.Floats) -> None:
        """Put new keys and values behind the others; room is made `_ROOM` at a time, and hidden until it is used.

        `hidden` is what later tokens add to their scores of these: `HIDDEN` for padding, else 0.
        """
        begin, self._used = self._used, self._used + caches.shape[3]
        more = self._used - self._past.shape[3]
        if more > 0:
            more += _ROOM
            self._past = np.pad(self._past, ((0, 0), (0, 0), (0, 0), (0, more), (0, 0)))
            self._hidden = np.pad(self._hidden, ((0, 0), (0, more)), constant_values=geometry.HIDDEN)
        self._past[:, :, :, begin : self._used] = caches
        self._hidden[:, begin : self._used] = hidden


def _key(picture: NDArray[np.uint8], question: NDArray[np.int64]) -> int:
    """Name what the model is asked, by its content."""
    digest = hashlib.sha256(f"{picture.shape}".encode() + picture.tobytes() + question.tobytes())
    return int.from_bytes(digest.digest()[:8], "big")


def _batches(
    pictures: Sequence[NDArray[np.uint8]], questions: Sequence[NDArray[np.int64]], size: int
) -> Iterator[Sequence[int]]:
    """Cut to batches of at most `size` with questions of one length; pictures of like size together, large ones first.

    Like sizes need little padding, and their texts end at nearly the same time; a large batch that came last would
    keep one thread busy while the others have nothing left to do.
    """
    order = sorted(range(len(pictures)), key=lambda i: (len(questions[i]), -pictures[i].size))
    for _, members in groupby(order, key=lambda i: len(questions[i])):
        yield from chunks(list(members), size)


def _session(path: Path, about: Description) -> onnxruntime.InferenceSession:
    """Load a graph. Raises EngineError when it is none, or not the one that `nano.json` describes."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # a thread a batch: threads that share one picture mostly wait for each other
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors share no other base
        raise EngineError(f"{path} is not a graph that ONNX Runtime can run: {error}") from None
    # Sizes that depend on the pictures have names in place of numbers.
    found = {one.name: [size for size in one.shape if isinstance(size, int)] for one in session.get_inputs()}
    past = [2 * about.text_layers, about.text_kv_heads, about.text_head]
    right = (
        found.keys() == {"patches", "cos", "sin"} and found["cos"] == [about.vision_head]
        if path.stem == "encoder"
        else found.get("past") == past and found.get("cos") == [1, about.text_head]
    )
    if not right:
        raise EngineError(f"{path} is not the {path.stem} that nano.json beside it describes; export the model again")
    return session


def _describe(folder: Path) -> Description:
    """Read `nano.json` and hold the other files against their checksums."""
    if not folder.is_dir():
        raise EngineError(f"there is no folder {folder}")
    try:
        about = Description(**read_object(folder / "nano.json"))
        damaged = [f for f in about.files if sha256(folder / f) != about.sha256[f]]
    except (KeyError, TypeError, ValueError) as error:
        raise EngineError(
            f"{folder} does not hold a Nano model ({error}); make one with `unimumer train export --runtime`"
        ) from None
    if damaged:
        raise EngineError(
            f"the model file {damaged[0]} in {folder} is damaged: its checksum differs; reinstall or export it again"
        )
    return about
