"""Starts LLaMA-Factory as a program of its own, follows it, lets it go on where it stopped, and records the run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import yaml
from tqdm import tqdm

from unimumer.environment import own_version
from unimumer.errors import UnimumerError
from unimumer.files import write_text
from unimumer.training import TrainingError
from unimumer.training.llamafactory import model, record
from unimumer.training.llamafactory.check import Check
from unimumer.training.llamafactory.config import Config
from unimumer.training.llamafactory.environment import FactoryEnvironment

SETTINGS, CONSOLE, LOCK = "train.yaml", "console.log", "run.lock"
_PAUSE = 0.5
"""Seconds between looks at the log."""
_GRACE = 60.0
"""Seconds a stopped run has to end by itself."""
_TAIL = 15
"""Lines of its output that are shown when it fails."""


def train(config: Config, check: Check, environment: FactoryEnvironment, words: list[str]) -> dict[str, Any]:
    """Run to the end, from the last complete checkpoint when there is one, and return the record.

    `words` is the command as it was given. On other nodes than the first nothing is recorded: they only compute.
    Raises TrainingError when the folder holds another run or is in use, and when LLaMA-Factory fails.
    """
    folder = config.output
    if os.environ.get("NODE_RANK", "0") != "0":
        return _help_out(config, environment)
    with _locked(folder) as lock:
        before = record.read_record(folder)
        known = record.inputs(config, check)
        if before is not None:
            _compare(before, known, folder)
            if before["state"] == "finished":
                return before
        elif any(folder.glob("*.safetensors")):
            raise TrainingError(f"{folder} holds a model without a record of a run; give another output_dir")
        command = _command(config, environment, folder)
        fresh = {
            "state": "running",
            "command": words,
            "started": command,
            "versions": {"unimumer": own_version(), **check.found.versions},
            "environment": environment.folder.parent.name,
            "devices": check.found.devices or "CPU",
            "processes": check.processes,
            "effective_batch": check.effective_batch,
            **known,
            "attempts": before["attempts"] if before else [],
            "losses": [],
        }
        return _attempt(fresh, environment, folder, lock)


def _compare(before: dict[str, Any], now: dict[str, Any], folder: Path) -> None:
    changed = [part for part in ("settings", "data", "model") if before[part] != now[part]]
    if "settings" in changed:
        old, new = before["settings"], now["settings"]
        changed += [key for key in {**old, **new} if old.get(key) != new.get(key)]
    if changed:
        raise TrainingError(
            f"{folder} holds a run with other inputs ({', '.join(changed)}); give another folder with "
            f"--set output_dir=…, or remove {folder / record.RECORD} to go on with the new ones all the same"
        )


def last_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that was written to its end: its state file, written last, is there, its weights whole."""
    found = [path for path in folder.glob("checkpoint-*") if path.name.removeprefix("checkpoint-").isdecimal()]
    for path in sorted(found, key=lambda path: int(path.name.removeprefix("checkpoint-")), reverse=True):
        if (path / "trainer_state.json").is_file():
            with suppress(UnimumerError):
                sum(model.count_parameters(file) for file in model.weight_files(path))
                return path
    return None


def _command(config: Config, environment: FactoryEnvironment, place: Path) -> list[str]:
    """Write the settings that this attempt starts with to `place`; return what to start."""
    checkpoint = last_checkpoint(config.output)
    start = {"overwrite_output_dir": True} if checkpoint is None else {"resume_from_checkpoint": str(checkpoint)}
    settings = yaml.safe_dump({**config.settings, **start}, sort_keys=False, allow_unicode=True)
    write_text(place / SETTINGS, settings)
    return [str(environment.program), "train", str(place / SETTINGS)]


def _attempt(
    fresh: dict[str, Any], environment: FactoryEnvironment, folder: Path, lock: TextIOWrapper
) -> dict[str, Any]:
    begun, clock = datetime.now(UTC), time.monotonic()
    attempt = {"begun": begun.isoformat(timespec="seconds"), "seconds": 0.0, "state": "running"}
    fresh["attempts"] = [*fresh["attempts"], attempt]
    record.write(folder, fresh)
    state = "interrupted"
    try:
        code = _follow(_start(fresh["started"], environment, folder, lock), folder / record.LOG)
        state = "failed" if code else "finished"
    finally:
        attempt |= {"state": state, "seconds": round(time.monotonic() - clock, 1)}
        fresh |= {"state": state, "losses": record.losses(record.log_entries(_lines(folder / record.LOG)))}
        record.write(folder, fresh)
    if code:
        last = "\n".join(_lines(folder / CONSOLE)[-_TAIL:])
        raise TrainingError(f"LLaMA-Factory ended with code {code}; the end of {folder / CONSOLE}:\n{last}")
    return fresh


def _start(
    command: list[str], environment: FactoryEnvironment, folder: Path, lock: TextIOWrapper | None = None
) -> subprocess.Popen[bytes]:
    """Start it as a group of its own, which can be ended as a whole: torchrun has children."""
    with (folder / CONSOLE).open("ab") as console:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            env=environment.variables(),
            start_new_session=True,
            pass_fds=() if lock is None or sys.platform == "win32" else (lock.fileno(),),
        )


def _follow(process: subprocess.Popen[bytes], log: Path) -> int:
    """Show steps and loss until the process ends; return its exit code."""
    with tqdm(unit="step", disable=None) as bar:
        try:
            while process.poll() is None:
                _show(bar, _lines(log)[-2:])
                time.sleep(_PAUSE)
            _show(bar, _lines(log)[-2:])
        finally:
            _end(process)
    return process.returncode


def _show(bar: tqdm[Any], last: list[str]) -> None:
    """Bring the bar to the last lines of the log; the very last may be half written, or say only that all is done."""
    entries = list(record.log_entries(last))
    for point in record.losses(entries)[-1:]:
        bar.total = entries[-1].get("total_steps") or bar.total
        bar.n = int(point["step"])
        bar.set_postfix(loss=f"{point['loss']:.3f}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it with all it started, if it still runs: by asking, then by force."""
    if process.poll() is None:
        _signal(process, signal.SIGTERM)
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill() if sys.platform == "win32" else _signal(process, signal.SIGKILL)
            process.wait()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if sys.platform == "win32":
        process.terminate()
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)


def _help_out(config: Config, environment: FactoryEnvironment) -> dict[str, Any]:
    """Compute for the first node, which shows and records."""
    folder = config.output / f"node-{os.environ['NODE_RANK']}"
    folder.mkdir(parents=True, exist_ok=True)
    if code := _follow(_start(_command(config, environment, folder), environment, folder), folder / record.LOG):
        raise TrainingError(f"LLaMA-Factory ended with code {code}; see {folder / CONSOLE}")
    return {"state": "finished", "losses": []}


def _locked(folder: Path) -> TextIOWrapper:
    """Open the folder's lock, which the training process holds too: while it lives, no second one starts."""
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / LOCK).open("w")
    if sys.platform != "win32":
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise TrainingError(f"{folder}: a run is going on in it; wait for it or give another output_dir") from None
    return file


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
