"""The common tests, for the engines of the light package."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from unimumer.engines.base import Engine
from unimumer.engines.load import EngineSettings, load_engine

from .server import answer, serving
from .suite import EngineSuite


class TestFake(EngineSuite):
    reaches_a_model = False

    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls) -> Engine:
        return load_engine("fake")


class TestNano(EngineSuite):
    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls) -> Engine:
        return load_engine("nano", EngineSettings(threads=1))


class TestOpenAI(EngineSuite):
    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls) -> Iterator[Engine]:
        with serving(answer) as (address, _):
            yield load_engine(f"openai:m@{address}")
