"""What importing the package promises: it is light, quiet and offline."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import unimumer

EXAMPLE = Path(__file__).parents[1] / "examples" / "sum.png"


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_import_loads_nothing_heavy() -> None:
    code = """
import sys
import unimumer
heavy = {"torch", "numpy", "cv2", "onnxruntime"} & set(sys.modules)
assert not heavy, heavy
unimumer.Recognizer, unimumer.Recognition, unimumer.evaluate
assert not {"torch", "transformers"} & set(sys.modules)
print("light")
"""
    assert run(code) == "light"


def test_recognizing_asks_nobody_and_needs_no_torch() -> None:
    code = f"""
import socket, sys
def refuse(*_, **__): raise AssertionError("the network was used")
socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
from unimumer import Recognizer
assert Recognizer().recognize({str(EXAMPLE)!r}).latex
assert not {{"torch", "transformers"}} & set(sys.modules)
print("alone")
"""
    assert run(code) == "alone"


def test_public_names_are_there_and_others_are_not() -> None:
    assert set(unimumer.__all__) == {"Recognizer", "Recognition", "evaluate"}
    assert all(hasattr(unimumer, name) and name in dir(unimumer) for name in unimumer.__all__)
    with pytest.raises(AttributeError, match="no attribute 'recogniser'"):
        _ = unimumer.recogniser
