"""Weights between the training model, whose patch embedding is gray, and Qwen2.5-VL's, which has colors and frames."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from unimumer.engines.geometry import PATCH


def unfold(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Spread the gray patch embedding over three colors and two frames; a gray picture gives the same result."""
    tensors = {name: tensor.detach().half().cpu() for name, tensor in state.items()}
    gray = state["visual.patch_embed.proj.weight"].detach().cpu().view(-1, 1, 1, PATCH, PATCH)
    tensors["visual.patch_embed.proj.weight"] = (gray / 6).expand(-1, 3, 2, -1, -1).half().contiguous()
    return tensors


def fold(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Undo `unfold`: weights of a Hugging Face folder for `Nano.load_state_dict`."""
    state = {name: tensor.float() for name, tensor in tensors.items()}
    state["visual.patch_embed.proj.weight"] = state["visual.patch_embed.proj.weight"].sum(dim=(1, 2)).flatten(1)
    return state
