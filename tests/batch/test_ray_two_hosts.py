"""A Ray cluster over two hosts made of network namespaces, one of which is cut off in the middle of a run."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

pytestmark = pytest.mark.ray
SCRIPT = Path(__file__).parents[2] / "scripts" / "two_hosts.py"


def why_not() -> str:
    spec = spec_from_file_location("two_hosts", SCRIPT)
    assert spec is not None and spec.loader is not None
    script = module_from_spec(spec)
    sys.modules["two_hosts"] = script  # where dataclasses look for it
    spec.loader.exec_module(script)
    return str(script.can_run())


def test_a_host_that_is_cut_off_changes_no_byte(tmp_path: Path) -> None:
    if why := why_not():
        pytest.skip(why)
    done = subprocess.run([sys.executable, SCRIPT], cwd=tmp_path, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout + done.stderr
