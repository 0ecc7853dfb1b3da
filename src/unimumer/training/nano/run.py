"""A training run as a folder: tokenizer, checkpoint, log; started, resumed and exported from here."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection
from datetime import timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from tokenizers import Tokenizer

from unimumer.training import TrainingError

try:
    import torch

    from unimumer.training.nano.checkpoint import load_state, load_weights
    from unimumer.training.nano.huggingface import export_huggingface
except ImportError:
    raise TrainingError("training needs PyTorch and safetensors: pip install 'unimumer[train]'") from None

from unimumer.compose.corpus import load_corpus
from unimumer.engines.chat import load_tokenizer
from unimumer.files import write_text
from unimumer.training.nano.model import Nano, fold
from unimumer.training.nano.parallel import Peers
from unimumer.training.nano.parallel import peers as share_work
from unimumer.training.nano.shape import Shape
from unimumer.training.nano.train import Trainer, TrainPlan
from unimumer.training.nano.vocabulary import build_tokenizer, carried_over

_TOKENIZER = "tokenizer.json"


def train_nano(
    corpus: Path, out: Path, init: Path | None = None, threads: int = 1, processes: int = 1, **plan: Any
) -> None:
    """Train in the folder `out`, resuming what is there; see `TrainPlan` for settings. Prints and logs its progress.

    `processes` of `threads` threads each share the work. Raises TrainingError for a damaged file, for a checkpoint of
    another run, and where there is no such device.
    """
    if plan.get("device") == "cuda":
        if not torch.cuda.is_available():
            raise TrainingError("PyTorch finds no CUDA device here; train with --device cpu")
        if processes > 1:
            raise TrainingError("several processes share a CPU; on a GPU one is enough: train with --processes 1")
        torch.backends.cuda.enable_cudnn_sdp(False)  # it plans anew for every size of batch, a good part of a second
    out.mkdir(parents=True, exist_ok=True)
    if not (out / _TOKENIZER).exists():  # made once: ids never move
        write_text(out / _TOKENIZER, build_tokenizer(load_corpus(corpus).labels).to_str(pretty=True))
    how = TrainPlan(**plan)
    job = (corpus, out, init, threads, how)

    def note(line: dict[str, Any]) -> None:
        print(told(line, how.time_budget), flush=True)
        with (out / "log.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")

    with share_work(processes, partial(_follow, *job)) as peers:
        trainer = _trainer(*job, peers)
        parameters = sum(weight.numel() for weight in trainer.model.parameters())
        begun = {"command": sys.argv[1:], "plan": {**plan, "processes": processes}}
        note({**begun, "torch": torch.__version__, "parameters": parameters})
        trainer.run(note)


def _trainer(corpus: Path, out: Path, init: Path | None, threads: int, plan: TrainPlan, peers: Peers) -> Trainer:
    """Load everything, for one of the processes of a run whose folder has its tokenizer."""
    torch.set_num_threads(threads)
    tokenizer = load_tokenizer(out / _TOKENIZER)
    shape = Shape(-(-tokenizer.get_vocab_size() // 64) * 64)
    made = Trainer(load_corpus(corpus), tokenizer, shape, plan, out / "checkpoint", peers)
    if init is not None and made.progress["step"] == 0:
        _start_from(made, init)
    return made


def _follow(corpus: Path, out: Path, init: Path | None, threads: int, plan: TrainPlan, peers: Peers) -> None:
    """Train beside the process that leads."""
    _trainer(corpus, out, init, threads, plan, peers).run(lambda line: None)


def told(line: dict[str, Any], budget: float) -> str:
    """A line of the log as people read it; `budget` is the whole training time in seconds."""
    if "command" in line:
        return (
            f"training {line['parameters'] / 1e6:.2f} million parameters by torch {line['torch']}, the log is log.jsonl"
        )
    elapsed, whole = (timedelta(seconds=round(seconds)) for seconds in (line["elapsed"], budget))
    at = f"{elapsed} of {whole}: "
    if "exprate" in line:
        right = f"{line['exprate']:.1f} % are read right, {line['token_accuracy']:.1f} % of their tokens"
        return f"{at}of {line['n']:,} expressions by held-out writers {right}"
    losses = [f"{name.removesuffix('_loss')} {value:.3f}" for name, value in line.items() if name.endswith("_loss")]
    progress = f"step {line['step']:,}, {line['pictures']:,} pictures"
    return f"{at}stage {line['stage']}, {progress}; loss of {', '.join(losses)}"


def write_model(
    model: Nano, tokenizer: Tokenizer, out: Path | None, runtime: Path | None, name: str, int8: Collection[str] = ()
) -> None:
    """Write a model to a Hugging Face folder `out`, to `runtime` graphs that results will call `name`, or to both.

    `int8` names the graphs whose products are done in 8 bits. Raises TrainingError where `out` holds another model, and
    where the packages to export are missing.
    """
    graphs = exporter()
    if out is not None:
        export_huggingface(model, tokenizer, out)
    if runtime is not None:
        graphs.export_runtime(model, tokenizer, runtime, name, int8)


def averaged_model(run: Path) -> tuple[Nano, Tokenizer]:
    """A run's model with the averaged weights of its checkpoint, and its tokenizer.

    Raises TrainingError for no checkpoint or a damaged one, EngineError for no tokenizer.
    """
    found = load_state(run / "checkpoint")
    if found is None:
        raise TrainingError(f"{run} has no checkpoint; train first with `unimumer train nano --out {run}`")
    progress, tensors = found
    try:
        model = Nano(Shape(**progress["shape"]))
        model.load_state_dict({k.removeprefix("average."): v for k, v in tensors.items() if k.startswith("average.")})
    except (RuntimeError, TypeError) as error:
        raise TrainingError(f"the checkpoint in {run} is of another version of the model ({error})") from None
    return model, load_tokenizer(run / _TOKENIZER)


def exporter() -> ModuleType:
    """The module `graphs`, loaded when asked for: training alone needs no ONNX. Raises TrainingError without that."""
    try:
        import_module("onnxscript")  # torch asks for it in the middle of an export
        return import_module("unimumer.training.nano.graphs")
    except ImportError as error:
        raise TrainingError(f"exporting needs {error.name}: pip install 'unimumer[train]'") from None


def _start_from(trainer: Trainer, folder: Path) -> None:
    """Give a fresh run the weights of a Hugging Face folder.

    Embeddings serve as the output layer too: one that is new begins near those that were never an answer, or it would
    be taken for the answer everywhere.
    """
    weights = load_weights(folder)
    try:
        state = fold(weights)
        rows = carried_over(load_tokenizer(folder / _TOKENIZER), trainer.tokenizer)
        old, new = (torch.tensor(ids) for ids in zip(*rows))
        embedding = trainer.model.model.embed_tokens.weight.detach().clone()
        known = state["model.embed_tokens.weight"]
        unused = torch.ones(len(known), dtype=torch.bool).index_fill(0, old, False)
        rest = known[unused] if unused.any() else known
        embedding *= 0.2 * rest.std() / embedding.std()
        embedding += rest.mean(dim=0)
        embedding[new] = known[old]
        trainer.start_from(state | {"model.embed_tokens.weight": embedding})
    except (RuntimeError, KeyError, IndexError) as error:
        raise TrainingError(f"the weights in {folder} are not of this model ({error})") from None
