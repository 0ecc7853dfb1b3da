"""Ink to pictures and labels: what is drawn, which ids are taken, and the real CROHME 2014."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from unimumer.data import read_captions
from unimumer.data.inks import draw, label_crohme, read_crohme
from unimumer.data.sample import Rejected, Sample, named
from unimumer.imaging import load
from unimumer.ink import InkError
from unimumer.ink.picture import MARGIN, MAX_SIDE

ODD = ["a b", "a.b.c", "$(touch x)", "`id`;&'", "😀é", "-rf", "n" * 200]
REFUSED = {
    "a\tb": "character",
    "a\nb": "character",
    "a\x1bb": "character",
    "c:d": "character",
    " a": "space",
    "n" * 201: "too long",
}


def inkml(truth: str = "$x+1$") -> bytes:
    """Two strokes that are one symbol."""
    views = '<traceView traceDataRef="0"/><traceView traceDataRef="1"/>'
    group = f'<traceGroup><traceGroup><annotation type="truth">x</annotation>{views}</traceGroup></traceGroup>'
    strokes = '<trace id="0">0 0, 100 100</trace><trace id="1">0 100, 100 0</trace>'
    return f'<ink><annotation type="truth">{truth}</annotation>{strokes}{group}</ink>'.encode()


def test_a_picture_is_black_on_white_in_one_size() -> None:
    drawn, data = draw(Sample("a", Path("a.jpg"), "", inkml(r"$\sum_{i}i$")), label_crohme)
    assert (drawn.label, drawn.ink, drawn.image) == (r"\sum \limits _ { i } i", None, Path("a.jpg"))
    pixels = load(data)
    assert pixels.shape[0] == pixels.shape[1] > 2 * MARGIN
    assert pixels[: MARGIN - 4].min() > 240
    assert np.array_equal(pixels[..., 0], pixels[..., 2])
    with pytest.raises(InkError):
        draw(Sample("b", Path("b.jpg"), "", b""), label_crohme)


def test_ids_that_are_no_names_or_come_twice_are_refused(tmp_path: Path) -> None:
    for id in (*ODD, *REFUSED, "up/Twice", "twice"):
        path = tmp_path / f"{id}.inkml"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(inkml())
    items = list(named(read_crohme(tmp_path, "2014")))
    assert {item.id for item in items if isinstance(item, Sample)} == {*ODD, "twice"}
    reasons = {item.id: item.reason for item in items if isinstance(item, Rejected)}
    assert reasons.pop("Twice") == "the id occurs twice"
    assert reasons.keys() == {ascii(id)[1:-1] for id in REFUSED}
    assert all(reason in reasons[ascii(id)[1:-1]] for id, reason in REFUSED.items())


def test_crohme_2014_as_published(tmp_path: Path, data: Path) -> None:
    """Ids, and labels and pictures of every tenth, of the real set where it is there, of a stand-in everywhere."""
    source, labels = data / "crohme-2014.tar.xz", {"own": "x _ { 1 }"}
    if source.exists():
        labels = read_captions(data / "labels" / "crohme-2014-limits.tsv")
    else:
        source = tmp_path
        (source / "own.inkml").write_bytes(inkml("$x_1$"))
    items = [item for item in named(read_crohme(source, "2014")) if isinstance(item, Sample)]
    assert {item.id for item in items} == labels.keys()
    drawn = [draw(item, label_crohme) for item in items[::10]]
    assert sum(sample.label == labels[sample.id] for sample, _ in drawn) >= 0.97 * len(drawn)
    sizes = np.array([load(picture).shape[:2] for _, picture in drawn])
    assert sizes.max() <= MAX_SIDE
    assert sizes.min() > 2 * MARGIN
