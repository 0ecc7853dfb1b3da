"""The command as a process: it answers, ends gracefully, says what it lacks, and reports to nobody."""

from __future__ import annotations

import re
import shutil
import signal
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from serve.loopback import ROOT, everything, png, started
from unimumer.cli.main import cli


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_it_finish_and_end_with_0(sign: signal.Signals) -> None:
    with started("--workers", "1") as (process, client):
        assert client.ask("/v1/recognize", png()).status == 200
        with client.connected() as idle, client.connected() as busy:
            body = (ROOT / "examples" / "quadratic.png").read_bytes()
            lines = b"POST /v1/recognize HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body)
            busy.sendall(lines + body[:100])
            threading.Event().wait(0.2)
            process.send_signal(sign)
            threading.Event().wait(0.3)
            busy.sendall(body[100:])
            assert everything(busy).startswith(b"HTTP/1.1 200")
            assert everything(idle) == b""
        assert process.wait(timeout=20) == 0


def test_keys_come_from_the_environment() -> None:
    keys = {"UNIMUMER_API_KEYS": "a-key-of-sixteen-letters, another-key-of-sixteen"}
    with started("--model", "fake", environment=keys) as (_, client):
        assert client.ask("/v1/recognize", png()).status == 401
        assert client.ask("/v1/recognize", png(), headers={"X-API-Key": "another-key-of-sixteen"}).status == 200


def test_wrong_use() -> None:
    run = CliRunner(env={"UNIMUMER_API_KEYS": "short"}).invoke
    assert run(cli, ["serve", "--port", "0"]).exit_code == 2
    assert "at least 16" in run(cli, ["serve", "--port", "0"]).output
    assert run(cli, ["serve", "--port", "0", "--model", "nothing"], env={"UNIMUMER_API_KEYS": ""}).exit_code == 2
    with started("--model", "fake") as (_, client):
        # Said before the model is loaded, here before it is even looked for.
        taken = run(cli, ["serve", "--port", str(client.port), "--model", "nothing"], env={"UNIMUMER_API_KEYS": ""})
        assert (taken.exit_code, "cannot listen" in str(taken.exception)) == (1, True)


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_it_reports_to_nobody(tmp_path: Path) -> None:
    """Seen from outside, as in test_silence: it connects to nothing, looks nothing up, leaves no file."""
    home, trace = tmp_path / "home", tmp_path / "trace"
    home.mkdir()
    watched = ["strace", "-f", "-e", "trace=connect,sendmsg,sendmmsg", "-o", str(trace)]
    variables = {"HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    with started(before=watched, environment=variables) as (_, client):
        assert client.ask("/v1/recognize", (ROOT / "examples" / "sum.png").read_bytes()).json["latex"] == "2+3=5"
    assert [path for path in home.rglob("*") if path.is_file()] == []
    assert not re.search(r"AF_INET|dns|mobile\.events", trace.read_text(errors="replace"))
