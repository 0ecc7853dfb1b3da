"""The alphabet, and the single symbols that are read for it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from unimumer.compose.alphabet import CROHME, KIN, SAME_INK, TOKENS, token_of
from unimumer.compose.corpus import read_symbols
from unimumer.files import FileError
from unimumer.latex import normalize


def test_every_token_is_there_once_and_takes_after_a_symbol_of_crohme() -> None:
    assert len(set(TOKENS)) == len(TOKENS) >= 220
    assert set(KIN.values()) <= set(CROHME)
    assert {SAME_INK[command] for command in SAME_INK} <= set(TOKENS) and not set(SAME_INK) & set(TOKENS)


def test_symbols_are_spelled_as_in_normalized_labels() -> None:
    structure = {"{", "}", "^", "_", "&", r"\\", r"\limits", r"\frac", r"\sqrt", r"\binom", r"\begin", r"\end"}
    for token in {*CROHME, *KIN} - structure:
        assert normalize(token) == token


@pytest.mark.parametrize(
    ("name", "token"),
    [
        *((r"\alpha", r"\alpha"), ("alpha", r"\alpha"), ("B_cap", "B"), ("Sigma_up", r"\Sigma"), (r"\varphi", r"\phi")),
        *(("dot", "."), (r"\mid", "|"), (r"\smiley", None), ("", None), (r"\begin", None)),
    ],
)
def test_names_of_symbols(name: str, token: str | None) -> None:
    assert token_of(name) == token


def written(path: Path, *records: object) -> Path:
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, records)).encode()))
    return path


def test_symbols_are_read_by_their_command_and_others_passed_over(tmp_path: Path) -> None:
    lines = [[[0, 0], [9, 9]], [[9, 0], [0, 9], [4, 4]]]
    path = written(tmp_path / "d.jsonl.gz", {"s": "id1", "k": lines}, {"s": "id2", "k": lines}, {"s": "x", "k": lines})
    (tmp_path / "d-symbols.json").write_text(
        json.dumps({"id1": {"command": r"\varphi"}, "id2": {"command": r"\smiley"}})
    )
    found = list(read_symbols(path))
    assert [(ink.id, token) for ink, token in found] == [("d-1", r"\phi"), ("d-3", "x")]
    ink = found[0][0]
    assert [stroke.tolist() for stroke in ink.strokes] == lines and ink.symbols[0].strokes == (0, 1)


@pytest.mark.parametrize("record", [{"s": "x"}, 7, {"s": "x", "k": [[[1, "a"]]]}, {"s": "x", "k": [[[1]]]}])
def test_what_is_no_symbol_is_named_with_its_line(record: object, tmp_path: Path) -> None:
    path = written(tmp_path / "d.jsonl.gz", {"s": "x", "k": [[[0, 0]]]}, record)
    with pytest.raises(FileError, match=r"d\.jsonl\.gz: line 2"):
        list(read_symbols(path))
