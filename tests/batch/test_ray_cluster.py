"""The same job on a Ray cluster of two workers: equal bytes, though a worker is killed in the middle."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from unimumer.batch import BatchPlan, Local, check_prompts, run
from unimumer.batch.cluster import Cluster
from unimumer.engines.base import Answer, Decoding, Engine, EngineError, Request
from unimumer.engines.ray import ClusterLayout

# Ray leaves files and sockets open, and is not to be mended here.
pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("default")]


def engine(folder: Path) -> Engine:
    """An engine that leaves its process's number in a folder; one picture, of 13 x 13 pixels, kills it."""
    import hashlib
    import signal
    import time

    from unimumer.engines.base import LARGE, Text
    from unimumer.engines.fake import request_key

    class Mortal:
        # Defined here so that Ray sends it to workers, which know nothing of this file.
        name = "mortal"
        defaults = LARGE

        def generate(self, requests: Sequence[Request], decoding: Decoding, *_: object) -> list[Answer]:
            (folder / str(os.getpid())).touch()
            time.sleep(0.05)
            if any(request.picture.shape[0] == 13 for request in requests):
                os.kill(os.getpid(), signal.SIGKILL)
            call = "".join(map(request_key, requests)) + str(decoding.seed)
            texts = [hashlib.sha256((call + request_key(one)).encode()).hexdigest()[:6] for one in requests]
            return [Answer((Text(" ".join(text), (-int(text, 16) / 2**24,)),), "stop") for text in texts]

    return Mortal()


@pytest.fixture(scope="module")
def pids(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pids")


@pytest.fixture(scope="module")
def cluster(pids: Path) -> Iterator[Cluster]:
    from ray import cloudpickle

    def load() -> Engine:
        return engine(pids)

    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    with pytest.MonkeyPatch.context() as patch:
        # pytest finds the sources by itself; workers need to be told.
        patch.setenv("PYTHONPATH", str(Path(sys.modules["unimumer"].__file__ or "").parents[1]))
        with Cluster(load, ClusterLayout(workers=2)) as cluster:
            yield cluster


def plan(bench, answerer) -> BatchPlan:
    return BatchPlan(answerer, bench.output, bench.root, Decoding(temperature=1.0, seed=5), 4)


def test_a_killed_worker_changes_nothing(bench, cluster: Cluster, pids: Path) -> None:
    images = [bench.picture(f"p{seed}.png", seed) for seed in range(81)]
    images[7] = "none.png"
    prompts = bench.prompts(images)
    run(prompts, plan(bench, Local(engine(bench.root))))
    expected = bench.files()
    shutil.rmtree(bench.output)
    bench.output.mkdir()
    for path in pids.iterdir():
        path.unlink()
    killed: list[int] = []

    def kill(_: int) -> None:
        # The first that has answered; a slow machine may not have started the second.
        if not killed and (found := sorted(pids.iterdir())):
            killed.append(int(found[0].name))
            os.kill(killed[0], signal.SIGKILL)

    summary = run(prompts, plan(bench, cluster), kill)
    assert (summary.done, summary.failed, summary.skipped) == (80, 1, 0)
    assert killed and len(list(pids.iterdir())) >= 2
    found = bench.files()
    assert found["set_pred.json"] == expected["set_pred.json"]
    assert sorted(found["set_items.jsonl"].splitlines()) == sorted(expected["set_items.jsonl"].splitlines())
    assert run(prompts, plan(bench, cluster)).skipped == 80


def test_a_picture_that_kills_workers_costs_its_chunk(bench, cluster: Cluster) -> None:
    from PIL import Image

    images = [bench.picture(f"q{seed}.png", seed) for seed in range(24)]
    Image.new("RGB", (13, 13)).save(bench.root / "q9.png")
    summary = run(bench.prompts(images), plan(bench, cluster))
    assert summary.failed >= 4 and summary.done + summary.failed == 24
    assert {8, 9, 10, 11} <= {outcome.index for outcome in summary.failures}
    assert summary.failures[0].reason.startswith("the worker died 3 times on items ")
    bench.picture("q9.png", 9)
    later = run(check_prompts(bench.root / "set.json"), plan(bench, Local(engine(bench.root))))
    assert (later.done, later.skipped, later.failed) == (summary.failed, summary.done, 0)


def test_a_worker_that_dies_while_it_starts_is_replaced(pids: Path, cluster: Cluster) -> None:
    tried = pids.parent / "tried"

    def load() -> Engine:
        if not tried.exists():
            tried.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return engine(pids)

    while cluster._starting:  # of the test before
        cluster._welcome(cluster._first_done())
    cluster._load = load
    cluster._replace(cluster._ready[0])
    while cluster._starting:
        cluster._welcome(cluster._first_done())
    assert tried.exists() and len(cluster._ready) == 2


def test_no_cluster_is_a_clear_error() -> None:
    for address in ("127.0.0.1:1", "ray://127.0.0.1:x"):
        with pytest.raises(EngineError, match=f"no Ray cluster at {address}: "):
            Cluster(lambda: engine(Path()), ClusterLayout(workers=1, address=address))
