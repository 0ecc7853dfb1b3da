"""Trains Nano from random weights on real ink, stage by stage, within a time budget; stop and resume at will."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from unimumer.data.sample import DataError
from unimumer.tasks import recognize
from unimumer.training.nano.batches import IGNORE, Conversation, ExpressionBatch, Source, SymbolBatch
from unimumer.training.nano.checkpoint import load_state, save_state
from unimumer.training.nano.corpus import Corpus
from unimumer.training.nano.model import Nano
from unimumer.training.nano.shape import Shape

Batch = SymbolBatch | ExpressionBatch
Report = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of the curriculum."""

    name: str
    until: float
    """Share of the time budget at which it ends."""
    longest: int | None = None
    """Longest label, in tokens."""

    def has_members(self, corpus: Corpus) -> bool:
        """Whether the corpus has training expressions that are short enough."""
        lengths = (len(label.split()) for label, held in zip(corpus.labels, corpus.validation) if not held)
        return self.longest is None or any(length <= self.longest for length in lengths)


STAGES = (Stage("symbols", 0.06), Stage("short", 0.22, longest=10), Stage("all", 1.0))
"""Symbols teach the vision tower what the text loss alone is slow to; short expressions teach the text to look."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does. Times are in seconds."""

    time_budget: float
    seed: int = 0
    device: str = "cpu"
    cells: int = 1280
    """Visual tokens a step."""
    workers: int = 1
    rate: float = 1e-3
    """Peak learning rate."""
    save_every: float = 240.0
    validate_every: float = 480.0


class _Stream(IterableDataset[Batch]):
    """Batches of one stage, drawn in the loader's worker processes."""

    def __init__(self, corpus: Corpus, tokenizer: str, stage: Stage, plan: Plan, step: int) -> None:
        super().__init__()
        self.args = (corpus, tokenizer, stage, plan, step)

    def __iter__(self) -> Iterator[Batch]:
        corpus, tokenizer, stage, plan, step = self.args
        worker = torch.utils.data.get_worker_info()
        conversation = Conversation(Tokenizer.from_str(tokenizer), recognize.prompt())
        source = Source(corpus, conversation, (plan.seed, step, worker.id if worker else 0))
        if stage.name == "symbols":
            return source.symbols(plan.cells // 4)
        return source.expressions(plan.cells, stage.longest)


class Trainer:
    """Model, averaged weights, optimizers and progress of one run."""

    def __init__(self, corpus: Corpus, tokenizer: Tokenizer, shape: Shape, plan: Plan, folder: Path) -> None:
        """Start from random weights, or go on from the checkpoint in `folder`.

        Raises DataError when that is damaged, or of another corpus, shape or seed.
        """
        self.corpus, self.tokenizer, self.plan, self.folder = corpus, tokenizer, plan, folder
        self.device = torch.device(plan.device)
        self.model = Nano(shape, plan.seed).to(self.device)
        self.heads = nn.ModuleDict(
            {name: nn.Linear(shape.text_width, len(corpus.classes)) for name in ("symbols", "cells")}
        ).to(self.device)
        self.average = {name: p.detach().clone() for name, p in self.model.named_parameters()}
        self.optimizers = _optimizers(self.model, self.heads, plan.rate)
        self.progress: dict[str, Any] = {"elapsed": 0.0, "step": 0, "pictures": 0}
        self.progress |= {"shape": shape.to_dict(), "seed": plan.seed, "corpus": corpus.digest()}
        self._resume()

    def start_from(self, weights: dict[str, Tensor]) -> None:
        """Take over trained weights at the start of a run, which then has the last stage only."""
        self.model.load_state_dict(weights)
        self.progress["begun_trained"] = True
        self.average = {name: p.detach().clone() for name, p in self.model.named_parameters()}

    def run(self, report: Report) -> None:
        """Train until the time budget is used up; `report` gets every line of the log.

        An interrupt from the keyboard saves first. Raises DataError, and saves nothing, when the loss runs away.
        """
        try:
            for stage in STAGES[-1:] if self.progress.get("begun_trained") else STAGES:
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
        stream = _Stream(self.corpus, self.tokenizer.to_str(), stage, self.plan, self.progress["step"])
        loader = DataLoader(
            stream,
            batch_size=None,
            num_workers=self.plan.workers,
            prefetch_factor=8 if self.plan.workers else None,
        )
        log, last = _Means(), {"save": self._elapsed(), "validate": self._elapsed(), "log": self._elapsed()}
        begun, before = time.monotonic(), self._elapsed()
        for batch in loader:
            log.add(self._step(stage, batch))
            self.progress["elapsed"] = now = before + time.monotonic() - begun
            if now - last["log"] > 30 or self.share >= stage.until:
                report(self._line(stage, log.take()))
                last["log"] = now
            if now - last["validate"] > self.plan.validate_every or self.share >= stage.until:
                report(self._line(stage, self.validate()))
                last["validate"] = now
            if now - last["save"] > self.plan.save_every:
                self._save()
                last["save"] = now
            if self.share >= stage.until:
                return

    def _elapsed(self) -> float:
        return float(self.progress["elapsed"])

    def _line(self, stage: Stage, figures: dict[str, float]) -> dict[str, Any]:
        counts = {name: self.progress[name] for name in ("step", "pictures")}
        return {"elapsed": round(self._elapsed(), 1), "stage": stage.name, **counts, **figures}

    def _step(self, stage: Stage, batch: Batch) -> dict[str, float]:
        self._set_rate(stage)
        with torch.autocast(self.device.type, torch.bfloat16):
            losses = self._symbol_losses(batch) if isinstance(batch, SymbolBatch) else self._expression_losses(batch)
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        total: Tensor = (
            losses["text"] + self._cell_weight() * losses["cells"] if "cells" in losses else losses["symbols"]
        )
        total.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._check_finite(float(total.detach() + norm))
        for optimizer in self.optimizers:
            optimizer.step()
        self._average()
        self.progress["step"] += 1
        self.progress["pictures"] += len(batch.pictures)
        return {f"{name}_loss": loss.item() for name, loss in losses.items()}

    def _check_finite(self, figure: float) -> None:
        if not math.isfinite(figure):
            raise DataError(
                f"the loss is not finite at step {self.progress['step'] + 1}; the checkpoint in {self.folder} is from "
                "before: run again with a lower --rate"
            )

    def _cell_weight(self) -> float:
        """Dense supervision fades out over the run: it shows the way and then stops pulling."""
        return 40.0 * max(0.1, 1.0 - self.share / 0.8)

    def _set_rate(self, stage: Stage) -> None:
        """Warm up at the start of the run, hold, and go down linearly over the last half."""
        warm = min(1.0, (self.progress["step"] + 1) / 40)
        factor = warm * min(1.0, (1.0 - self.share) / 0.5 + 0.01)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.plan.rate * group["scale"] * factor

    def _average(self) -> None:
        """Exponential moving average of the weights, short at first."""
        step = int(self.progress["step"])
        keep = min(0.999, (1 + step) / (20 + step))
        names = [name for name, _ in self.model.named_parameters()]
        with torch.no_grad():
            torch._foreach_lerp_([self.average[n] for n in names], [p.data for p in self.model.parameters()], 1 - keep)

    def _pictures(self, batch: Batch) -> Tensor:
        return torch.from_numpy(batch.pictures).to(self.device).float() / 255 - 1

    def _symbol_losses(self, batch: SymbolBatch) -> dict[str, Tensor]:
        tokens = self.model.visual(self._pictures(batch))
        scores = self.heads["symbols"](tokens.mean(dim=1))
        return {"symbols": F.cross_entropy(scores.float(), torch.from_numpy(batch.classes).to(self.device))}

    def _expression_losses(self, batch: ExpressionBatch) -> dict[str, Tensor]:
        logits, visual, targets = self._answer_logits(batch)
        cells = torch.from_numpy(batch.cells).to(self.device)
        scores = self.heads["cells"](visual).float()
        text = F.cross_entropy(logits.flatten(0, 1).float(), targets.flatten(), ignore_index=IGNORE)
        return {"text": text, "cells": F.binary_cross_entropy_with_logits(scores, cells.float())}

    def _answer_logits(self, batch: ExpressionBatch) -> tuple[Tensor, Tensor, Tensor]:
        """Logits [batch, answer, vocabulary] under the right answer so far, visual tokens, targets [batch, answer]."""
        before, after, targets = (
            torch.from_numpy(x).to(self.device) for x in (batch.before, batch.after, batch.targets)
        )
        hidden, visual = self.model(self._pictures(batch), before, after[:, :-1])
        return self.model.model.logits(hidden[:, -targets.shape[1] :]), visual, targets

    def validate(self) -> dict[str, float]:
        """Score the averaged weights on the held-out writers' ink.

        `exprate`, in %, counts expressions all of whose tokens rank first given the right ones before them: these
        are exactly those that greedy decoding gets right. `exprate_new` counts only those whose label is not among
        the training labels: the collections have many expressions in several hands, and only the new ones tell
        whether the model reads or remembers.
        """
        source = Source(self.corpus, Conversation(self.tokenizer, recognize.prompt()), (0,), validation=True)
        known = {self.corpus.labels[i] for i in np.flatnonzero(~self.corpus.validation)}
        new = np.array([label not in known for label in self.corpus.labels])
        right = right_new = tokens = total = loss = 0.0
        with torch.no_grad(), torch.autocast(self.device.type, torch.bfloat16), self._averaged():
            for batch in source.once(self.plan.cells):
                logits, _, targets = self._answer_logits(batch)
                asked = targets != IGNORE
                hit = (logits.argmax(-1) == targets) | ~asked
                whole = hit.all(dim=1).cpu().numpy()
                right += whole.sum()
                right_new += whole[new[batch.members]].sum()
                tokens += (hit & asked).sum().item()
                total += asked.sum().item()
                loss += F.cross_entropy(
                    logits.flatten(0, 1).float(), targets.flatten(), ignore_index=IGNORE, reduction="sum"
                ).item()
        n, n_new = len(source.members), int(new[source.members].sum())
        return {
            "n": n,
            "exprate": 100 * right / n,
            "n_new": n_new,
            "exprate_new": 100 * right_new / max(1, n_new),
            "token_accuracy": 100 * tokens / total,
            "validation_loss": loss / total,
        }

    def _averaged(self) -> _Swap:
        return _Swap(self.model, self.average)

    def _save(self) -> None:
        save_state(self.folder, self.progress, self._state())

    def _state(self) -> dict[str, Tensor]:
        """Every tensor that training goes on from."""
        tensors: dict[str, Tensor] = {f"model.{name}": p for name, p in self.model.named_parameters()}
        tensors |= {f"heads.{name}": p for name, p in self.heads.named_parameters()}
        tensors |= {f"average.{name}": p for name, p in self.average.items()}
        for i, optimizer in enumerate(self.optimizers):
            for key, state in optimizer.state_dict()["state"].items():
                tensors |= {f"optimizer{i}.{key}.{name}": value for name, value in state.items()}
        return tensors

    def _resume(self) -> None:
        found = load_state(self.folder)
        if found is None:
            return
        progress, tensors = found
        for key in ("corpus", "shape", "seed"):  # an early checkpoint may not know it
            if progress.get(key, self.progress[key]) != self.progress[key]:
                raise DataError(
                    f"the checkpoint in {self.folder} is of another {key} ({progress[key]}, now {self.progress[key]}); "
                    "resume it with the same, or train in another folder"
                )
        try:
            self._take_over(tensors)
        except (RuntimeError, ValueError, KeyError) as error:
            raise DataError(f"the checkpoint in {self.folder} is of another model or corpus ({error})") from None
        self.progress |= progress

    def _take_over(self, tensors: dict[str, Tensor]) -> None:
        for module, prefix in ((self.model, "model."), (self.heads, "heads.")):
            module.load_state_dict(_under(tensors, prefix))
        for name, average in self.average.items():
            average.copy_(tensors[f"average.{name}"])
        for i, optimizer in enumerate(self.optimizers):
            state: dict[int, dict[str, Tensor]] = {}
            for name, value in _under(tensors, f"optimizer{i}.").items():
                key, _, field = name.partition(".")
                state.setdefault(int(key), {})[field] = value
            optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


class _Swap:
    """Puts other weights into a model for the length of a `with` block."""

    def __init__(self, model: nn.Module, weights: dict[str, Tensor]) -> None:
        self.model, self.weights = model, weights

    def _exchange(self) -> None:
        for name, parameter in self.model.named_parameters():
            parameter.data, self.weights[name] = self.weights[name], parameter.data

    def __enter__(self) -> None:
        self._exchange()

    def __exit__(self, *_: object) -> None:
        self._exchange()


class _Means:
    """Means of named figures since last asked."""

    def __init__(self) -> None:
        self.sums: dict[str, float] = {}
        self.count = 0

    def add(self, figures: dict[str, float]) -> None:
        self.count += 1
        for name, value in figures.items():
            self.sums[name] = self.sums.get(name, 0.0) + value

    def take(self) -> dict[str, float]:
        means = {name: round(value / self.count, 4) for name, value in self.sums.items()}
        self.sums, self.count = {}, 0
        return means


def _optimizers(model: nn.Module, heads: nn.Module, rate: float) -> list[torch.optim.Optimizer]:
    """Muon (Jordan, 2024) for the matrices of the layers, AdamW for the rest.

    Muon learns more from each step; its cost grows with the cube of a matrix's shorter side, so the wide merger is
    left to AdamW.
    """
    inside: list[nn.Parameter] = []
    rest = list(heads.parameters())
    for name, parameter in model.named_parameters():
        layered = parameter.dim() == 2 and ("blocks." in name or "layers." in name)
        (inside if layered else rest).append(parameter)
    return [
        torch.optim.Muon(
            [{"params": inside, "scale": 2.0}], lr=rate, weight_decay=0.02, adjust_lr_fn="match_rms_adamw"
        ),
        torch.optim.AdamW([{"params": rest, "scale": 1.0}], lr=rate, betas=(0.9, 0.98), weight_decay=0.0),
    ]
