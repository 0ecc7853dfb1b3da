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


@click.command()
def doctor() -> None:
    """Check this installation: versions, processor, and whether the embedded model really reads a picture.

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
    if not _try_nano():
        raise SystemExit(1)


def _try_nano() -> bool:
    """Read a plus sign, drawn here, with the embedded model."""
    import numpy as np

    from unimumer.errors import UnimumerError
    from unimumer.recognizer import Recognizer

    picture = np.full((80, 80, 3), 255, np.uint8)
    picture[38:42, 15:65] = picture[15:65, 38:42] = 0
    begun = time.perf_counter()
    try:
        result = Recognizer().recognize(picture)
    except (UnimumerError, ImportError) as error:
        click.echo(f"recognizer: FAILED: {error}")
        return False
    spent = time.perf_counter() - begun
    click.echo(f"recognizer: {result.model} works ({spent:.2f} s from loading to the first answer)")
    return True
