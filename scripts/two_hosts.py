"""Shows that `infer --ray` over two hosts ends with the bytes of a single run, though one host is cut off in between.

    sudo .venv-ray/bin/python scripts/two_hosts.py [PICTURES] [--repeat 6] [--patience 5]

The hosts are network namespaces of this machine, joined by a bridge, each with a hostname, a folder /tmp/ray and a
shared memory of its own; a Ray cluster runs between them with a worker on each. PICTURES is a folder; examples/ when
left out. It needs root, iproute2 and Ray, takes about a minute, leaves nothing behind, and ends with 0 when
everything was as it should be. Before that, a host that does not see the pictures is shown to be refused by name.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The hosts can be reached from nowhere else, so they need no token, which `ray start` would take where it finds one.
OURS = {"PYTHONPATH": str(ROOT / "src"), "RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled"}
VARIABLES = {**os.environ, **OURS}
NETWORK = "10.199.77"
PORT = 6379
CHUNK = 8
"""Pictures a chunk: many chunks, so that both hosts are at work when one is lost."""


def can_run() -> str:
    """Why hosts cannot be made here; empty when they can."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "needs root"
    missing = [program for program in ("ip", "unshare", "nsenter", "mount") if not shutil.which(program)]
    if missing:
        return f"needs {', '.join(missing)}"
    tried = subprocess.run(["ip", "netns", "add", f"try{os.getpid()}"], capture_output=True)
    subprocess.run(["ip", "netns", "delete", f"try{os.getpid()}"], capture_output=True)
    return "" if tried.returncode == 0 else "network namespaces cannot be made here"


def ip(*arguments: str) -> None:
    """Run `ip`; it must not fail."""
    subprocess.run(["ip", *arguments], check=True)


@dataclass(frozen=True)
class Host:
    """A network namespace that passes for a machine."""

    number: int
    """1 or 2: the last part of its address."""

    @property
    def name(self) -> str:
        """Its namespace, and its hostname."""
        return f"host{self.number}-{os.getpid()}"

    @property
    def address(self) -> str:
        """Its address on the bridge."""
        return f"{NETWORK}.{self.number}"

    @property
    def cable(self) -> str:
        """The end of its cable that is in the bridge."""
        return f"um{self.number}-{os.getpid()}"

    def first(self, *arguments: str) -> list[str]:
        """The command that runs something on it with what is its own: its first process."""
        private = " && ".join(f"mount -t tmpfs -o size=1g own {path}" for path in ("/tmp/ray", "/dev/shm"))
        start = f'{private} && hostname {self.name} && exec "$@"'
        return ["ip", "netns", "exec", self.name, "unshare", "--mount", "--uts", "sh", "-c", start, "sh", *arguments]

    def later(self, *arguments: str) -> list[str]:
        """The command that runs something beside its first process, in the folder where we are."""
        return ["nsenter", "-t", str(self.raylet()), "-m", "-u", "-n", f"--wd={Path.cwd()}", *arguments]

    def raylet(self) -> int:
        """The process of Ray that every machine of a cluster has; 0 before it is there."""
        return next((pid for pid in self.pids() if name_of(pid).endswith("raylet")), 0)

    def pids(self) -> list[int]:
        """Its processes."""
        found = subprocess.run(["ip", "netns", "pids", self.name], capture_output=True, text=True, check=True)
        return [int(pid) for pid in found.stdout.split()]


def name_of(pid: int) -> str:
    """The program of a process, as it calls itself; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
    except OSError:
        return ""


@contextmanager
def hosts() -> Iterator[tuple[Host, Host]]:
    """Two hosts and the bridge between them, until the end of the block."""
    bridge, both = f"umbr-{os.getpid()}"[:15], (Host(1), Host(2))
    Path("/tmp/ray").mkdir(exist_ok=True)
    try:
        ip("link", "add", bridge, "type", "bridge")
        ip("link", "set", bridge, "up")
        for host in both:
            ip("netns", "add", host.name)
            ip("link", "add", host.cable, "type", "veth", "peer", "name", "eth0", "netns", host.name)
            ip("link", "set", host.cable, "master", bridge, "up")
            for line in (f"address add {host.address}/24 dev eth0", "link set eth0 up", "link set lo up"):
                ip("-n", host.name, *line.split())
        yield both
    finally:
        for host in both:
            for pid in host.pids():
                os.kill(pid, signal.SIGKILL)
            subprocess.run(["ip", "link", "delete", host.cable], check=False)
            subprocess.run(["ip", "netns", "delete", host.name], check=False)
        subprocess.run(["ip", "link", "delete", bridge], check=False)


@contextmanager
def cluster(head: Host, other: Host, patience: float) -> Iterator[None]:
    """A Ray cluster of a processor on each host, which takes a silent host for dead after `patience` seconds."""
    variables = {
        **VARIABLES,
        "RAY_health_check_initial_delay_ms": "1000",
        "RAY_health_check_period_ms": str(int(200 * patience)),
        "RAY_health_check_timeout_ms": str(int(200 * patience)),
        "RAY_health_check_failure_threshold": "5",
    }
    ray = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", "--num-cpus=1", "--disable-usage-stats"]
    ray.append("--object-store-memory=100000000")
    first = [*ray, "--head", f"--port={PORT}", f"--node-ip-address={head.address}", "--include-dashboard=false"]
    second = [*ray, f"--address={head.address}:{PORT}", f"--node-ip-address={other.address}"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": variables, "cwd": "/"}
    listening = f"import socket; socket.create_connection(('{head.address}', {PORT}))"
    together = f"import ray; ray.init('{head.address}:{PORT}'); assert sum(n['Alive'] for n in ray.nodes()) == 2"
    with subprocess.Popen(head.first(*first), **quiet):
        until_true(head, listening)
        with subprocess.Popen(other.first(*second), **quiet):
            try:
                until_true(head, together)
                yield
            finally:
                for host in (head, other):
                    for pid in host.pids():
                        os.kill(pid, signal.SIGKILL)


def until_true(host: Host, code: str) -> None:
    """Wait until some Python ends well on a host."""
    end, said = time.monotonic() + 180, ""
    while time.monotonic() < end:
        if host.raylet():
            done = subprocess.run(host.later(sys.executable, "-c", code), capture_output=True, text=True, env=VARIABLES)
            if done.returncode == 0:
                return
            said = done.stderr
        time.sleep(0.5)
    raise SystemExit(f"Ray has not started on {host.name}\n{said}")


def infer(pictures: Path, output: Path, *more: str) -> list[str]:
    """The command, with what both runs share. Paths are relative, as people give them."""
    options = ["--output-dir", str(output), "--batch-size", str(CHUNK), *more]
    return [sys.executable, "-m", "unimumer", "infer", "--pictures", os.path.relpath(pictures), *options]


def busy(host: Host) -> float:
    """Processor seconds that the worker on a host has used so far."""
    total = 0.0
    for pid in host.pids():
        if name_of(pid).startswith("ray::_Worker"):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def answered(output: Path) -> int:
    """Items in the journal so far, with the line of its settings left out."""
    return max(0, sum(path.read_bytes().count(b"\n") for path in output.glob("*_items.jsonl")) - 1)


def wait_until(come: Callable[[], bool], process: subprocess.Popen[str], seconds: float) -> None:
    """Wait for what must come true while a process runs."""
    end = time.monotonic() + seconds
    while not come():
        if process.poll() is not None or time.monotonic() > end:
            said = process.communicate(timeout=5)[0] if process.poll() is not None else ""
            raise SystemExit(f"it has not come to that\n{said}")
        time.sleep(0.05)


def files(output: Path) -> dict[str, object]:
    """What a run has written; the lines of a journal come in any order."""
    found: dict[str, object] = {path.name: path.read_bytes() for path in output.glob("*_pred.json")}
    for path in output.glob("*_items.jsonl"):
        found[path.name] = sorted(path.read_bytes().splitlines())
    return found


def refused(head: Host, other: Host, pictures: Path, output: Path) -> bool:
    """Whether a run is refused, and names the other host, when the pictures are not to be seen there."""
    subprocess.run(other.later("mount", "-t", "tmpfs", "own", str(pictures)), check=True)
    command = head.later(*infer(pictures, output, "--ray", f"{head.address}:{PORT}", "--workers", "2"))
    done = subprocess.run(command, capture_output=True, text=True, env=VARIABLES)
    subprocess.run(other.later("umount", str(pictures)), check=True)
    print(f"without the pictures on one host: exit code {done.returncode}\n{done.stderr.strip()}")
    return done.returncode == 2 and f"{other.name} ({other.address})" in done.stderr and not any(output.iterdir())


def cut_off(head: Host, other: Host, pictures: Path, output: Path, expected: Path) -> bool:
    """Run on both hosts, cut the other one off while it works, and compare with the single run."""
    command = head.later(*infer(pictures, output, "--ray", f"{head.address}:{PORT}", "--workers", "2"))
    count = len(json.loads(next(expected.glob("*_pred.json")).read_text()))
    begun = time.monotonic()
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=subprocess.STDOUT, text=True, env=VARIABLES) as run:
        wait_until(lambda: answered(output) > 0 and busy(other) > 0, run, 120)
        start, before = busy(other), answered(output)
        wait_until(lambda: busy(other) - start > 1 and answered(output) - before > 2 * CHUNK, run, 120)
        ip("link", "set", other.cable, "down")
        lost, then = time.monotonic(), answered(output)
        said, _ = run.communicate(timeout=600)
    print(f"one host cut off {lost - begun:.0f} s after the start, with {then} of {count} answered;", end=" ")
    print(f"the run ended {time.monotonic() - lost:.0f} s later\n{said.strip()}")
    same = files(output) == files(expected)
    print(f"exit code {run.returncode}; the bytes of the single run: {'yes' if same else 'NO'}")
    return same and run.returncode == 0 and then < count


def main() -> None:
    """Build the hosts, run, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="?", type=Path, default=ROOT / "examples")
    parser.add_argument("--repeat", type=int, default=12, help="copies of every picture")
    parser.add_argument("--patience", type=float, default=5.0, help="seconds after which a silent host is dead")
    options = parser.parse_args()
    if why := can_run():
        raise SystemExit(why)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that hosts are taken down then too
    with tempfile.TemporaryDirectory(prefix="two-hosts-") as folder:
        pictures, output, expected = (Path(folder, name) for name in ("pictures", "output", "expected"))
        pictures.mkdir()
        for path in sorted(options.pictures.glob("*.png")):
            for i in range(options.repeat):
                shutil.copyfile(path, pictures / f"{path.stem}_{i}.png")
        subprocess.run(infer(pictures, expected), check=True, env=VARIABLES)
        with hosts() as (head, other), cluster(head, other, options.patience):
            fine = refused(head, other, pictures, output) and cut_off(head, other, pictures, output, expected)
    raise SystemExit(0 if fine else 1)


if __name__ == "__main__":
    main()
