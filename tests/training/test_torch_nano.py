"""The model against transformers' own, and the export against the model."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from unimumer.compose.corpus import Corpus
from unimumer.engines import geometry
from unimumer.engines.base import Decoding
from unimumer.engines.chat import load_tokenizer
from unimumer.engines.nano import NanoEngine
from unimumer.tasks import recognize
from unimumer.training.nano.conversation import RECOGNIZE, ConversationWriter
from unimumer.training.nano.graphs import PARTS, export_runtime
from unimumer.training.nano.huggingface import export_huggingface
from unimumer.training.nano.model import Nano, fold, patch_positions, text_positions, to_patches, unfold
from unimumer.training.nano.shape import Shape
from unimumer.training.nano.vocabulary import build_tokenizer

from .conftest import TINY

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def model() -> Nano:
    """Random weights everywhere, also where training starts from zero, rounded as they are written."""
    made = Nano(Shape(1088, **TINY), seed=1)
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.15 + (parameter.dim() == 1))
    made.load_state_dict(fold(unfold(made.state_dict())))
    return made.eval()


@pytest.fixture(scope="module")
def pictures() -> list[np.ndarray]:
    random = np.random.default_rng(0)
    sizes = ((1, 3), (3, 5), (2, 9), (4, 1))
    return [np.where(random.random((28 * r, 28 * c)) < 0.2, 0, 255).astype(np.uint8) for r, c in sizes]


@pytest.fixture(scope="module")
def exported(model: Nano, corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    tokenizer = build_tokenizer(corpus.labels)
    export_huggingface(model, tokenizer, folder / "huggingface")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own
        export_runtime(model, tokenizer, folder / "runtime", "nano-test")
    return folder


def question(conversation: ConversationWriter) -> list[int]:
    """Ids of what stands between a picture and the answer to recognition."""
    branch = conversation.branch(RECOGNIZE, [""], np.random.default_rng(0))
    return branch.tokens[0].tolist()


def greedy(
    model: Nano, picture: np.ndarray, conversation: ConversationWriter, steps: int
) -> tuple[list[int], list[float]]:
    """Greedy decoding without a cache: slow, and hard to get wrong."""
    ids, logprobs = question(conversation), []
    pixels = torch.from_numpy(picture)[None].float() / 255 - 1
    with torch.no_grad():
        for _ in range(steps):
            (hidden,), _ = model(pixels, torch.from_numpy(conversation.before), torch.tensor([ids]))
            scores = model.model.logits(hidden[0, -1]).log_softmax(-1)
            ids.append(int(scores.argmax()))
            logprobs.append(float(scores.max()))
            if ids[-1] == conversation.end:
                break
    return ids[len(question(conversation)) :], logprobs


def test_runtime_answers_as_the_model_does(model: Nano, exported: Path, pictures: list[np.ndarray]) -> None:
    engine = NanoEngine.load(exported / "runtime", threads=2)
    conversation = ConversationWriter(engine._tokenizer)
    question = engine._question(recognize.prompt())
    answers = engine.answer(pictures, [question] * len(pictures), Decoding(max_tokens=10))
    for picture, answer in zip(pictures, answers):
        ids, logprobs = greedy(model, picture, conversation, 10)
        assert answer.best.text == engine._tokenizer.decode(ids)
        assert answer.best.logprobs == pytest.approx(logprobs, abs=1e-3)


def test_8_bit_products_stay_near_the_float_ones(
    model: Nano, exported: Path, pictures: list[np.ndarray], tmp_path: Path
) -> None:
    tokenizer = load_tokenizer(exported / "runtime" / "tokenizer.json")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        export_runtime(model, tokenizer, tmp_path, "nano-test", int8=PARTS)
    layers = {"encoder": model.shape.vision_depth, "decoder": model.shape.text_depth}
    for part in PARTS:
        before, now = (_constant_products(folder / f"{part}.onnx") for folder in (exported / "runtime", tmp_path))
        assert len(now) == layers[part] < len(before), f"of each layer of the {part} one product stays float"
    firsts = []
    for folder in (exported / "runtime", tmp_path):
        engine = NanoEngine.load(folder, threads=1)
        question = engine._question(recognize.prompt())
        answers = engine.answer(pictures, [question] * len(pictures), Decoding(max_tokens=1))
        firsts.append([answer.best.logprobs[0] for answer in answers])
    assert firsts[1] == pytest.approx(firsts[0], abs=0.1)
    assert firsts[1] != firsts[0]


def _constant_products(path: Path) -> list[str]:
    graph = onnx.load(path).graph
    made = {name for node in graph.node if node.op_type == "Cast" for name in node.output}
    return [node.name for node in graph.node if node.op_type == "MatMul" and node.input[1] in made]


def test_transformers_gives_the_same_logits(model: Nano, exported: Path, pictures: list[np.ndarray]) -> None:
    import transformers

    folder = exported / "huggingface"
    theirs = transformers.AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    text = tokenizer.apply_chat_template(_messages(), tokenize=False, add_generation_prompt=True)
    for picture in pictures:
        inputs = _inputs(tokenizer, text, picture)
        with torch.no_grad():
            expected = theirs(**inputs).logits[0, -1].log_softmax(-1)
        conversation = ConversationWriter(tokenizer.backend_tokenizer)
        pixels = torch.from_numpy(picture)[None].float() / 255 - 1
        with torch.no_grad():
            (hidden,), _ = model(pixels, torch.from_numpy(conversation.before), torch.tensor([question(conversation)]))
            ours = model.model.logits(hidden[0, -1]).log_softmax(-1)
        assert torch.allclose(ours, expected, atol=2e-4)


def _messages() -> list[dict[str, object]]:
    return [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": recognize.prompt()}]}]


def _inputs(tokenizer: object, text: str, picture: np.ndarray) -> dict[str, torch.Tensor]:
    """What the library's processor makes of a gray picture, composed by hand: that needs no torchvision."""
    patches = torch.from_numpy(geometry.to_patches(picture)).view(-1, 1, 1, 196).expand(-1, 3, 2, -1).flatten(1)
    rows, columns = picture.shape[0] // 14, picture.shape[1] // 14
    text = text.replace("<|image_pad|>", "<|image_pad|>" * (rows * columns // 4))
    ids = tokenizer(text, return_tensors="pt")["input_ids"]  # type: ignore[operator]
    image = (ids == tokenizer.convert_tokens_to_ids("<|image_pad|>")).int()  # type: ignore[attr-defined]
    grid = torch.tensor([[1, rows, columns]])
    return {"input_ids": ids, "pixel_values": patches, "image_grid_thw": grid, "mm_token_type_ids": image}


def test_geometry_in_numpy_equals_geometry_in_torch(model: Nano) -> None:
    picture = np.arange(56 * 84, dtype=np.uint8).reshape(56, 84)
    pixels = torch.from_numpy(picture)[None].float() / 255 - 1
    assert np.allclose(geometry.to_patches(picture), to_patches(pixels)[0].numpy())
    cos, _ = model.visual.rotations(patch_positions(2, 3))
    assert np.allclose(np.cos(geometry.patch_angles((2, 3), model.visual.quarter)), cos.numpy(), atol=1e-5)
    positions = text_positions(4, 2, 3, 5)
    assert np.array_equal(geometry.prompt_positions(4, (2, 3), 6, 5), positions.numpy())
    cos, _ = model.model.rotations(positions)
    angles = geometry.text_angles(positions.numpy(), model.shape.sections, model.shape.rope_theta)
    assert np.allclose(np.cos(angles), cos.numpy(), atol=1e-5)


def test_folding_undoes_unfolding(model: Nano) -> None:
    state = model.state_dict()
    again = fold(unfold(state))
    assert again.keys() == state.keys()
    for name, tensor in state.items():
        assert torch.equal(again[name], tensor), name


def test_branches_after_one_picture_are_as_if_each_were_alone(model: Nano, pictures: list[np.ndarray]) -> None:
    pixels = torch.from_numpy(pictures[1])[None].float() / 255 - 1
    before = torch.tensor([3, 4, 5])
    first, second = torch.tensor([[9, 8, 7, 6]]), torch.tensor([[11, 12, 13, 14, 15, 16]])
    with torch.no_grad():
        together, visual = model(pixels, before, first, second)
        for branch, states in zip((first, second), together):
            (alone,), seen = model(pixels, before, branch)
            assert torch.allclose(states, alone, atol=1e-5) and torch.equal(seen, visual)
        (other, _), _ = model(pixels, before, first + 1, second)
    assert not torch.allclose(other, together[0], atol=1e-3)
