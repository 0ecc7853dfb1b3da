from __future__ import annotations

import json

from click.testing import CliRunner

from unimumer.cli.main import cli
from unimumer.engines.checkpoint import HUB_NAME
from unimumer.engines.zoo import BACKBONES, FAMILIES


def test_every_model_is_listed_with_what_it_needs() -> None:
    out = CliRunner().invoke(cli, ["models"]).output
    for model in BACKBONES.values():
        assert model.model in out and model.license in out
    assert "hf download phxember/" in out and "nano" in out


def test_json_is_complete_and_can_be_named_as_a_model() -> None:
    entries = json.loads(CliRunner().invoke(cli, ["models", "--json"]).output)
    assert len(entries) == len(BACKBONES)
    for entry in entries:
        assert HUB_NAME.fullmatch(entry["name"])
        assert any(entry["backbone"]["name"].startswith(backbone) for backbone in FAMILIES.values())
        assert entry["weights_gb"] < entry["memory_gb"]
