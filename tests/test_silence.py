"""Nothing is reported to anybody. Seen from outside the process, since Python cannot see what libraries in C++ do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PYTHON_API = "from unimumer import Recognizer; Recognizer().recognize('examples/sum.png')"
ENOUGH = "import time; time.sleep(2)"
"""What would report does so on a thread of its own, some moments after the start."""


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
@pytest.mark.parametrize(
    "code",
    [
        f"from unimumer.cli.main import cli; cli(['recognize', 'examples/sum.png'], standalone_mode=False); {ENOUGH}",
        f"{PYTHON_API}; {ENOUGH}",
    ],
)
def test_no_connection_and_no_file(code: str, tmp_path: Path) -> None:
    home, trace = tmp_path / "home", tmp_path / "trace"
    home.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    environment = {**kept, "HOME": str(home), "PYTHONPATH": str(ROOT / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = ["strace", "-f", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", str(trace), sys.executable]
    command += ["-c", code]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "telemetry" not in done.stderr
    assert [path for path in home.rglob("*") if path.is_file()] == []
    assert not re.search(r"AF_INET|dns|mobile\.events", trace.read_text(errors="replace"))


def test_what_the_user_has_set_stays() -> None:
    code = "import unimumer, os; print(os.environ['DO_NOT_TRACK'], os.environ['ORT_DISABLE_TELEMETRY'])"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "DO_NOT_TRACK": "0"}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "1"]
