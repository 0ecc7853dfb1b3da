"""Trains Nano from random weights on real ink, stage by stage, within a time budget; stop and resume at will."""

from __future__ import annotations

import copy
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from unimumer.compose.corpus import Corpus
from unimumer.training import TrainingError
from unimumer.training.nano.checkpoint import load_state, save_state
from unimumer.training.nano.conversation import KINDS, ConversationWriter
from unimumer.training.nano.feed import CELLS, TASKS, Stage, Stream, feed, stages
from unimumer.training.nano.model import Nano
from unimumer.training.nano.objective import Batch, Objective, multiplies_bfloat16
from unimumer.training.nano.parallel import Peers
from unimumer.training.nano.shape import Shape
from unimumer.training.nano.validation import HeldOut, validate
from unimumer.training.nano.vocabulary import QUESTIONS


class Muon32(torch.optim.Muon):
    """PyTorch's Muon, whose step always is in bfloat16, in float32, with the same state; as `optimizers` sets it up.

    That is with Nesterov's momentum, and rates that match AdamW's. For processors that emulate bfloat16: the optimizer
    alone took most of the time of training there.
    """

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Move every matrix against its momentum, made orthogonal by a Newton-Schulz iteration (Jordan, 2024)."""
        for group in self.param_groups:
            a, b, c = group["ns_coefficients"]
            for matrix in group["params"]:
                if matrix.grad is None:
                    continue
                momentum = self.state[matrix].setdefault("momentum_buffer", torch.zeros_like(matrix))
                momentum.lerp_(matrix.grad, 1 - group["momentum"])
                way = matrix.grad.lerp(momentum, group["momentum"])
                upright = way.shape[0] > way.shape[1]
                way = way.T if upright else way
                way = way / way.norm().clamp(min=group["eps"])
                for _ in range(group["ns_steps"]):
                    gram = way @ way.T
                    way = torch.addmm(way, torch.addmm(gram, gram, gram, beta=b, alpha=c), way, beta=a)
                matrix.mul_(1 - group["lr"] * group["weight_decay"])
                matrix.add_(way.T if upright else way, alpha=-0.2 * group["lr"] * math.sqrt(max(matrix.shape)))


def optimizers(model: nn.Module, heads: nn.Module, rate: float) -> list[torch.optim.Optimizer]:
    """Muon (Jordan, 2024) for the matrices of the layers, AdamW for the rest.

    Muon learns more from each step; its cost grows with the cube of a matrix's shorter side, so the wide merger is
    left to AdamW.
    """
    inside: list[nn.Parameter] = []
    rest = list(heads.parameters())
    for name, parameter in model.named_parameters():
        layered = parameter.dim() == 2 and ("blocks." in name or "layers." in name)
        (inside if layered else rest).append(parameter)
    muon = torch.optim.Muon if multiplies_bfloat16(inside[0].device) else Muon32
    return [
        muon([{"params": inside, "scale": 2.0}], lr=rate, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW([{"params": rest, "scale": 1.0}], lr=rate, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def set_rate(movers: Sequence[torch.optim.Optimizer], rate: float) -> None:
    """Set the learning rate, from which each group's follows."""
    for mover in movers:
        for group in mover.param_groups:
            group["lr"] = rate * group["scale"]


def descend(total: Tensor, model: nn.Module, movers: Sequence[torch.optim.Optimizer]) -> None:
    """One step down from a loss, gradients of the model clipped to a norm of one.

    Raises TrainingError, and moves nothing, where loss or gradient is not finite.
    """
    for mover in movers:
        mover.zero_grad(set_to_none=True)
    total.backward()  # type: ignore[no-untyped-call]
    norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    if not math.isfinite(float(total.detach() + norm)):
        raise TrainingError("the loss is not finite")
    for mover in movers:
        mover.step()


def follow(average: nn.Module, model: nn.Module, step: int) -> None:
    """Take a model's weights after `step` steps into their exponential moving average, which is short at first."""
    keep = min(0.999, (1 + step) / (20 + step))
    with torch.no_grad():
        torch._foreach_lerp_(list(average.parameters()), list(model.parameters()), 1 - keep)


Report = Callable[[dict[str, Any]], None]
_WARM_UP = 100
"""Steps until the rate has its full height."""
_COINCIDE = 0.8
"""Mean cosine of embeddings that are taken for one; questions that are learned have 0.2 to 0.5, random ones 0."""


@dataclass(frozen=True, slots=True)
class TrainPlan:
    """What a run does. Times are in seconds."""

    time_budget: float
    seed: int = 0
    device: str = "cpu"
    cells: int = 1280
    """Visual tokens a step, of each process."""
    workers: int = 1
    """Processes that draw pictures, for each process that trains."""
    rate: float = 1e-3
    """Learning rate, held once it is warmed up."""
    decay: float = 0.0
    """How long before the end of the time budget the rate begins to go down to nothing; 0 never, to go on another time.

    The checkpoint from before is kept beside, as `checkpoint-stable`."""
    kinds: tuple[str, ...] = KINDS
    """Kinds of conversation that join recognition in the last stage."""
    without: tuple[str, ...] = ()
    """Parts of the curriculum (`stages.PARTS`) to leave out."""
    save_every: float = 240.0
    validate_every: float = 480.0


class Trainer:
    """Model, averaged weights, optimizers and progress of one run."""

    def __init__(
        self,
        corpus: Corpus,
        tokenizer: Tokenizer,
        shape: Shape,
        plan: TrainPlan,
        folder: Path,
        peers: Peers | None = None,
    ) -> None:
        """Start from random weights, or go on from the checkpoint in `folder`.

        Raises TrainingError when that is damaged, or of another corpus, shape or seed.
        """
        self.corpus, self.tokenizer, self.plan, self.folder = corpus, tokenizer, plan, folder
        self.peers = peers or Peers()
        self.model = Nano(shape, plan.seed)
        torch.manual_seed(plan.seed)
        self.objective = Objective(self.model, len(corpus.classes)).to(plan.device)
        self.losses: nn.Module = self.objective
        if self.peers.count > 1:  # every gradient is the mean over the processes; none has a use for every head
            self.losses = DistributedDataParallel(self.objective, find_unused_parameters=True)
        self.average = copy.deepcopy(self.model)
        self.optimizers = optimizers(self.model, self.objective.heads, plan.rate)
        self.progress: dict[str, Any] = {"elapsed": 0.0, "step": 0, "pictures": 0}
        self.progress |= {"shape": asdict(shape), "seed": plan.seed, "corpus": corpus.digest()}
        self._resume()

    def start_from(self, weights: dict[str, Tensor]) -> None:
        """Take over trained weights at the start of a run, which then leaves out the first stages."""
        for model in (self.model, self.average):
            model.load_state_dict(weights)
        self.progress["begun_trained"] = True

    def _keep_stable(self) -> None:
        """Set the checkpoint from before the decay aside, once."""
        stable = self.folder.with_name(f"{self.folder.name}-stable")
        if self.plan.decay and not self.progress.get("decaying") and self.progress["elapsed"] > 0:
            self.progress["decaying"] = True
            if self.peers.leads:
                save_state(stable, {**self.progress, "decaying": False}, self._state())

    def run(self, report: Report) -> None:
        """Train until the time budget is used up; `report` gets every line of the log.

        An interrupt from the keyboard saves first. Raises TrainingError, and saves nothing, when the loss runs away.
        """
        try:
            for stage in stages(self.plan.without, bool(self.progress.get("begun_trained"))):
                if self.share < stage.until and stage.has_members(self.corpus):
                    self._run_stage(stage, report)
        except KeyboardInterrupt:
            self._save()
            raise
        self._save()

    @property
    def share(self) -> float:
        """Part of the time budget that is used up."""
        return float(self.progress["elapsed"]) / self.plan.time_budget

    def _run_stage(self, stage: Stage, report: Report) -> None:
        if stage.name == TASKS and self.plan.kinds:
            self._tell_questions_apart()
        log: defaultdict[str, list[float]] = defaultdict(list)
        last = dict.fromkeys(("save", "validate", "log"), self.progress["elapsed"])
        begun, before = time.monotonic(), self.progress["elapsed"]
        for batch in self._feed(stage):
            for name, loss in self._step(batch).items():
                log[f"{name}_loss"].append(loss)
            now = before + time.monotonic() - begun
            self.progress["elapsed"] = now = self.peers.total(now if self.peers.leads else 0.0)
            ends = self.share >= stage.until
            if now > self.plan.time_budget - self.plan.decay:
                self._keep_stable()
            if self.peers.leads:
                if now - last["log"] > 30 or ends:
                    report(self._line(stage, {name: round(fmean(values), 4) for name, values in log.items()}))
                    log.clear()
                    last["log"] = now
                if now - last["validate"] > self.plan.validate_every or ends:
                    report(self._line(stage, self.validate(stage)))
                    last["validate"] = now
                if now - last["save"] > self.plan.save_every:
                    self._save()
                    last["save"] = now
            if ends:
                return

    def _tell_questions_apart(self) -> None:
        """Give the questions of the other kinds fresh embeddings where they all but coincide.

        Embeddings serve as the output layer too, and a token that is never the answer is pushed the same way by
        every step: after recognition alone the questions have a cosine of 0.97, and get one and the same answer.
        """
        rows = [number for text in QUESTIONS if (number := self.tokenizer.token_to_id(text)) is not None]
        embedding = self.model.model.embed_tokens.weight
        directions = nn.functional.normalize(embedding.detach()[rows], dim=1)
        if (directions @ directions.T).mean() < _COINCIDE:
            return
        generator = torch.Generator().manual_seed(self.plan.seed)
        fresh = torch.randn(len(rows), embedding.shape[1], generator=generator).to(embedding)
        with torch.no_grad():
            fresh *= embedding.square().mean().sqrt()
            for model in (self.model, self.average):
                model.model.embed_tokens.weight[rows] = fresh

    def _feed(self, stage: Stage) -> Iterable[Batch]:
        seed = (self.plan.seed, self.progress["step"], self.peers.rank)
        conversation = ConversationWriter(self.tokenizer, self.plan.kinds if stage.name == TASKS else ())
        return feed(Stream(self.corpus, conversation, stage, self.plan.cells, seed), self.plan.workers)

    def _line(self, stage: Stage, figures: dict[str, float]) -> dict[str, Any]:
        counts = {name: self.progress[name] for name in ("step", "pictures")}
        return {"elapsed": round(self.progress["elapsed"], 1), "stage": stage.name, **counts, **figures}

    def _step(self, batch: Batch) -> dict[str, float]:
        self._set_rate()
        losses: dict[str, Tensor] = self.losses(batch, self._cell_weight())
        try:
            descend(torch.stack(list(losses.values())).sum(), self.model, self.optimizers)
        except TrainingError as error:
            where = f"at step {self.progress['step'] + 1}; the checkpoint in {self.folder} is from before"
            raise TrainingError(f"{error} {where}: run again with a lower --rate") from None
        follow(self.average, self.model, self.progress["step"])
        self.progress["step"] += 1
        self.progress["pictures"] += int(self.peers.total(len(batch.pictures)))
        return {name: loss.item() for name, loss in losses.items()}

    def _cell_weight(self) -> float:
        """Dense supervision fades out over the run: it shows the way and then stops pulling."""
        return 0.0 if CELLS in self.plan.without else 40.0 * max(0.1, 1.0 - self.share / 0.8)

    def _set_rate(self) -> None:
        """Warm up at the start of the run, hold, and go down linearly at the end if that is asked for."""
        warm = min(1.0, (self.progress["step"] + 1) / _WARM_UP)
        left = self.plan.time_budget - self.progress["elapsed"]
        factor = warm * (min(1.0, left / self.plan.decay + 0.01) if self.plan.decay else 1.0)
        set_rate(self.optimizers, self.plan.rate * factor)

    def validate(self, stage: Stage) -> dict[str, float]:
        """Score the averaged weights on the held-out writers' ink."""
        kinds = self.plan.kinds if stage.name == TASKS else ()
        return validate(self.average, self.held, self.tokenizer, self.plan.cells, kinds)

    @cached_property
    def held(self) -> HeldOut:
        """The held-out ink, drawn when it is first asked for."""
        return HeldOut(self.corpus)

    def _save(self) -> None:
        if self.peers.leads:
            save_state(self.folder, self.progress, self._state())

    def _state(self) -> dict[str, Tensor]:
        """Every tensor that training goes on from."""
        tensors: dict[str, Tensor] = dict(self.objective.named_parameters())
        tensors |= {f"average.{name}": p for name, p in self.average.named_parameters()}
        for i, optimizer in enumerate(self.optimizers):
            for key, state in optimizer.state_dict()["state"].items():
                tensors |= {f"optimizer{i}.{key}.{name}": value for name, value in state.items()}
        return tensors

    def _resume(self) -> None:
        found = load_state(self.folder)
        if found is None:
            return
        progress, tensors = found
        for key in ("corpus", "shape", "seed"):
            if progress[key] != self.progress[key]:
                raise TrainingError(
                    f"the checkpoint in {self.folder} is of another {key} ({progress[key]}, now {self.progress[key]}); "
                    "resume it with the same, or train in another folder"
                )
        try:
            self._take_over(tensors)
        except (RuntimeError, ValueError, KeyError) as error:
            raise TrainingError(f"the checkpoint in {self.folder} is of another model or corpus ({error})") from None
        self.progress |= progress

    def _take_over(self, tensors: dict[str, Tensor]) -> None:
        self.objective.load_state_dict({k: t for k, t in tensors.items() if k.startswith(("model.", "heads."))})
        self.average.load_state_dict(_under(tensors, "average."))
        for i, optimizer in enumerate(self.optimizers):
            state: dict[int, dict[str, Tensor]] = {}
            for name, value in _under(tensors, f"optimizer{i}.").items():
                key, _, field = name.partition(".")
                state.setdefault(int(key), {})[field] = value
            optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
