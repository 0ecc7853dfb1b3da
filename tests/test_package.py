"""What importing the package promises: it is light, quiet and offline."""

from __future__ import annotations

import subprocess
import sys

import pytest

import unimumer


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_import_loads_nothing_heavy_and_opens_no_connection() -> None:
    """Neither the package nor its public names load torch, and nothing connects anywhere."""
    code = """
import socket, sys
def refuse(*_): raise AssertionError("a connection was opened")
socket.socket.connect = refuse
import unimumer
heavy = {"torch", "numpy", "cv2", "onnxruntime"} & set(sys.modules)
assert not heavy, heavy
unimumer.Recognizer, unimumer.Recognition, unimumer.evaluate
assert not {"torch", "transformers"} & set(sys.modules)
print("light")
"""
    assert run(code) == "light"


def test_public_names_are_there_and_others_are_not() -> None:
    assert set(unimumer.__all__) == {"Recognizer", "Recognition", "evaluate"}
    assert all(hasattr(unimumer, name) for name in unimumer.__all__)
    with pytest.raises(AttributeError, match="no attribute 'recogniser'"):
        _ = unimumer.recogniser
