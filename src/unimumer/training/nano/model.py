"""Qwen2.5-VL in plain torch for batches of equally large pictures: dense, without the library's loops over windows.

Parameters carry the names of the published checkpoints, so that a state dict saved here loads in transformers and
vLLM. One thing is folded while training: pictures are gray, so the patch embedding's three colors and two frames
are one. `unfold` spreads it out.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from unimumer.engines.geometry import MERGE, PATCH
from unimumer.imaging.scale import CELL
from unimumer.training.nano.shape import Shape


class RMSNorm(nn.Module):
    """Root-mean-square normalization with a learned gain (Zhang and Sennrich, 2019)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """Normalize the last axis."""
        return F.rms_norm(x, (x.shape[-1],), self.weight.to(x.dtype), 1e-6)


class GatedMLP(nn.Module):
    """SwiGLU (Shazeer, 2020)."""

    def __init__(self, width: int, hidden: int, bias: bool) -> None:
        """Projections `width` -> `hidden` -> `width`."""
        super().__init__()
        self.gate_proj = nn.Linear(width, hidden, bias)
        self.up_proj = nn.Linear(width, hidden, bias)
        self.down_proj = nn.Linear(hidden, width, bias)

    def forward(self, x: Tensor) -> Tensor:
        """Apply to the last axis."""
        out: Tensor = self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))
        return out


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary embedding of `x` [batch, heads, length, width]; `cos` and `sin` broadcast to it."""
    a, b = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-b, a), dim=-1) * sin


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> Tensor:
    """Scaled dot-product attention of [batch, heads, length, width] each; keys may have fewer heads than queries.

    `mask` is added to the scores. On a CPU the fused kernel's backward pass is three to nine times slower than
    these few products, measured at the lengths of this model.
    """
    groups = q.shape[1] // k.shape[1]
    if groups > 1:
        k, v = k.repeat_interleave(groups, dim=1), v.repeat_interleave(groups, dim=1)
    if q.device.type == "cuda":
        return F.scaled_dot_product_attention(q, k, v, attn_mask=None if mask is None else mask.to(q.dtype))
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
    if mask is not None:
        scores = scores + mask.to(scores.dtype)
    mixed: Tensor = scores.softmax(-1) @ v
    return mixed


def branch_mask(lead: int, branches: Sequence[int], device: torch.device) -> Tensor:
    """Additive causal mask of `lead` places that several branches follow, none of which sees another."""
    whole, start = lead + sum(branches), lead
    mask = torch.full((whole, whole), float("-inf"), device=device).triu(1)
    for length in branches:
        mask[start + length :, start : start + length] = float("-inf")
        start += length
    return mask


class VisionAttention(nn.Module):
    """Attention of every patch to every patch of its picture."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Attend within `x` [batch, patches, width]."""
        batch, length, width = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = attend(rotate(q, cos, sin), rotate(k, cos, sin), v)
        out: Tensor = self.proj(mixed.transpose(1, 2).reshape(batch, length, width))
        return out


class VisionBlock(nn.Module):
    """One layer of the vision tower."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.norm1 = RMSNorm(shape.vision_width)
        self.norm2 = RMSNorm(shape.vision_width)
        self.attn = VisionAttention(shape.vision_width, shape.vision_heads)
        self.mlp = GatedMLP(shape.vision_width, shape.vision_hidden, bias=True)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Attention, then the feed-forward part, both added."""
        x = x + self.attn(self.norm1(x), cos, sin)
        out: Tensor = x + self.mlp(self.norm2(x))
        return out


class Merger(nn.Module):
    """Joins the patches of one cell to one visual token."""

    def __init__(self, width: int, out: int) -> None:
        """Four patches of `width` become one token of `out`."""
        super().__init__()
        joined = width * MERGE**2
        self.ln_q = RMSNorm(width)
        self.mlp = nn.Sequential(nn.Linear(joined, joined), nn.GELU(), nn.Linear(joined, out))

    def forward(self, x: Tensor) -> Tensor:
        """Map [batch, 4 n, width] to [batch, n, out]."""
        out: Tensor = self.mlp(self.ln_q(x).view(x.shape[0], x.shape[1] // MERGE**2, -1))
        return out


def to_patches(pictures: Tensor) -> Tensor:
    """Cut pictures [batch, height, width] to patches [batch, n, 196], the four of a cell side by side."""
    batch, height, width = pictures.shape
    grid = pictures.view(batch, height // CELL, MERGE, PATCH, width // CELL, MERGE, PATCH)
    return grid.permute(0, 1, 4, 2, 5, 3, 6).reshape(batch, -1, PATCH * PATCH)


def patch_positions(rows: int, columns: int) -> Tensor:
    """Row and column of every patch [n, 2] of a picture of `rows` x `columns` cells, in the order of `to_patches`."""
    row = torch.arange(rows * MERGE).view(rows, MERGE, 1, 1).expand(-1, -1, columns, MERGE)
    column = torch.arange(columns * MERGE).view(1, 1, columns, MERGE).expand(rows, MERGE, -1, -1)
    return torch.stack([x.permute(0, 2, 1, 3).reshape(-1) for x in (row, column)], dim=1)


class Vision(nn.Module):
    """The vision tower: pictures to visual tokens."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.quarter = shape.vision_width // shape.vision_heads // 4
        # Of gray patches here; a 3-D convolution when it is exported.
        self.patch_embed = nn.Sequential(OrderedDict(proj=nn.Linear(PATCH * PATCH, shape.vision_width, bias=False)))
        self.blocks = nn.ModuleList(VisionBlock(shape) for _ in range(shape.vision_depth))
        self.merger = Merger(shape.vision_width, shape.text_width)

    def forward(self, pictures: Tensor) -> Tensor:
        """Map gray pictures [batch, height, width], paper 0 and ink -1, to tokens [batch, cells, text width]."""
        positions = patch_positions(pictures.shape[1] // CELL, pictures.shape[2] // CELL).to(pictures.device)
        return self.read(to_patches(pictures), *self.rotations(positions))

    def read(self, patches: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Map patches [batch, 4 cells, 196], turned by `rotations`, to tokens [batch, cells, text width]."""
        x = self.patch_embed(patches)
        cos, sin = cos.to(x.dtype), sin.to(x.dtype)
        for block in self.blocks:
            x = block(x, cos, sin)
        out: Tensor = self.merger(x)
        return out

    def rotations(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Cosines and sines [n, head width] for patch positions [n, 2]: half the angles from rows, half columns."""
        exponent = torch.arange(self.quarter, device=positions.device) / self.quarter
        angles = (positions[:, :, None] * 10000.0**-exponent).flatten(1)
        angles = torch.cat((angles, angles), dim=1)
        return angles.cos(), angles.sin()


class TextAttention(nn.Module):
    """Causal attention with grouped keys and values."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.head = shape.head
        self.q_proj = nn.Linear(shape.text_width, shape.text_heads * shape.head)
        self.k_proj = nn.Linear(shape.text_width, shape.text_kv_heads * shape.head)
        self.v_proj = nn.Linear(shape.text_width, shape.text_kv_heads * shape.head)
        self.o_proj = nn.Linear(shape.text_heads * shape.head, shape.text_width, bias=False)

    def queries(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Queries of `x` [batch, length, width]: [batch, heads, length, head width]."""
        return rotate(self._split(self.q_proj(x)), cos, sin)

    def remembered(self, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of `x` [batch, length, width], each [batch, key heads, length, head width]."""
        return rotate(self._split(self.k_proj(x)), cos, sin), self._split(self.v_proj(x))

    def _split(self, x: Tensor) -> Tensor:
        return x.view(x.shape[0], x.shape[1], -1, self.head).transpose(1, 2)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor) -> Tensor:
        """Attend within `x` [batch, length, width] as `mask` [length, length] allows."""
        mixed = attend(self.queries(x, cos, sin), *self.remembered(x, cos, sin), mask)
        out: Tensor = self.o_proj(mixed.transpose(1, 2).flatten(2))
        return out


class TextBlock(nn.Module):
    """One layer of the language model."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.self_attn = TextAttention(shape)
        self.mlp = GatedMLP(shape.text_width, shape.text_hidden, bias=False)
        self.input_layernorm = RMSNorm(shape.text_width)
        self.post_attention_layernorm = RMSNorm(shape.text_width)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor) -> Tensor:
        """Attention, then the feed-forward part, both added."""
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, mask)
        out: Tensor = x + self.mlp(self.post_attention_layernorm(x))
        return out


class TextModel(nn.Module):
    """The language model; embeddings serve as the output layer too."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embed_tokens = nn.Embedding(shape.vocabulary, shape.text_width)
        self.layers = nn.ModuleList(TextBlock(shape) for _ in range(shape.text_depth))
        self.norm = RMSNorm(shape.text_width)

    def forward(self, embedded: Tensor, positions: Tensor, mask: Tensor) -> Tensor:
        """Map embeddings [batch, length, width] at `positions` [3, length] to hidden states of the same size."""
        cos, sin = (x.to(embedded.dtype) for x in self.rotations(positions))
        for layer in self.layers:
            embedded = layer(embedded, cos, sin, mask)
        out: Tensor = self.norm(embedded)
        return out

    def rotations(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Cosines and sines [length, head width]: each frequency turns with time, row or column (Qwen2-VL, 2024)."""
        half = self.shape.head // 2
        frequency = self.shape.rope_theta ** -(torch.arange(half, device=positions.device) / half)
        axis = torch.repeat_interleave(torch.arange(3), torch.tensor(self.shape.sections)).to(positions.device)
        angles = positions[axis].T * frequency
        angles = torch.cat((angles, angles), dim=1)
        return angles.cos(), angles.sin()

    def logits(self, hidden: Tensor) -> Tensor:
        """Scores over the vocabulary."""
        return F.linear(hidden, self.embed_tokens.weight)


def text_positions(before: int, rows: int, columns: int, after: int) -> Tensor:
    """Positions [3, length] (time, row, column) of `before` tokens, rows x columns visual tokens, `after` tokens.

    As Qwen2-VL defines them: a picture takes one step in time and its text goes on after the larger of its sides.
    """
    lead = torch.arange(before).expand(3, -1)
    row = torch.arange(rows).repeat_interleave(columns)
    column = torch.arange(columns).repeat(rows)
    picture = before + torch.stack([torch.zeros_like(row), row, column])
    tail = before + max(rows, columns) + torch.arange(after).expand(3, -1)
    return torch.cat([lead, picture, tail], dim=1)


class Nano(nn.Module):
    """Vision tower and language model together, for pictures of one size."""

    def __init__(self, shape: Shape, seed: int = 0) -> None:
        """Random weights from `seed`."""
        super().__init__()
        self.shape = shape
        self.visual = Vision(shape)
        self.model = TextModel(shape)
        initialize(self, seed)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.model.embed_tokens.weight.device

    def forward(self, pictures: Tensor, before: Tensor, *branches: Tensor) -> tuple[list[Tensor], Tensor]:
        """Return hidden states [batch, length, width] of each branch, and the visual tokens.

        `pictures` is [batch, height, width]; `before` [tokens] is the same for all. Each branch [batch, length] goes
        on after the picture as if it were alone: the picture is read once for all of them.
        """
        visual = self.visual(pictures)
        lead = self.model.embed_tokens(before).expand(len(pictures), -1, -1)
        tails = [self.model.embed_tokens(branch).to(visual.dtype) for branch in branches]
        embedded = torch.cat([lead.to(visual.dtype), visual, *tails], dim=1)
        lengths = [branch.shape[1] for branch in branches]
        start = len(before) + visual.shape[1]
        rows, columns = pictures.shape[1] // CELL, pictures.shape[2] // CELL
        longest = text_positions(len(before), rows, columns, max(lengths))
        positions = torch.cat([longest[:, :start], *(longest[:, start : start + n] for n in lengths)], dim=1)
        mask = branch_mask(start, lengths, pictures.device)
        hidden = self.model(embedded, positions.to(pictures.device), mask)
        return list(hidden[:, start:].split(lengths, dim=1)), visual


def initialize(model: nn.Module, seed: int) -> None:
    """Fan-in scaled random weights; layers that write to the residual stream start at zero."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        if parameter.dim() < 2:
            nn.init.constant_(parameter, 0.0 if name.endswith("bias") else 1.0)
        elif name.endswith(("attn.proj.weight", "o_proj.weight", "down_proj.weight")):
            nn.init.zeros_(parameter)
        else:
            fan_in = parameter.shape[1]
            nn.init.normal_(parameter, std=1.0 / math.sqrt(fan_in), generator=generator)


def unfold(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Spread the gray patch embedding over three colors and two frames; a gray picture gives the same result.

    Half precision with the seven bits of bfloat16: the products of training have no more, and zeros pack well.
    """
    whole = {name: tensor.detach().cpu() for name, tensor in state.items()}
    gray = whole["visual.patch_embed.proj.weight"].view(-1, 1, 1, PATCH, PATCH)
    whole["visual.patch_embed.proj.weight"] = (gray / 6).expand(-1, 3, 2, -1, -1).contiguous()
    return {name: tensor.bfloat16().half() for name, tensor in whole.items()}


def fold(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Undo `unfold`: weights of a Hugging Face folder for `Nano.load_state_dict`."""
    state = {name: tensor.float() for name, tensor in tensors.items()}
    state["visual.patch_embed.proj.weight"] = state["visual.patch_embed.proj.weight"].sum(dim=(1, 2)).flatten(1)
    return state
