"""How weights move: the optimizers, and the moving average that is validated and shipped."""

from __future__ import annotations

import torch
from torch import Tensor, nn


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
    return [
        torch.optim.Muon(
            [{"params": inside, "scale": 2.0}], lr=rate, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"
        ),
        torch.optim.AdamW([{"params": rest, "scale": 1.0}], lr=rate, betas=(0.9, 0.98), weight_decay=0.0),
    ]


class Average:
    """Exponential moving average of a model's weights, short at first. In a `with` block the model has them."""

    def __init__(self, model: nn.Module) -> None:
        """Start with the weights as they are."""
        self._model = model
        self.weights: dict[str, Tensor] = {name: p.detach().clone() for name, p in model.named_parameters()}

    def follow(self, step: int) -> None:
        """Take in the weights after `step` steps."""
        keep = min(0.999, (1 + step) / (20 + step))
        ours, theirs = list(self.weights.values()), [p.data for p in self._model.parameters()]
        with torch.no_grad():
            torch._foreach_lerp_(ours, theirs, 1 - keep)

    def __enter__(self) -> None:
        """Exchange the model's weights for their average."""
        self._exchange()

    def __exit__(self, *_: object) -> None:
        """Give the model its own weights back."""
        self._exchange()

    def _exchange(self) -> None:
        for name, parameter in self._model.named_parameters():
            parameter.data, self.weights[name] = self.weights[name], parameter.data
