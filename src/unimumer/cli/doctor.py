"""`unimumer doctor`: says what runs on this machine, and what to install for the rest."""

from __future__ import annotations

import json
import os
import platform
import time
from dataclasses import asdict
from typing import Any

import click

from unimumer.cli import options
from unimumer.environment import installed, own_version, processors, requirements

_OPTIONAL = ("onnx", "onnxscript")
_SAMPLE = [[[10, 0], [10, 40]], [[30, 20], [60, 20]], [[45, 5], [45, 35]], [[80, 0], [80, 40]]]
"""Pen strokes of 1 + 1."""
_SAMPLE_LATEX = "1 + 1"


@click.command()
@options.model
@options.as_json
def doctor(model: str, as_json: bool) -> None:
    """Check this installation: packages, engines, GPUs, and whether the model reads what it should.

    \b
    Examples:
      unimumer doctor
      unimumer doctor --model runs/nano/runtime
      unimumer doctor --json

    Exit code: 0 the recognizer works, 1 it does not. What is missing for other engines is no failure.
    """
    found = _findings(model)
    click.echo(json.dumps(found, indent=2) if as_json else "\n".join(_lines(found)))
    if not found["recognizer"]["works"]:
        raise SystemExit(1)


def _findings(model: str) -> dict[str, Any]:
    from unimumer.engines import machine

    return {
        "unimumer": own_version(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processors": processors(),
        "threads": os.environ.get("OMP_NUM_THREADS"),
        "gpus": [asdict(gpu) for gpu in machine.gpus()],
        "packages": {name: installed(name) for name in (*requirements(""), *_OPTIONAL)},
        "engines": [{**asdict(engine), "ready": engine.ready} for engine in machine.engines()],
        "problems": [*machine.problems()],
        "recognizer": _try_recognizer(model),
    }


def _lines(found: dict[str, Any]) -> list[str]:
    """The findings as a person reads them."""
    bound = f" (OMP_NUM_THREADS={found['threads']})" if found["threads"] else ""
    lines = [
        f"unimumer {found['unimumer']}, Python {found['python']}, {found['platform']}",
        f"processors usable: {found['processors']}{bound}",
        *(f"GPU: {g['name']}, {g['memory']:.0f} GiB, {g['free']:.0f} free" for g in found["gpus"]),
        "packages:",
    ]
    for name, version in found["packages"].items():
        lack = "not installed; for exporting Nano: pip install 'unimumer[train]'"
        lack = lack if name in _OPTIONAL else "MISSING: pip install unimumer again"
        lines.append(f"  {name:24} {version or lack}")
    lines.append("engines:")
    lines += [_engine_line(engine) for engine in found["engines"]]
    lines += [f"problem: {problem}" for problem in found["problems"]]
    return [*lines, _recognizer_line(found["recognizer"])]


def _engine_line(engine: dict[str, Any]) -> str:
    have = ", ".join(f"{name} {version}" for name, version in engine["packages"].items() if version)
    lack = ", ".join(name for name, version in engine["packages"].items() if not version)
    if lack:
        return f"  {engine['name']:10} not here, without {lack}: {engine['install']}"
    return f"  {engine['name']:10} ready: {engine['use']}" + (f" ({have})" if have else "")


def _recognizer_line(tried: dict[str, Any]) -> str:
    if not tried["works"]:
        return f"recognizer: FAILED: {tried['error']}"
    works = f"recognizer: {tried['model']} works ({tried['seconds']:.2f} s from loading to the first answer)"
    return "\n".join([works, *(f"warning: {doubt}" for doubt in tried["warnings"])])


def _try_recognizer(model: str) -> dict[str, Any]:
    """Read a sum, drawn here, with a model."""
    begun = time.perf_counter()
    try:
        from unimumer.ink import read_strokes
        from unimumer.recognizer import Recognizer

        result = Recognizer(model).recognize(read_strokes(str(_SAMPLE), "sample"))
    except Exception as error:  # whatever is broken here is what the user came to learn
        return {"works": False, "error": f"{type(error).__name__}: {error}"}
    if result.tokens != _SAMPLE_LATEX:
        wrong = f"{result.model} read {result.tokens!r} where {_SAMPLE_LATEX!r} is written"
        return {"works": False, "error": wrong}
    return {
        "works": True,
        "model": result.model,
        "seconds": time.perf_counter() - begun,
        "warnings": list(map(str, result.warnings)),
    }
