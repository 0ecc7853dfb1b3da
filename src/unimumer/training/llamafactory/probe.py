"""Asks the LLaMA-Factory environment what it is: run by that environment's Python, by path, never imported.

Reads `{"settings": …, "parquet": [path, …]}` from standard input and writes one line of JSON: versions, devices, rows
of each Parquet file, and what LLaMA-Factory's own parser of arguments says to the settings.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from importlib import metadata
from typing import Any

PACKAGES = ("llamafactory", "torch", "transformers", "accelerate", "peft", "trl", "datasets", "deepspeed")


def versions() -> dict[str, str]:
    """Versions of the packages that decide what a run computes."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def devices() -> list[dict[str, Any]]:
    """Name and bytes of memory of every GPU."""
    import torch

    if not torch.cuda.is_available():
        return []
    properties = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]
    return [{"name": p.name, "memory": p.total_memory} for p in properties]


def rows(paths: list[str]) -> dict[str, int | str]:
    """Rows of each Parquet file, or why it cannot be read."""
    if not paths:
        return {}
    from pyarrow import parquet

    found: dict[str, int | str] = {}
    for path in paths:
        try:
            found[path] = parquet.ParquetFile(path).metadata.num_rows
        except Exception as error:
            found[path] = f"{type(error).__name__}: {error}"
    return found


def refusal(settings: dict[str, Any], gpus: int) -> str:
    """What LLaMA-Factory's parser refuses in the settings, or an empty text."""
    settings = {key: value for key, value in settings.items() if key != "deepspeed"}
    if not gpus:
        settings["use_cpu"] = True  # otherwise it refuses bf16 before it has looked at anything else
    try:
        from llamafactory.hparams.parser import _parse_train_args

        data = _parse_train_args(settings)[1]
        from llamafactory.data.template import TEMPLATES

        known = data.template in TEMPLATES
        return "" if known else f"LLaMA-Factory knows no template {data.template!r}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def main() -> None:
    """Answer one question."""
    asked = json.load(sys.stdin)
    out, sys.stdout = sys.stdout, sys.stderr  # what libraries print is not the answer
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    answer: dict[str, Any] = {"versions": versions()}
    if "llamafactory" in answer["versions"]:
        answer["devices"] = devices()
        answer["rows"] = rows(asked["parquet"])
        answer["refusal"] = refusal(asked["settings"], len(answer["devices"]))
    print(json.dumps(answer), file=out)


if __name__ == "__main__":
    main()
