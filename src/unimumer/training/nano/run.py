"""A training run as a folder: tokenizer, checkpoint, log; started, resumed and exported from here."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from unimumer.data.sample import DataError

try:
    import torch
    from safetensors.torch import load_file
except ImportError:
    raise DataError("training needs PyTorch: pip install 'unimumer[train]'") from None

from tokenizers import Tokenizer

from unimumer.training.nano.checkpoint import load_state
from unimumer.training.nano.corpus import load_corpus
from unimumer.training.nano.export import export_huggingface, export_runtime, fold
from unimumer.training.nano.model import Nano
from unimumer.training.nano.shape import Shape
from unimumer.training.nano.train import Plan, Trainer
from unimumer.training.nano.vocabulary import build_tokenizer


def train_nano(corpus: Path, out: Path, init: Path | None, threads: int, **plan: Any) -> None:
    """Train in the folder `out`, resuming what is there; see `Plan` for the settings. Prints and logs its progress."""
    torch.set_num_threads(threads)
    out.mkdir(parents=True, exist_ok=True)
    packed = load_corpus(corpus)
    tokenizer = _tokenizer(out, init, packed.labels)
    vocabulary = -(-tokenizer.get_vocab_size() // 64) * 64
    trainer = Trainer(packed, tokenizer, Shape(vocabulary), Plan(**plan), out / "checkpoint")
    if init is not None and trainer.progress["step"] == 0:
        trainer.start_from(fold(_weights(init)))
    _note(
        out,
        {
            "command": sys.argv[1:],
            "plan": plan,
            "torch": torch.__version__,
            "parameters": _count(trainer.model),
        },
    )
    trainer.run(lambda line: _note(out, line))


def export_run(run: Path, out: Path, runtime: Path | None, name: str) -> None:
    """Write the averaged weights of the run's checkpoint to `out` and, if asked, to `runtime`."""
    found = load_state(run / "checkpoint", torch.device("cpu"))
    if found is None:
        raise DataError(f"{run} has no checkpoint; train first with `unimumer train nano --out {run}`")
    progress, tensors = found
    model = Nano(Shape(**progress["shape"]))
    model.load_state_dict({k.removeprefix("average."): v for k, v in tensors.items() if k.startswith("average.")})
    tokenizer = Tokenizer.from_file(str(run / "tokenizer.json"))
    export_huggingface(model, tokenizer, out)
    if runtime is not None:
        export_runtime(model, tokenizer, runtime, name)


def _tokenizer(out: Path, init: Path | None, labels: tuple[str, ...]) -> Tokenizer:
    """Return the run's tokenizer: kept from the start, so that ids never move."""
    kept = out / "tokenizer.json"
    if not kept.exists():
        source = Tokenizer.from_file(str(init / "tokenizer.json")) if init else build_tokenizer(labels)
        source.save(str(kept))
    return Tokenizer.from_file(str(kept))


def _weights(folder: Path) -> dict[str, torch.Tensor]:
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise DataError(f"{folder} has no .safetensors weights")
    return {name: tensor for file in files for name, tensor in load_file(file).items()}


def _count(model: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def _note(out: Path, line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)
    with (out / "log.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
