"""Schemathesis asks whatever the description allows, and much that it does not, and finds nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("schemathesis", reason="needs the extra dev")

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from unimumer.engines.fake import FakeEngine
from unimumer.serve import ServeSettings, create_app

APP = create_app(FakeEngine(), ServeSettings(client_rate=10**6), Path("/nonexistent"))
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", APP)


ALLOWED = [positive_data_acceptance]
"""A schema cannot say which bytes are a picture, nor which points are ink: they are refused by 422."""


@SCHEMA.parametrize()
@settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_answers_are_as_described(case: schemathesis.Case) -> None:
    case.call_and_validate(excluded_checks=ALLOWED)
