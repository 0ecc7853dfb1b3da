"""Labels of own inks and, where the data is at hand, of CROHME's against the published ones."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from unimumer.ink import Ink, label, read_files, read_inkml

DATA = Path(os.environ.get("UNIMUMER_DATA") or Path(__file__).parents[3] / "shared" / "data")


def _published(archive: str, labels: str, every: int) -> Iterator[tuple[Ink, str]]:
    """Every so many of the inks of an archive, with its published label; each label has its ink."""
    if not (DATA / archive).exists():
        pytest.skip("no ink of CROHME here")
    lines = (DATA / "labels" / labels).read_text(encoding="utf-8").splitlines()
    expected = dict(line.split("\t") for line in lines)
    unread = set(expected)
    for number, (id, content) in enumerate(read_files(DATA / archive)):
        unread.discard(id)
        if number % every == 0 and id in expected:
            yield read_inkml(content, id), expected[id]
    assert not unread, "labels without ink"


@pytest.mark.parametrize(
    ("archive", "labels", "limits", "every", "least"),
    [
        ("crohme-train.tar.xz", "crohme-train.tsv", False, 9, 0.985),
        ("crohme-2014.tar.xz", "crohme-2014-limits.tsv", True, 1, 0.998),
    ],
)
def test_labels_equal_the_published_ones(archive: str, labels: str, limits: bool, every: int, least: float) -> None:
    right = [label(ink, limits=limits) == expected for ink, expected in _published(archive, labels, every)]
    assert sum(right) / len(right) >= least
