"""The program's verbs, run in the test's own process."""

from __future__ import annotations

import sys
from unittest.mock import patch

import pytest

from unimumer.cli.main import main


def run(*arguments: object) -> int:
    """Exit code of `unimumer` with these arguments."""
    with patch.object(sys, "argv", ["unimumer", *map(str, arguments)]), pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)
