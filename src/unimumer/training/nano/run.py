"""A training run as a folder: tokenizer, checkpoint, log; started, resumed and exported from here."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from unimumer.training import TrainingError

try:
    import torch

    from unimumer.training.nano.checkpoint import load_state, load_weights
except ImportError:
    raise TrainingError("training needs PyTorch and safetensors: pip install 'unimumer[train]'") from None

from unimumer.compose.corpus import load_corpus
from unimumer.engines.chat import load_tokenizer
from unimumer.files import replacing
from unimumer.training.nano.model import Nano, fold
from unimumer.training.nano.parallel import Peers
from unimumer.training.nano.parallel import peers as share_work
from unimumer.training.nano.shape import Shape
from unimumer.training.nano.train import Trainer, TrainPlan
from unimumer.training.nano.vocabulary import build_tokenizer, carried_over

_TOKENIZER = "tokenizer.json"


@dataclass(frozen=True, slots=True)
class TrainJob:
    """One run: what it trains on, where, and how."""

    corpus: Path
    out: Path
    init: Path | None
    threads: int
    plan: TrainPlan

    def trainer(self, peers: Peers) -> Trainer:
        """Load everything, for one of the processes of the run; its folder and tokenizer are there."""
        torch.set_num_threads(self.threads)
        tokenizer = load_tokenizer(self.out / _TOKENIZER)
        shape = Shape(-(-tokenizer.get_vocab_size() // 64) * 64)
        made = Trainer(load_corpus(self.corpus), tokenizer, shape, self.plan, self.out / "checkpoint", peers)
        if self.init is not None and made.progress["step"] == 0:
            _start_from(made, self.init)
        return made

    def follow(self, peers: Peers) -> None:
        """Train beside the process that leads."""
        self.trainer(peers).run(lambda line: None)


def train_nano(
    corpus: Path, out: Path, init: Path | None = None, threads: int = 1, processes: int = 1, **plan: Any
) -> None:
    """Train in the folder `out`, resuming what is there; see `Plan` for the settings. Prints and logs its progress.

    `processes` of `threads` threads each share the work. Raises TrainingError for a damaged file, for a checkpoint of
    another run, and where there is no such device.
    """
    if plan.get("device") == "cuda" and not torch.cuda.is_available():
        raise TrainingError("PyTorch finds no CUDA device here; train with --device cpu")
    if plan.get("device") == "cuda" and processes > 1:
        raise TrainingError("several processes share a CPU; on a GPU one is enough: train with --processes 1")
    if plan.get("device") == "cuda":
        torch.backends.cuda.enable_cudnn_sdp(False)  # it plans anew for every size of batch, a good part of a second
    out.mkdir(parents=True, exist_ok=True)
    _keep_tokenizer(out, load_corpus(corpus).labels)
    job = TrainJob(corpus, out, init, threads, TrainPlan(**plan))
    with share_work(processes, job.follow) as peers:
        trainer = job.trainer(peers)
        versions = {
            "torch": torch.__version__,
            "parameters": sum(weight.numel() for weight in trainer.model.parameters()),
        }
        _note(
            out, {"command": sys.argv[1:], "plan": {**plan, "processes": processes}, **versions}, job.plan.time_budget
        )
        trainer.run(lambda line: _note(out, line, job.plan.time_budget))


def told(line: dict[str, Any], budget: float) -> str:
    """A line of the log as people read it; `budget` is the whole training time in seconds."""
    if "command" in line:
        return (
            f"training {line['parameters'] / 1e6:.2f} million parameters by torch {line['torch']}, the log is log.jsonl"
        )
    at = f"{_clock(line['elapsed'])} of {_clock(budget)}: "
    if "exprate" in line:
        right = f"{line['exprate']:.1f} % are read right, {line['token_accuracy']:.1f} % of their tokens"
        return f"{at}of {line['n']:,} expressions by held-out writers {right}"
    losses = [f"{name.removesuffix('_loss')} {value:.3f}" for name, value in line.items() if name.endswith("_loss")]
    progress = f"step {line['step']:,}, {line['pictures']:,} pictures"
    return f"{at}stage {line['stage']}, {progress}; loss of {', '.join(losses)}"


def _clock(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))


def export_run(run: Path, out: Path | None, runtime: Path | None, name: str, int8: Collection[str] = ()) -> None:
    """Write a run's averaged weights to a Hugging Face folder, to runtime graphs, or to both.

    `int8` names the graphs whose products are done in 8 bits. Raises TrainingError when there are no weights, when they
    are damaged, and where the packages to export are missing.
    """
    graphs = exporter()
    model = averaged_model(run)
    tokenizer = load_tokenizer(run / _TOKENIZER)
    if out is not None:
        import_module("unimumer.training.nano.export").export_huggingface(model, tokenizer, out)
    if runtime is not None:
        graphs.export_runtime(model, tokenizer, runtime, name, int8)


def averaged_model(run: Path) -> Nano:
    """The model of a run's checkpoint, with its averaged weights. Raises TrainingError for none or a damaged one."""
    found = load_state(run / "checkpoint")
    if found is None:
        raise TrainingError(f"{run} has no checkpoint; train first with `unimumer train nano --out {run}`")
    progress, tensors = found
    try:
        model = Nano(Shape(**progress["shape"]))
        model.load_state_dict({k.removeprefix("average."): v for k, v in tensors.items() if k.startswith("average.")})
    except (RuntimeError, TypeError) as error:
        raise TrainingError(f"the checkpoint in {run} is of another version of the model ({error})") from None
    return model


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


def _keep_tokenizer(out: Path, labels: tuple[str, ...]) -> None:
    """Give the run its tokenizer, once: ids never move."""
    kept = out / _TOKENIZER
    if not kept.exists():
        with replacing(kept) as part:
            build_tokenizer(labels).save(str(part))


def _note(out: Path, line: dict[str, Any], budget: float) -> None:
    print(told(line, budget), flush=True)
    with (out / "log.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
