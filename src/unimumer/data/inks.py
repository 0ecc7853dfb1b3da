"""Samples whose pictures are drawn: InkML files as they come, and the drawing of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2

from unimumer.data.sample import Rejected, Sample
from unimumer.ink import Ink, picture, read_files, read_inkml

JPEG_QUALITY = 95


def ink_samples(source: Path, folder: str = "") -> Iterator[Sample | Rejected]:
    """The InkML files of a folder or an archive, not read yet; with `folder` those in a folder of that name.

    A `source` with InkML files directly in it is taken for that folder. Raises InkError when `source` is
    missing or not a readable archive.
    """
    if source.is_dir() and any(source.glob("*.inkml")):
        folder = ""
    for id, data in read_files(source, folder=folder):
        yield Sample(id, Path(f"{id}.jpg"), "", data)


def draw(sample: Sample, label: Callable[[Ink], str]) -> tuple[Sample, bytes]:
    """The sample with its label, and its picture: a gray JPEG, which readers that want RGB spread to three channels.

    Raises InkError for ink that cannot be read or drawn, and what `label` raises.
    """
    ink = read_inkml(sample.ink or b"", sample.id)
    drawn = cv2.imencode(".jpg", picture(ink), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
    return replace(sample, label=label(ink), ink=None), drawn.tobytes()
