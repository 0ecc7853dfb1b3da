"""The record that a run leaves: everything needed to know what was done, as JSON and as a page to read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from unimumer.errors import UnimumerError
from unimumer.files import read_object, sha256, write_json, write_text
from unimumer.training import TrainingError
from unimumer.training.llamafactory.check import Check
from unimumer.training.llamafactory.config import Config
from unimumer.training.llamafactory.model import weight_files

RECORD, PAGE, LOG = "run.json", "run.md", "trainer_log.jsonl"
_ROWS = 12
"""Losses shown on the page; the record has all."""


def inputs(config: Config, check: Check) -> dict[str, Any]:
    """What decides the result: settings, data and model by their hashes. A run goes on only with the same.

    Pictures are not hashed, only the files that name them.
    """
    folder = Path(config.text("model_name_or_path"))
    weights = {file.name: sha256(file) for file in weight_files(folder)} if folder.is_dir() else {}
    return {
        "settings": config.settings,
        "data": [
            {
                "name": item.name,
                "conversations": item.records,
                "hub": item.hub,
                "files": [
                    {"path": str(file), "bytes": file.stat().st_size, "sha256": sha256(file)} for file in item.files
                ],
            }
            for item in check.sets
        ],
        "model": {"name": config.text("model_name_or_path"), "sha256": weights},
    }


def read_record(folder: Path) -> dict[str, Any] | None:
    """The record in a run's folder, or None. Raises TrainingError when it is damaged."""
    path = folder / RECORD
    if not path.is_file():
        return None
    try:
        content = read_object(path)
        if not content.keys() >= {"state", "settings", "data", "model", "attempts"}:
            raise TrainingError("parts are missing")
    except UnimumerError as error:
        raise TrainingError(f"{path} is damaged ({error}); move it away") from None
    return content


def log_entries(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The lines of LLaMA-Factory's log that are whole."""
    for line in lines:
        with suppress(ValueError):  # the line is being written
            entry = json.loads(line)
            if isinstance(entry, dict):
                yield entry


def losses(entries: Iterable[dict[str, Any]]) -> list[dict[str, float]]:
    """Step, loss and rate of the log, a step once: what a later attempt repeats is what counts."""
    said = {int(entry["current_steps"]): entry for entry in entries if "loss" in entry}
    return [{"step": n, "loss": float(said[n]["loss"]), "rate": float(said[n].get("lr", 0.0))} for n in sorted(said)]


def write(folder: Path, record: dict[str, Any]) -> None:
    """Write record and page, each whole or not at all."""
    write_json(folder / RECORD, record, indent=1)
    write_text(folder / PAGE, page(record))


def page(record: dict[str, Any]) -> str:
    """The record for reading."""
    seconds = sum(attempt.get("seconds", 0.0) for attempt in record["attempts"])
    curve = record["losses"]
    shown = curve if len(curve) <= _ROWS else [curve[i * (len(curve) - 1) // (_ROWS - 1)] for i in range(_ROWS)]
    devices = record["devices"]
    where = devices if isinstance(devices, str) else f"{len(devices)} x {devices[0]['name']}"
    lines = [
        f"# {record['model']['name']}: {record['state']}",
        "",
        f"    {' '.join(record['command'])}",
        "",
        f"- effective batch {record['effective_batch']} on {record['processes']} process(es), {where}",
        f"- {len(record['attempts'])} attempt(s), {seconds:,.0f} s in all",
        f"- {', '.join(f'{name} {version}' for name, version in record['versions'].items())}",
        *(f"- data {item['name']}: {item['conversations']} conversations" for item in record["data"]),
        "",
        "| step | loss | learning rate |",
        "|---|---|---|",
        *(f"| {point['step']} | {point['loss']:.4f} | {point['rate']:.3g} |" for point in shown),
    ]
    return "\n".join(lines) + "\n"
