"""What a batch costs: the losses of symbols, texts and cells, and the scores of the right answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from unimumer.training.nano.batches import ExpressionBatch, SymbolBatch
from unimumer.training.nano.conversation import IGNORE
from unimumer.training.nano.model import Nano

Batch = SymbolBatch | ExpressionBatch
_OTHER_KINDS = 0.5
"""Weight of another kind of conversation beside recognition."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Scores of one branch under the right answer so far."""

    kind: str
    logits: Tensor
    """[batch, length, vocabulary]"""
    targets: Tensor
    """[batch, length], `IGNORE` where nothing is asked."""

    def losses(self) -> Tensor:
        """Cross entropy of each token [batch, length], in nats; 0 where nothing is asked."""
        flat = self.logits.flatten(0, 1).float()
        each = F.cross_entropy(flat, self.targets.flatten(), ignore_index=IGNORE, reduction="none")
        return each.view(self.targets.shape)

    def loss(self) -> Tensor:
        """Cross entropy of a token; 0 when nothing is asked."""
        return self.losses().sum() / (self.targets != IGNORE).sum().clamp(min=1)


def multiplies_bfloat16(device: torch.device) -> bool:
    """Whether PyTorch has fast products of such numbers on a device: not on processors with AVX2 alone.

    From AVX-512 on oneDNN has kernels for them, with or without instructions of their own.
    """
    if device.type != "cpu":
        return True
    known: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return any(has for name, has in known.items() if "bf16" in name or name == "avx512_bw")


def reduced(model: Nano) -> torch.autocast:
    """Within it products are computed in bfloat16, on a processor only where that is fast.

    Elsewhere PyTorch multiplies one by one: a step took sixty times as long on a processor with AVX2 alone.
    """
    return torch.autocast(model.device.type, torch.bfloat16, enabled=multiplies_bfloat16(model.device))


def answers(model: Nano, batch: ExpressionBatch) -> tuple[list[Asked], Tensor]:
    """Every branch of a batch, and the visual tokens [batch, cells, width]."""
    tokens = [_tensor(model, branch.tokens) for branch in batch.branches]
    hidden, visual = model(_pictures(model, batch), _tensor(model, batch.before), *tokens)
    logits = (model.model.logits(states) for states in hidden)
    pairs = zip(batch.branches, logits)
    return [Asked(branch.kind, scores, _tensor(model, branch.targets)) for branch, scores in pairs], visual


class Objective(nn.Module):
    """A model with the linear heads that only training needs: symbols in a picture, symbols in a cell."""

    def __init__(self, model: Nano, classes: int) -> None:
        """Heads for `classes` symbol classes."""
        super().__init__()
        self.model = model
        self.heads = nn.ModuleDict({name: nn.Linear(model.shape.text_width, classes) for name in ("symbols", "cells")})

    def forward(self, batch: Batch, cell_weight: float = 0.0) -> dict[str, Tensor]:
        """Losses by name, weighted; their sum is what is minimized."""
        with reduced(self.model):
            if isinstance(batch, SymbolBatch):
                tokens = self.model.visual(_pictures(self.model, batch))
                scores = self.heads["symbols"](tokens.mean(dim=1)).float()
                return {"symbols": F.cross_entropy(scores, _tensor(self.model, batch.classes))}
            asked, visual = answers(self.model, batch)
            losses = {"text": asked[0].loss()}
            losses |= {branch.kind: _OTHER_KINDS * branch.loss() for branch in asked[1:]}
            if cell_weight:
                cells, scores = _tensor(self.model, batch.cells).float(), self.heads["cells"](visual).float()
                losses["cells"] = cell_weight * F.binary_cross_entropy_with_logits(scores, cells)
            return losses


def _pictures(model: Nano, batch: Batch) -> Tensor:
    """Pictures as the vision tower takes them: paper 0, ink -1."""
    return _tensor(model, batch.pictures).float() / 255 - 1


def _tensor(model: Nano, array: NDArray[np.generic]) -> Tensor:
    return torch.from_numpy(array).to(model.device)
