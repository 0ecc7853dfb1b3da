"""LLaMA-Factory itself: it takes our run files, trains a tiny Qwen2.5-VL of ours, and what it leaves runs here.

Run by `make test-factory`: PyTorch makes and exports the model here, LLaMA-Factory trains it in its own environment.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from safetensors.torch import load_file

from compose.conftest import SHAPES, write
from training.conftest import TINY
from unimumer.data.register import record_sets
from unimumer.data.sharegpt import IMAGE, record
from unimumer.engines.base import Decoding, Request
from unimumer.engines.nano import NanoEngine
from unimumer.imaging import fit
from unimumer.ink import picture
from unimumer.tasks import count, find_errors, fix_errors, recognize, tree
from unimumer.training.llamafactory.check import Check, check
from unimumer.training.llamafactory.config import load_config
from unimumer.training.llamafactory.environment import FactoryEnvironment, find_environment
from unimumer.training.llamafactory.run import train
from unimumer.training.nano.huggingface import export_huggingface, read_huggingface
from unimumer.training.nano.model import Nano
from unimumer.training.nano.run import write_model
from unimumer.training.nano.shape import Shape
from unimumer.training.nano.vocabulary import build_tokenizer

from .conftest import RECORDS, write_pictures, write_sets

pytestmark = pytest.mark.llamafactory

ROOT = Path(__file__).parents[3]
STEPS = 60
SETTINGS = f"""
model_name_or_path: tiny
stage: sft
do_train: true
finetuning_type: full
freeze_vision_tower: false
freeze_multi_modal_projector: false
freeze_language_model: false
dataset: mine
dataset_dir: data
template: qwen2_vl
output_dir: out
use_cpu: true
per_device_train_batch_size: 8
learning_rate: 3.0e-3
lr_scheduler_type: cosine
max_steps: {STEPS}
logging_steps: 1
save_steps: 40
disable_gradient_checkpointing: true
report_to: none
"""
PARSE = """
import json, sys
from llamafactory.data.template import TEMPLATES
from llamafactory.extras.constants import SUPPORTED_MODELS
from llamafactory.hparams.parser import _parse_train_args
names = {name for sources in SUPPORTED_MODELS.values() for name in sources.values()}
for settings in json.load(sys.stdin):
    model, data, _, tuning, _ = _parse_train_args({**settings, "use_cpu": True})
    assert model.model_name_or_path in names and data.template in TEMPLATES, settings
    assert not (tuning.freeze_vision_tower or tuning.freeze_multi_modal_projector or tuning.freeze_language_model)
    assert len(data.dataset) == 26 and model.image_max_pixels == 262144 and not model.trust_remote_code
"""

COUNT = """
import json, sys
out, sys.stdout = sys.stdout, sys.stderr
from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
from llamafactory.hparams import get_train_args
from llamafactory.model import load_tokenizer
answers = []
for settings in json.load(sys.stdin):
    try:
        model, data, training, *_ = get_train_args(settings)
        loaded = load_tokenizer(model)
        template = get_template_and_fix_tokenizer(loaded["tokenizer"], data)
        answers.append(len(get_dataset(template, model, data, training, stage="sft", **loaded)["train_dataset"]))
    except Exception as error:
        answers.append(f"{type(error).__name__}: {error}"[:300])
json.dump(answers, out)
"""


@pytest.fixture(scope="module")
def environment() -> FactoryEnvironment:
    return find_environment(Path(os.environ.get("UNIMUMER_FACTORY") or ROOT / ".venv-factory"))


def conversations(text: str, wrong: str) -> list[tuple[str, str]]:
    """Prompt and target of the five kinds."""
    marked = find_errors.target(wrong, text)
    return [
        (recognize.prompt(), recognize.target(text)),
        (tree.prompt(), tree.target(text)),
        (count.prompt(), count.target(text)),
        (find_errors.prompt(wrong), marked),
        (fix_errors.prompt(marked), fix_errors.target(marked, text)),
    ]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with a tiny random model, and the five conversations about 24 pictures."""
    folder = tmp_path_factory.mktemp("factory")
    random = np.random.default_rng(0)
    texts = [" ".join(random.choice(list(SHAPES), 3)) for _ in range(24)]
    tokenizer = build_tokenizer(texts)
    vocabulary = -(-tokenizer.get_vocab_size() // 64) * 64
    export_huggingface(Nano(Shape(vocabulary, **TINY)), tokenizer, folder / "tiny")
    (folder / "data" / "images").mkdir(parents=True)
    records: list[Any] = []
    for i, text in enumerate(texts):
        image = folder / "data" / "images" / f"e{i}.png"
        cv2.imwrite(str(image), fit(picture(write(text, f"e{i}", "w"))))
        wrong = text.replace("x", "2") if "x" in text else f"{text} 1"
        records += [record(image, IMAGE + prompt, answer) for prompt, answer in conversations(text, wrong)]
    (folder / "data" / "mine.json").write_text(json.dumps(records))
    record_sets(folder / "data" / "dataset_info.json", [folder / "data" / "mine.json"])
    (folder / "run.yaml").write_text(SETTINGS)
    return folder


@pytest.fixture(scope="module")
def done(place: Path, environment: FactoryEnvironment) -> tuple[Check, dict[str, Any]]:
    """One real run, checked and recorded."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for variable in ("NNODES", "NODE_RANK", "NPROC_PER_NODE", "FORCE_TORCHRUN"):
            patch.delenv(variable, raising=False)
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setenv("OMP_NUM_THREADS", "1")
        config = load_config(Path("run.yaml"))
        report = check(config, environment)
        return report, train(config, report, environment, sys.argv)


def test_llamafactory_takes_every_run_file(environment: FactoryEnvironment) -> None:
    """DeepSpeed is left out: it is a matter of GPUs, and its parser would load it."""
    files = sorted((ROOT / "train").glob("Uni-MuMER-*.yaml"))
    settings = [{k: v for k, v in load_config(file).settings.items() if k != "deepspeed"} for file in files]
    asked = [str(environment.python), "-I", "-c", PARSE]
    variables = {**environment.variables(), "HF_HUB_OFFLINE": "1"}
    answer = subprocess.run(asked, input=json.dumps(settings), text=True, capture_output=True, env=variables)
    assert len(files) == 12 and answer.returncode == 0, answer.stderr


def test_records_are_judged_as_llamafactory_judges_them(
    place: Path, environment: FactoryEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table that the check is held against without it (`test_check`) is what its own code does."""
    (tmp_path / "data").mkdir()
    write_pictures(tmp_path / "data")
    write_sets(tmp_path / "data")
    (tmp_path / "tiny").symlink_to(place / "tiny")
    (tmp_path / "run.yaml").write_text(SETTINGS)
    monkeypatch.chdir(tmp_path)
    asked = [load_config(Path("run.yaml"), [f"dataset=set{number}"]).settings for number in range(len(RECORDS))]
    variables = {**environment.variables(), "HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": str(tmp_path / "cache")}
    command = [str(environment.python), "-I", "-c", COUNT]
    done = subprocess.run(command, input=json.dumps(asked), text=True, capture_output=True, env=variables)
    assert done.returncode == 0, done.stderr
    answers = dict(zip(RECORDS, json.loads(done.stdout), strict=True))
    expected = {name: count if isinstance(count, int) else None for name, (*_, count) in RECORDS.items()}
    trained = {name: answer if isinstance(answer, int) else None for name, answer in answers.items()}
    assert trained == expected, answers


def test_the_check_asks_the_real_environment(
    place: Path, environment: FactoryEnvironment, done: tuple[Check, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    report, _ = done
    assert not report.problems and report.sets[0].records == 120 and report.effective_batch == 8
    assert report.found.versions["llamafactory"] == "0.9.5"
    monkeypatch.chdir(place)
    (problem,) = check(load_config(Path("run.yaml"), ["learning_rat=1"]), environment).problems
    assert "learning_rat" in problem


def test_the_loss_falls_and_the_run_is_recorded(place: Path, done: tuple[Check, dict[str, Any]]) -> None:
    _, record = done
    losses = [point["loss"] for point in record["losses"]]
    assert record["state"] == "finished" and len(losses) == STEPS
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:5])
    assert (place / "out" / "run.md").read_text().startswith("# tiny: finished")


def test_all_three_parts_were_trained(place: Path, done: tuple[Check, dict[str, Any]]) -> None:
    (before,) = (place / "tiny").glob("*.safetensors")
    old, new = load_file(before), load_file(place / "out" / "model.safetensors")
    assert old.keys() == new.keys()
    for part in ("visual.blocks.0.attn.qkv", "visual.merger.mlp.0", "model.layers.0.mlp.gate_proj"):
        name = f"{part}.weight"
        assert float((new[name] - old[name].float()).abs().max()) > 1e-3


def test_what_it_leaves_runs_without_torch(place: Path, done: tuple[Check, dict[str, Any]]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own
        write_model(*read_huggingface(place / "out"), None, place / "runtime", "tiny")
    engine = NanoEngine.load(place / "runtime", threads=1)
    records = json.loads((place / "data" / "mine.json").read_text())
    seen = [cv2.imread(r["images"][0], cv2.IMREAD_COLOR) for r in records[:40]]
    prompts = [r["messages"][0]["value"].removeprefix("<image>") for r in records[:40]]
    requests = [Request(np.asarray(image, np.uint8), prompt) for image, prompt in zip(seen, prompts)]
    answers = engine.generate(requests, Decoding(max_tokens=100))
    logprobs = [answer.best.logprobs[0] for answer in answers]
    assert all(answer.finish == "stop" for answer in answers)
    assert np.mean(logprobs) > np.log(0.3), "it is sure of the first token of most of what it was trained on"
    texts = [answer.best.text for answer in answers]
    assert all(": " in text for text in texts[2::5]), "counts where counts are asked for"
    assert all("(right)" in text for text in texts[1::5]), "trees where trees are asked for"
