"""`unimumer doctor`: says what runs on this machine, and what to install for the rest."""

from __future__ import annotations

import platform
import time

import click

from unimumer.environment import installed, own_version, processors

_NEEDED = (
    "numpy",
    "pillow",
    "opencv-python-headless",
    "onnxruntime",
    "tokenizers",
    "rapidfuzz",
    "defusedxml",
    "click",
    "tqdm",
)
_OPTIONAL = {
    "torch": "training Nano: pip install 'unimumer[train]' (on a machine without a GPU, a CPU build first)",
    "safetensors": "training Nano: pip install 'unimumer[train]'",
    "onnx": "exporting Nano: pip install 'unimumer[train]'",
    "onnxscript": "exporting Nano: pip install 'unimumer[train]'",
}
_SAMPLE = [[[10, 0], [10, 40]], [[30, 20], [60, 20]], [[45, 5], [45, 35]], [[80, 0], [80, 40]]]
"""Pen strokes of 1 + 1."""
_SAMPLE_LATEX = "1 + 1"


@click.command()
def doctor() -> None:
    """Check this installation: versions, processors, and whether the embedded model reads what it should.

    \b
    Example:
      unimumer doctor

    Exit code: 0 the recognizer works, 1 it does not.
    """
    click.echo(f"unimumer {own_version()}, Python {platform.python_version()}, {platform.platform()}")
    click.echo(f"processors usable: {processors()}")
    for name in _NEEDED:
        click.echo(f"  {name:24} {installed(name) or 'MISSING: pip install unimumer again'}")
    for name, use in _OPTIONAL.items():
        click.echo(f"  {name:24} {installed(name) or 'not installed; for ' + use}")
    if not _try_recognizer():
        raise SystemExit(1)


def _try_recognizer() -> bool:
    """Read a sum, drawn here, with the embedded model."""
    begun = time.perf_counter()
    try:
        from unimumer.ink import read_strokes
        from unimumer.recognizer import Recognizer

        result = Recognizer().recognize(read_strokes(str(_SAMPLE), "sample"))
    except Exception as error:  # whatever is broken here is what the user came to learn
        click.echo(f"recognizer: FAILED: {type(error).__name__}: {error}")
        return False
    spent = time.perf_counter() - begun
    if result.latex != _SAMPLE_LATEX:
        click.echo(f"recognizer: FAILED: {result.model} read {result.latex!r} where {_SAMPLE_LATEX!r} is written")
        return False
    click.echo(f"recognizer: {result.model} works ({spent:.2f} s from loading to the first answer)")
    return True
