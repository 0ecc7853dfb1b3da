"""The environment that LLaMA-Factory is installed in: found, asked what it is, never imported from."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unimumer.training import TrainingError

PROBE = Path(__file__).with_name("probe.py")
_PATIENCE = 300
"""Seconds to wait for an answer; imports from a cold network disk take long."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the environment answered."""

    versions: dict[str, str]
    devices: list[dict[str, Any]]
    """`name` and `memory` (bytes) of every GPU."""
    rows: dict[str, int | str]
    """Of every Parquet file asked about: rows, or why it cannot be read."""
    refusal: str
    """What LLaMA-Factory's parser says against the settings; empty when nothing."""


@dataclass(frozen=True, slots=True)
class FactoryEnvironment:
    """A Python that has LLaMA-Factory."""

    python: Path

    @property
    def folder(self) -> Path:
        """Where its programs lie."""
        return self.python.parent

    @property
    def program(self) -> Path:
        """LLaMA-Factory's command."""
        return self.folder / "llamafactory-cli"

    def variables(self) -> dict[str, str]:
        """Our variables for a process of it: its programs first (it starts `torchrun` by name), our code not seen."""
        kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
        quiet = {"HF_HUB_DISABLE_TELEMETRY": "1"}
        return {**quiet, **kept, "PATH": os.pathsep.join([str(self.folder), kept.get("PATH", os.defpath)])}

    def ask(self, settings: dict[str, Any], parquet: Iterable[Path]) -> Found:
        """Versions, devices, rows, and whether the settings parse. Raises TrainingError when it cannot answer."""
        question = json.dumps({"settings": settings, "parquet": [str(path) for path in parquet]}, default=str)
        try:
            done = subprocess.run(
                [str(self.python), "-I", str(PROBE)],
                input=question,
                capture_output=True,
                text=True,
                env=self.variables(),
                timeout=_PATIENCE,
            )
            answer = json.loads(done.stdout)
        except (OSError, subprocess.TimeoutExpired, ValueError) as error:
            raise TrainingError(
                f"{self.python} does not answer ({error}); is it the Python of an environment?"
            ) from None
        if "llamafactory" not in answer["versions"]:
            raise TrainingError(f"{self.python} has no LLaMA-Factory; `make .venv-factory/ready` sets one up")
        return Found(**answer)


def find_environment(place: Path) -> FactoryEnvironment:
    """The environment in a folder, or of a Python. Raises TrainingError when there is none."""
    folder = Path(os.path.abspath(place))  # not resolved: a link is what makes a Python that of an environment
    for python in (folder / "bin" / "python", folder / "Scripts" / "python.exe", folder):
        if python.is_file():
            return FactoryEnvironment(python)
    raise TrainingError(f"{place} is no environment; `make .venv-factory/ready` sets one up, else give --env")
