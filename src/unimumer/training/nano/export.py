"""Writes a trained Nano twice: as a Hugging Face folder, and as the graphs the package runs without torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from unimumer.data.sample import DataError
from unimumer.engines import chat
from unimumer.engines.checkpoint import scale_entry
from unimumer.engines.geometry import MERGE, PATCH
from unimumer.engines.nano import FILES, Description
from unimumer.engines.pictures import Scale
from unimumer.imaging.scale import CELL
from unimumer.tasks import prompts
from unimumer.training.nano.batches import MAX_COLUMNS, MAX_ROWS, SYMBOL_PIXELS
from unimumer.training.nano.checkpoint import shards
from unimumer.training.nano.folding import unfold
from unimumer.training.nano.model import Nano
from unimumer.training.nano.shape import huggingface_config

_SEEN_LARGER = 1.2
"""Scale at which pictures are read, over that of training, both by their own measure of a typical symbol.

`imaging.symbol_size` sees the pen's width too and is a tenth larger than the ink's own measure; on validation ink a
fifth did best (54.0 % right, n 632, against 50.8 at a tenth and 46.0 at none; 1.3 to 1.5 gave 53.3 to 54.1).
"""
SCALE = Scale(SYMBOL_PIXELS * _SEEN_LARGER, MAX_ROWS, MAX_COLUMNS)

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if loop.first and message['role'] != 'system' %}"
    f"<|im_start|>system\n{prompts.SYSTEM}<|im_end|>\n"
    "{% endif %}"
    "<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% elif part['type'] == 'text' %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endif %}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""The conversation format of Qwen2.5-VL, for pictures and text."""


def export_huggingface(model: Nano, tokenizer: Tokenizer, folder: Path) -> None:
    """Write weights (float16, files under 16 MiB), configuration, tokenizer and picture processor."""
    _take_over(folder)
    _write_weights(unfold(model.state_dict()), folder)
    ids = {name: chat.token_id(tokenizer, name) for name in chat.CONTROL}
    _write_json(folder / "config.json", huggingface_config(model.shape, ids))
    _write_json(
        folder / "generation_config.json",
        {"eos_token_id": ids["<|im_end|>"], "pad_token_id": ids["<|endoftext|>"]},
    )
    _write_json(folder / "preprocessor_config.json", _processor_config())
    _write_json(folder / "tokenizer_config.json", _tokenizer_config())
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE)
    tokenizer.save(str(folder / "tokenizer.json"))


def _take_over(folder: Path) -> None:
    """Make the folder, or take over one that this module wrote; another model in it is not destroyed."""
    template = folder / "chat_template.jinja"
    if any(folder.glob("*.safetensors")) and not (template.is_file() and template.read_text() == CHAT_TEMPLATE):
        raise DataError(f"{folder} holds another model; give another folder")
    folder.mkdir(parents=True, exist_ok=True)


def _write_weights(tensors: dict[str, Tensor], folder: Path) -> None:
    for stale in folder.glob("model*.safetensors*"):
        stale.unlink()
    groups = shards(tensors)
    names = [f"model-{i + 1:05d}-of-{len(groups):05d}.safetensors" for i in range(len(groups))]
    for name, group in zip(names, groups):
        save_file(group, folder / name, metadata={"format": "pt"})
        (folder / name).chmod(0o644)
    total = sum(t.numel() * t.element_size() for t in tensors.values())
    where = {key: name for name, group in zip(names, groups) for key in group}
    _write_json(folder / "model.safetensors.index.json", {"metadata": {"total_size": total}, "weight_map": where})


def _processor_config() -> dict[str, Any]:
    """Pictures that are multiples of a cell pass unchanged; paper becomes 0 and ink -1, as in training."""
    return {
        "image_processor_type": "Qwen2VLImageProcessor",
        "processor_class": "Qwen2_5_VLProcessor",
        "do_convert_rgb": True,
        "do_resize": True,
        "do_rescale": True,
        "do_normalize": True,
        "rescale_factor": 1 / 255,
        "image_mean": [1.0, 1.0, 1.0],
        "image_std": [1.0, 1.0, 1.0],
        "patch_size": PATCH,
        "temporal_patch_size": 2,
        "merge_size": MERGE,
        "min_pixels": CELL * CELL,
        "max_pixels": MAX_ROWS * MAX_COLUMNS * CELL * CELL,
        **scale_entry(SCALE),
    }


def _tokenizer_config() -> dict[str, Any]:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "processor_class": "Qwen2_5_VLProcessor",
        "bos_token": None,
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "additional_special_tokens": list(chat.CONTROL[3:]),
        "clean_up_tokenization_spaces": False,
        "model_max_length": 4096,
    }


class _Encoder(nn.Module):
    """Patches to visual tokens; positions and padding come in as numbers."""

    def __init__(self, model: Nano) -> None:
        super().__init__()
        self.visual = model.visual

    def forward(self, patches: Tensor, cos: Tensor, sin: Tensor, mask: Tensor) -> Tensor:
        x = self.visual.patch_embed(patches)
        for block in self.visual.blocks:
            x = block(x, cos, sin, mask)
        out: Tensor = self.visual.merger(x)
        return out


class _Decoder(nn.Module):
    """Embeddings to the next token's log-probabilities, with keys and values of all layers stacked."""

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
        caches = []
        for i, layer in enumerate(self.language.layers):
            x, cache = layer(x, cos, sin, mask, (past[2 * i], past[2 * i + 1]))
            caches += cache
        last = self.language.norm(x[:, -1])
        return self.language.logits(last).log_softmax(-1), torch.stack(caches)


def export_runtime(model: Nano, tokenizer: Tokenizer, folder: Path, name: str) -> None:
    """Write `encoder.onnx`, `decoder.onnx`, `tokenizer.json` and `nano.json`, which names and checks the others."""
    folder.mkdir(parents=True, exist_ok=True)
    model = model.float().cpu().eval()
    _export_encoder(model, folder / "encoder.onnx")
    _export_decoder(model, folder / "decoder.onnx")
    tokenizer.save(str(folder / "tokenizer.json"))
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
        sha256={file: hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in FILES},
    )
    _write_json(folder / "nano.json", asdict(description))


def _export_encoder(model: Nano, path: Path) -> None:
    width = model.shape.vision_width // model.shape.vision_heads
    batch, n = torch.export.Dim("batch"), MERGE**2 * torch.export.Dim("cells")
    example = (
        torch.zeros(2, 24, PATCH * PATCH),
        torch.zeros(2, 1, 24, width),
        torch.zeros(2, 1, 24, width),
        torch.zeros(2, 1, 1, 24),
    )
    dynamic = ({0: batch, 1: n}, {0: batch, 2: n}, {0: batch, 2: n}, {0: batch, 3: n})
    _export(_Encoder(model), example, dynamic, ["patches", "cos", "sin", "mask"], ["visual"], path)


def _export_decoder(model: Nano, path: Path) -> None:
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
    _export(_Decoder(model), example, dynamic, names, ["logprobs", "caches"], path)


def _export(
    module: nn.Module,
    example: tuple[Tensor, ...],
    dynamic: tuple[Any, ...],
    inputs: list[str],
    outputs: list[str],
    path: Path,
) -> None:
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
    graph = program.model_proto
    halve(graph)
    _forget_origin(graph)
    onnx.checker.check_model(graph)
    path.write_bytes(graph.SerializeToString())


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


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n")
