"""Loads the server on loopback: peak throughput against the engine's own in batch, latency below it, memory.

    python bench/bench_serve.py [PICTURES] [--clients 200] [--seconds 20]

PICTURES is a folder; examples/ when left out. Each client has an address of its own in 127.0.0.0/8 (Linux). Parts:
the unloaded median, one client at a time; all clients at once for `--seconds`, each asking again as soon as it is
answered, or after what Retry-After says; then requests at random moments at shares of that peak. The engine is timed
before and after the full load, in this process, on the same pictures with as many threads as the server has workers.
It ends by itself, after a bounded number of requests. Ratios are within one run; on a busy machine only they mean
something, and those of processor time most.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from unimumer.engines.base import Decoding, Request
from unimumer.engines.nano import NanoEngine
from unimumer.environment import processors
from unimumer.imaging import load
from unimumer.tasks import recognize

MOST = 20_000
"""Requests of one part, at most."""
SHARES = (0.2, 0.5, 0.8)
"""Of the peak, at which latency is taken."""


@dataclass
class Load:
    """What came back."""

    statuses: Counter[int] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    """Seconds of each answer with status 200."""

    def line(self, seconds: float) -> str:
        """Say it, for what took so many seconds."""
        ordered = sorted(self.times) or [0.0]
        p99 = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
        rate = self.statuses[200] / seconds
        median = statistics.median(ordered)
        return f"{rate:6.1f}/s  median {1000 * median:6.0f} ms  p99 {1000 * p99:6.0f} ms  {dict(self.statuses)}"


async def ask(port: int, address: str, body: bytes, load: Load) -> float:
    """One request on a connection of its own; gives the seconds to wait before the next."""
    begun = time.perf_counter()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
        lines = (
            f"POST /v1/recognize HTTP/1.1\r\nHost: bench\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(lines.encode() + body)
        answer = await reader.read()
        writer.close()
        status = int(answer[9:12])
    except (OSError, ValueError):
        load.statuses[0] += 1
        return 1.0
    load.statuses[status] += 1
    if status == 200:
        load.times.append(time.perf_counter() - begun)
    again = re.search(rb"retry-after: (\d+)", answer, re.IGNORECASE)
    return float(again[1]) if again else 0.0


async def full(port: int, bodies: list[bytes], clients: int, seconds: float) -> Load:
    """All clients at once, each asking again and again."""
    load, end, left = Load(), time.perf_counter() + seconds, iter(range(MOST))

    async def client(i: int) -> None:
        for body in cycle(bodies[i % len(bodies) :] + bodies[: i % len(bodies)]):
            if time.perf_counter() > end or next(left, None) is None:
                return
            await asyncio.sleep(await ask(port, f"127.1.{i // 250}.{1 + i % 250}", body, load))

    await asyncio.gather(*map(client, range(clients)))
    return load


async def paced(port: int, bodies: list[bytes], rate: float, seconds: float) -> Load:
    """Requests at random moments, `rate` a second."""
    load, numbers, tasks, begun, due = Load(), random.Random(1), [], time.perf_counter(), 0.0
    for i, body in zip(range(MOST), cycle(bodies)):
        due += numbers.expovariate(rate)
        if due > seconds:
            break
        await asyncio.sleep(max(0.0, begun + due - time.perf_counter()))
        tasks.append(asyncio.create_task(ask(port, f"127.2.{i // 250 % 250}.{1 + i % 250}", body, load)))
    await asyncio.gather(*tasks)
    return load


async def alone(port: int, bodies: list[bytes]) -> Load:
    """One client, sixty requests."""
    load = Load()
    for body in (bodies * 60)[:60]:
        await ask(port, "127.0.0.1", body, load)
    return load


def of_process(pid: int) -> tuple[float, float]:
    """Processor seconds so far, and peak memory in MB."""
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    status = Path(f"/proc/{pid}/status").read_text()
    peak = re.search(r"VmHWM:\s+(\d+)", status)
    return (int(stat[11]) + int(stat[12])) / 100, int(peak[1]) / 1024 if peak else 0.0


def engine_alone(bodies: list[bytes], threads: int) -> tuple[float, float]:
    """Pictures a second and processor milliseconds a picture of the engine, 256 in one call, decoding included."""
    engine = NanoEngine.load(threads=threads)
    begun, spent = time.perf_counter(), time.process_time()
    requests = [Request(load(body), recognize.prompt()) for _, body in zip(range(256), cycle(bodies))]
    engine.generate(requests, Decoding())
    return 256 / (time.perf_counter() - begun), (time.process_time() - spent) / 256 * 1000


def main() -> None:
    """Start the server, load it, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="?", type=Path, default=Path(__file__).resolve().parent.parent / "examples")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    bodies = [path.read_bytes() for path in sorted(options.pictures.glob("*.png"))[:500]]
    workers = min(4, processors())
    command = [sys.executable, "-m", "unimumer", "serve", "--port", "0", "--workers", str(workers)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            found = re.search(r":(\d+)$", server.stderr.readline().strip() if server.stderr else "")
            if found is None:
                raise SystemExit("the server did not start")
            measure(int(found[1]), server.pid, bodies, workers, options.clients, options.seconds)
        finally:
            server.terminate()
    print(f"the server ended with {server.returncode}")


def measure(port: int, pid: int, bodies: list[bytes], workers: int, clients: int, seconds: float) -> None:
    """All parts, and a line for each."""
    asyncio.run(alone(port, bodies))
    unloaded = asyncio.run(alone(port, bodies))
    median = statistics.median(unloaded.times)
    print(
        f"unloaded        {1000 * median:6.0f} ms median of {len(unloaded.times)}, {of_process(pid)[1]:.0f} MB",
        flush=True,
    )
    before = engine_alone(bodies, workers)
    spent, begun = of_process(pid)[0], time.perf_counter()
    load = asyncio.run(full(port, bodies, clients, seconds))
    took, answered = time.perf_counter() - begun, load.statuses[200]
    cost = (of_process(pid)[0] - spent) / max(1, answered) * 1000
    after = engine_alone(bodies, workers)
    rate, own = statistics.mean((before[0], after[0])), statistics.mean((before[1], after[1]))
    print(f"{clients} clients     {load.line(took)}")
    print(f"engine alone    {before[0]:.1f} and {after[0]:.1f}/s; {before[1]:.1f} and {after[1]:.1f} ms of a core")
    print(f"throughput      {answered / took / rate:.0%} of the engine's", flush=True)
    print(f"a picture costs {cost:.1f} ms of a core; the engine's own part of that is {own / cost:.0%}", flush=True)
    for share in SHARES:
        part = asyncio.run(paced(port, bodies, share * answered / took, seconds))
        p99 = sorted(part.times)[int(0.99 * len(part.times))] if part.times else 0.0
        print(f"{share:4.0%} of peak    {part.line(seconds)}  p99 / unloaded median {p99 / median:.1f}", flush=True)
    print(f"peak memory     {of_process(pid)[1]:.0f} MB")


if __name__ == "__main__":
    main()
