"""Runs a checkpoint by transformers and PyTorch, on a GPU when there is one, with this package's own search."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from unimumer.engines.base import LARGE, Answer, Decoding, EngineError, Picture, Request, Stop, never, request_seed
from unimumer.engines.chat import Template
from unimumer.engines.checkpoint import find_checkpoint
from unimumer.engines.load import EngineSettings
from unimumer.engines.pictures import BLANK, chunks
from unimumer.engines.search import Hypothesis, draw, search
from unimumer.environment import processors

if TYPE_CHECKING:
    import torch

_MAX_THREADS = 4


class HfEngine:
    """Answers with Qwen2.5-VL, Qwen3-VL or Qwen3.5 in Hugging Face's layout."""

    defaults = LARGE

    def __init__(self, model: str, settings: EngineSettings | None = None) -> None:
        """Load a folder or a model of the hub; raises EngineError when it cannot be run."""
        self._settings = settings or EngineSettings()
        self._lock = Lock()
        """A tokenizer of transformers serves one thread at a time."""
        self.checkpoint = find_checkpoint(model)
        try:
            import torch
            from transformers import AutoImageProcessor
        except ImportError as error:
            raise EngineError(f"the engine hf needs {error.name}: pip install 'unimumer[hf]'") from None
        self._template = Template(self.checkpoint)
        torch.set_num_threads(self._settings.threads or min(_MAX_THREADS, processors()))
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        dtype = self._settings.dtype
        if dtype == "auto":
            dtype = "float32" if self._device == "cpu" else "bfloat16"
        self.name = f"hf:{self.checkpoint.name}-{self.checkpoint.fingerprint}-{dtype}"
        # The PIL variant needs no torchvision; pictures come in their final size, so that all variants agree.
        images: Any = AutoImageProcessor
        self._images = images.from_pretrained(str(self.checkpoint.folder), backend="pil", local_files_only=True)
        self._model = _load(self.checkpoint.folder, dtype).to(self._device)

    def generate(self, requests: Sequence[Request], decoding: Decoding, stop: Stop = never) -> list[Answer]:
        """Answer every request, in order; Nano answers a picture without ink by an empty text without tokens."""
        answers = [BLANK] * len(requests)
        pictures = self.checkpoint.prepared_each(requests, self._settings.max_pixels)
        size = max(1, self._settings.batch // (decoding.samples * decoding.beams))
        for members in chunks(list(pictures), size):
            with self._lock:
                found = self._search([requests[i] for i in members], [pictures[i] for i in members], decoding, stop)
            for i, texts in zip(members, found):
                written = tuple(self._template.text(text.tokens, text.logprobs) for text in texts)
                answers[i] = Answer(written, texts[0].finish)
        return answers

    def _search(
        self, requests: Sequence[Request], pictures: Sequence[Picture], decoding: Decoding, stop: Stop = never
    ) -> list[list[Hypothesis]]:
        import torch

        with torch.inference_mode():
            texts = _TorchTexts(self._model)
            first = texts.start(self._inputs([r.prompt for r in requests], pictures))
            if not decoding.temperature:
                return search(texts, first, self._template.ends, decoding.beams, decoding.max_tokens, stop)
            keys = [request_seed(request, decoding.seed) for request in requests]
            return draw(texts, first, self._template.ends, decoding, keys, stop)

    def _inputs(self, prompts: Sequence[str], pictures: Sequence[Picture]) -> dict[str, Any]:
        """Tensors of a batch of conversations, padded on the left."""
        import torch

        seen = self._images(images=list(pictures), do_resize=False, return_tensors="pt")
        cells = (seen["image_grid_thw"].prod(dim=1) // self._images.merge_size**2).tolist()
        picture = self._template.picture_id
        rows = [_spread(self._template.prompt_ids(prompt), picture, n) for prompt, n in zip(prompts, cells)]
        longest = max(map(len, rows))
        ids = torch.tensor([[0] * (longest - len(row)) + row for row in rows])
        mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in rows])
        inputs = {
            "input_ids": ids,
            "attention_mask": mask,
            # Positions have three dimensions where it is 1; missing, it would silently be one everywhere.
            "mm_token_type_ids": ((ids == picture) & (mask == 1)).int(),
            "pixel_values": seen["pixel_values"].to(self._model.dtype),
            "image_grid_thw": seen["image_grid_thw"],
        }
        return {name: value.to(self._device) for name, value in inputs.items()}


class _TorchTexts:
    """The model in the middle of a batch of texts; a `search.Scorer`."""

    def __init__(self, model: Any) -> None:
        from transformers import DynamicCache

        self._model = model
        self._cache = DynamicCache(config=model.config.get_text_config())

    def start(self, inputs: dict[str, Any]) -> NDArray[np.float32]:
        """Read the conversations; log-probabilities [batch, vocabulary] of each answer's first token."""
        self._mask = inputs["attention_mask"]
        names = ("input_ids", "attention_mask", "mm_token_type_ids", "image_grid_thw")
        positions, _ = self._model.model.get_rope_index(**{name: inputs[name] for name in names})
        self._next = positions[0, :, -1] + 1
        return self._run(**inputs, position_ids=positions)

    def advance(self, rows: NDArray[np.int64], tokens: NDArray[np.int64]) -> NDArray[np.float32]:
        """See `search.Scorer`."""
        import torch

        device = self._mask.device
        chosen = torch.from_numpy(np.asarray(rows, np.int64)).to(device)
        if len(rows) != len(self._mask) or not np.array_equal(rows, np.arange(len(rows))):
            self._cache.reorder_cache(cast("torch.LongTensor", chosen))
            self._mask, self._next = self._mask[chosen], self._next[chosen]
        self._mask = torch.nn.functional.pad(self._mask, (0, 1), value=1)
        ids = torch.from_numpy(np.asarray(tokens, np.int64)).to(device)[:, None]
        positions = self._next.expand(3, -1)[:, :, None]
        self._next = self._next + 1
        return self._run(input_ids=ids, attention_mask=self._mask, position_ids=positions)

    def _run(self, **inputs: Any) -> NDArray[np.float32]:
        out = self._model(**inputs, past_key_values=self._cache, use_cache=True, logits_to_keep=1)
        scores: NDArray[np.float32] = out.logits[:, -1].float().log_softmax(-1).cpu().numpy()
        return scores


def _spread(ids: list[int], picture: int, count: int) -> list[int]:
    """Put `count` visual tokens in the place of the one that stands for the picture."""
    place = ids.index(picture)
    return [*ids[:place], *[picture] * count, *ids[place + 1 :]]


def _load(folder: Any, dtype: str) -> Any:
    import torch
    from transformers import AutoModelForImageTextToText

    try:
        model = AutoModelForImageTextToText.from_pretrained(
            str(folder),
            dtype=getattr(torch, dtype),
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
        )
    except Exception as error:  # the libraries' errors share no base
        raise EngineError(f"the weights in {folder} cannot be loaded: {error}") from None
    damaged = next((name for name, weight in model.named_parameters() if not torch.isfinite(weight).all()), None)
    if damaged is not None:
        raise EngineError(f"the weights in {folder} are damaged: {damaged} holds values that are not finite numbers")
    model.train(False)
    return model
