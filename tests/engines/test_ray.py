"""What is checked before replicas are started, and that a call which is stopped stops, without a Ray to ask."""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from unimumer.cli.main import cli
from unimumer.engines.base import Answer, Cancelled, Decoding, EngineError, Request, Stop, never
from unimumer.engines.fake import FakeEngine
from unimumer.engines.load import load_engine
from unimumer.engines.ray import ClusterLayout, _Replica, _try_machines


class _Task:
    """A task of a cluster whose machines are all this process; it is done when it is asked for."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def options(self, **_: Any) -> _Task:
        return self

    def remote(self, *given: Any) -> Callable[[], Any]:
        return lambda: self._function(*given)


def cluster(*machines: dict[str, float], late: int = 0) -> Any:
    """A stand-in for the module `ray`, which sees these resources; so many tasks are never done."""
    nodes = [
        {"Alive": True, "Resources": one, "NodeID": str(i), "NodeManagerHostname": f"m{i}", "NodeManagerAddress": "::"}
        for i, one in enumerate(machines)
    ]
    return SimpleNamespace(
        nodes=lambda: nodes,
        remote=lambda **_: _Task,
        wait=lambda asked, **_: (asked[late:], asked[:late]),
        get=lambda promise: promise(),
        exceptions=SimpleNamespace(RayError=ConnectionError),
    )


@pytest.fixture(autouse=True)
def strategies(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("ray.util.scheduling_strategies")
    vars(module)["NodeAffinitySchedulingStrategy"] = lambda node, soft: node
    for name in ("ray", "ray.util"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.mark.parametrize(
    "load, layout, said",
    [
        (
            lambda: load_engine("nothing"),
            ClusterLayout(2),
            r"machine m0 \(::\) cannot load the model: there is no folder",
        ),
        (lambda: 1 / 0, ClusterLayout(2), r"m0 \(::\) cannot load the model: ZeroDivisionError"),
        (FakeEngine, ClusterLayout(7), "room for 6 of 7 replicas: each asks for 1 processors and 0 graphics"),
        (FakeEngine, ClusterLayout(2, cpus=3), "room for 1 of 2"),
        (FakeEngine, ClusterLayout(3, gpus=0.5), "room for 2 of 3"),
    ],
)
def test_what_cannot_be_run_is_said_in_one_sentence(load: Any, layout: ClusterLayout, said: str) -> None:
    with pytest.raises(EngineError, match=said) as raised:
        _try_machines(cluster({"CPU": 4.0, "GPU": 1.0}, {"CPU": 2.0}), load, layout)
    assert "\n" not in str(raised.value)


def test_a_machine_that_loads_the_model_passes_and_one_that_never_ends_is_named() -> None:
    _try_machines(cluster({"CPU": 2.0}, {}), FakeEngine, ClusterLayout(2))
    with pytest.raises(EngineError, match="has not answered in 900 s"):
        _try_machines(cluster({"CPU": 2.0}, late=1), FakeEngine, ClusterLayout(2))


class _Held(FakeEngine):
    ended = False

    def generate(self, requests: Any, decoding: Decoding, stop: Stop = never) -> list[Answer]:
        while not stop():
            pass
        self.ended = True
        raise Cancelled("stopped")


def test_a_cancelled_call_stops_its_engine() -> None:
    engine = _Held()

    async def cancel() -> None:
        asked: list[Request] = []
        call = asyncio.create_task(_Replica(lambda: engine).generate(asked, Decoding()))
        await asyncio.sleep(0.05)
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()

    asyncio.run(cancel())  # its end waits for the threads
    assert engine.ended


@pytest.mark.parametrize("gpus", [math.nan, math.inf, -1, 1.5])
def test_no_worker_has_such_graphics_cards(gpus: float) -> None:
    with pytest.raises(EngineError, match="graphics cards"):
        ClusterLayout(1, gpus=gpus)


@pytest.mark.parametrize(
    "words, said",
    [
        ("serve --replicas 3", "--replicas goes with --ray"),
        ("serve --gpus-per-replica 1", "--gpus-per-replica goes with --ray"),
        ("serve --ray --gpus-per-replica 1.5", "whole number, not 1.5"),
        ("serve --ray= --replicas 3", "has an address"),
        ("infer --pictures . --output-dir out --workers 2", "--workers goes with --ray"),
        ("infer --pictures . --output-dir out --ray --gpus-per-worker nan", "not nan"),
    ],
)
def test_options_that_make_no_sense_together(words: str, said: str) -> None:
    done = CliRunner(env={"UNIMUMER_API_KEYS": ""}).invoke(cli, words.split())
    assert done.exit_code == 2 and said in done.stderr and "Traceback" not in done.output
