from __future__ import annotations

import os

import pytest

from unimumer.environment import installed, own_version, processors


def test_processors_are_those_this_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {3, 5, 7}, raising=False)
    assert processors() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    assert processors() == (os.cpu_count() or 1)


def test_versions_are_found_or_said_to_be_missing() -> None:
    assert installed("click") and installed("no-such-package-here") is None
    assert own_version() in (installed("unimumer"), "unknown (not installed)")
