"""Writes a trained Nano as the graphs the package runs without torch, in float or with int8 products."""

from __future__ import annotations

import copy
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer
from torch import Tensor, nn

from unimumer.engines.geometry import MERGE, PATCH
from unimumer.engines.nano import FILES, Description
from unimumer.files import sha256, write_bytes, write_json, write_text
from unimumer.training.nano.model import Nano, TextAttention, TextBlock, fold, unfold
from unimumer.training.nano.shape import SCALE

PARTS = ("encoder", "decoder")


class _Encoder(nn.Module):
    """Patches of one picture [patches, 196] to visual tokens [cells, width]; positions come in as numbers."""

    def __init__(self, model: Nano) -> None:
        super().__init__()
        self.visual = model.visual

    def forward(self, patches: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        return self.visual.read(patches[None], cos, sin)[0]


class _Decoder(nn.Module):
    """Embeddings to the next token's log-probabilities; keys and values of all layers are stacked.

    Out come the new keys and values only: the caller keeps the others where they are, so that no step copies them.
    """

    def __init__(self, model: Nano) -> None:
        super().__init__()
        self.language = model.model

    def forward(
        self,
        before: Tensor,
        visual: Tensor,
        after: Tensor,
        cos: Tensor,
        sin: Tensor,
        mask: Tensor,
        past: Tensor,
    ) -> tuple[Tensor, Tensor]:
        embed = self.language.embed_tokens
        x = torch.cat([embed(before), visual, embed(after)], dim=1)
        caches: list[Tensor] = []
        for i, layer in enumerate(self.language.layers):
            assert isinstance(layer, TextBlock)
            asked = slice(-1, None) if i == len(self.language.layers) - 1 else slice(None)
            x = _layer(layer, x, (cos, sin), mask, (past[2 * i], past[2 * i + 1]), caches, asked)
        last = self.language.norm(x[:, 0])
        return self.language.logits(last).log_softmax(-1), torch.stack(caches)


def _layer(
    block: TextBlock,
    x: Tensor,
    rotation: tuple[Tensor, Tensor],
    mask: Tensor,
    past: tuple[Tensor, Tensor],
    caches: list[Tensor],
    asked: slice,
) -> Tensor:
    """What a block makes of the tokens that are `asked` for; all tokens' keys and values go to `caches`."""
    normed = block.input_layernorm(x)
    k, v = block.self_attn.remembered(normed, *rotation)
    caches += (k, v)
    q = block.self_attn.queries(normed[:, asked], *(part[:, :, asked] for part in rotation))
    x = x[:, asked] + _attended(block.self_attn, q, (past[0], k), (past[1], v), mask[:, :, asked])
    out: Tensor = x + block.mlp(block.post_attention_layernorm(x))
    return out


def _attended(
    attention: TextAttention, q: Tensor, keys: tuple[Tensor, Tensor], values: tuple[Tensor, Tensor], mask: Tensor
) -> Tensor:
    """Attend to past and new keys, neither joined nor repeated for the query heads that share them."""
    batch, heads, length, width = q.shape
    shared = keys[0].shape[1]
    q = (q * width**-0.5).reshape(batch, shared, heads // shared * length, width)
    scores = torch.cat([q @ k.transpose(-1, -2) for k in keys], dim=-1)
    scores = scores.view(batch, shared, heads // shared, length, -1) + mask[:, None]
    weights = scores.softmax(-1).view(batch, shared, heads // shared * length, -1)
    old = keys[0].shape[2]
    mixed = weights[..., :old] @ values[0] + weights[..., old:] @ values[1]
    out: Tensor = attention.o_proj(mixed.view(batch, heads, length, width).transpose(1, 2).flatten(2))
    return out


def export_runtime(model: Nano, tokenizer: Tokenizer, folder: Path, name: str, int8: Collection[str] = ()) -> None:
    """Write `encoder.onnx`, `decoder.onnx`, `tokenizer.json` and `nano.json`, which names and checks the others.

    Most matrix products of the `PARTS` in `int8` are done in 8-bit integers, weights scaled by column, the other side
    by its range at the moment; all else stays float.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # With the half-precision weights of the Hugging Face folder, rounded after they are spread out.
    model = copy.deepcopy(model).cpu()
    model.load_state_dict(fold(unfold(model.state_dict())))
    model.float().eval()
    for part, graph in zip(PARTS, (_encoder_graph(model), _decoder_graph(model))):
        graph = quantized(graph) if part in int8 else graph
        halve(graph)
        _forget_origin(graph)
        onnx.checker.check_model(graph)
        write_bytes(folder / f"{part}.onnx", graph.SerializeToString())
    write_text(folder / "tokenizer.json", tokenizer.to_str(pretty=True))
    shape = model.shape
    description = Description(
        name=name,
        **asdict(SCALE),
        vision_head=shape.vision_width // shape.vision_heads,
        text_layers=shape.text_depth,
        text_kv_heads=shape.text_kv_heads,
        text_head=shape.head,
        rope_theta=shape.rope_theta,
        sections=shape.sections,
        sha256={file: sha256(folder / file) for file in FILES},
    )
    write_json(folder / "nano.json", asdict(description), indent=1)


def _encoder_graph(model: Nano) -> onnx.ModelProto:
    width = model.shape.vision_width // model.shape.vision_heads
    n = MERGE**2 * torch.export.Dim("cells")
    example = (torch.zeros(24, PATCH * PATCH), torch.zeros(24, width), torch.zeros(24, width))
    dynamic = ({0: n}, {0: n}, {0: n})
    return _graph(_Encoder(model), example, dynamic, ["patches", "cos", "sin"], ["visual"])


def _decoder_graph(model: Nano) -> onnx.ModelProto:
    shape = model.shape
    Dim = torch.export.Dim
    batch, before, cells, after, past = (Dim(name) for name in ("batch", "before", "cells", "after", "past"))
    length = Dim.DYNAMIC
    example = (
        torch.zeros(2, 3, dtype=torch.long),
        torch.zeros(2, 5, shape.text_width),
        torch.zeros(2, 4, dtype=torch.long),
        torch.zeros(2, 1, 12, shape.head),
        torch.zeros(2, 1, 12, shape.head),
        torch.zeros(2, 1, 12, 19),
        torch.zeros(2 * shape.text_depth, 2, shape.text_kv_heads, 7, shape.head),
    )
    dynamic = (
        {0: batch, 1: before},
        {0: batch, 1: cells},
        {0: batch, 1: after},
        {0: batch, 2: length},
        {0: batch, 2: length},
        {0: batch, 2: length, 3: length},
        {1: batch, 3: past},
    )
    names = ["before", "visual", "after", "cos", "sin", "mask", "past"]
    return _graph(_Decoder(model), example, dynamic, names, ["logprobs", "caches"])


def _graph(
    module: nn.Module,
    example: tuple[Tensor, ...],
    dynamic: tuple[Any, ...],
    inputs: list[str],
    outputs: list[str],
) -> onnx.ModelProto:
    program = torch.onnx.export(
        module.eval(),
        example,
        dynamic_shapes=dynamic,
        input_names=inputs,
        output_names=outputs,
        dynamo=True,
        verbose=False,
    )
    assert program is not None, "the exporter returns a program unless it is given a file"
    return program.model_proto


def quantized(graph: onnx.ModelProto) -> onnx.ModelProto:
    """Replace products with constant matrices by products of 8-bit integers, but for those that end a gated layer.

    The few large values of what these read leave the others little of the 8 bits: most of the error is theirs
    (`docs/log.md`).
    """
    nodes = [(node.name, {note.key: note.value for note in node.metadata_props}) for node in graph.graph.node]
    spared = [name for name, notes in nodes if "down_proj" in notes.get("pkg.torch.onnx.name_scopes", "")]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "graph.onnx"
        quantize_dynamic(
            graph,
            path,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=spared,
        )
        return onnx.load(path)


def halve(model: onnx.ModelProto) -> None:
    """Store large float weights in half precision; the runtime widens them once, when it loads the graph."""
    graph = model.graph
    casts = []
    for weight in list(graph.initializer):
        if weight.data_type != TensorProto.FLOAT or np.prod(weight.dims) < 1024:
            continue
        halved = numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float16), weight.name + "_half")
        casts.append(helper.make_node("Cast", [halved.name], [weight.name], to=TensorProto.FLOAT))
        graph.initializer.remove(weight)
        graph.initializer.append(halved)
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def _forget_origin(model: onnx.ModelProto) -> None:
    """Remove what the exporter notes about source files: it is of no use, and holds the paths of this machine."""
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer):
        part.doc_string = ""
        part.ClearField("metadata_props")
