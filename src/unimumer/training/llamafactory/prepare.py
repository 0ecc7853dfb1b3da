"""From a folder of labelled pictures to conversations that LLaMA-Factory trains on, registered for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2

from unimumer.data.register import SHAREGPT, entry
from unimumer.data.sample import DataError, Sample
from unimumer.data.sharegpt import Record, record, write_released
from unimumer.engines.base import Request
from unimumer.engines.nano import NanoEngine
from unimumer.errors import UnimumerError
from unimumer.files import write_json
from unimumer.imaging import load
from unimumer.tasks import count, recognize, tree
from unimumer.training.llamafactory.sets import REGISTRY

TASKS = {"recognize": recognize, "tree": tree, "count": count}
"""Conversations that a label alone suffices for; finding and fixing errors need candidates."""
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A labelled picture that cannot be trained on."""

    id: str
    reason: str


def prepare(
    labels: Mapping[str, str],
    pictures: Path,
    out: Path,
    tasks: Iterable[str],
    normalize: Callable[[str], str],
    fit: NanoEngine | None = None,
    progress: Callable[[Iterable[str]], Iterable[str]] = iter,
) -> tuple[int, list[LeftOut]]:
    """Write `out/NAME.json`, NAME being the folder's, registered in `out/dataset_info.json`.

    Returns how many pictures are used, and the others. `labels` are LaTeX by the stem of a picture's name. With
    `fit`, pictures are written to `out/images` at the scale and in the gray that this model sees; large models take
    the pictures as they are, by the path given. `normalize` makes a label the space-tokenized normal form, or raises
    UnimumerError. Raises DataError when nothing is left.
    """
    kinds = [TASKS[name] for name in tasks]
    records: list[Record] = []
    left_out: list[LeftOut] = []
    for id in progress(labels):
        try:
            picture = _picture(pictures, id)
            label = normalize(labels[id])
            targets = [(kind.prompt(), kind.target(label)) for kind in kinds]
            image = _fitted(picture, fit, out / "images", id) if fit else _readable(picture)
        except UnimumerError as error:
            left_out.append(LeftOut(id, str(error)))
        else:
            records += [record(Sample(id, image, label), prompt, target) for prompt, target in targets]
    if not records:
        raise DataError(f"none of the {len(labels)} labels can be trained on; the first: {left_out[0].reason}")
    _write(out, records)
    return len(labels) - len(left_out), left_out


def _picture(folder: Path, id: str) -> Path:
    if Path(id).name != id:
        raise DataError(f"the id {id!r} is not the name of a file")
    for suffix in SUFFIXES:
        if (folder / (id + suffix)).is_file():
            return folder / (id + suffix)
    raise DataError(f"no picture {id}.png (or .jpg, .webp, .bmp) in {folder}")


def _readable(picture: Path) -> Path:
    load(picture)  # LLaMA-Factory would stop at it, hours later
    return picture


def _fitted(picture: Path, model: NanoEngine, folder: Path, id: str) -> Path:
    """Write what the model will see of a picture; sides are multiples of a cell, so that no processor rescales it."""
    seen = model.prepare(Request(load(picture), ""))
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{id}.png"
    target.write_bytes(cv2.imencode(".png", seen)[1].tobytes())
    return target


def _write(out: Path, records: list[Record]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    name = out.resolve().name
    write_released(out / f"{name}.json", records)
    write_json(out / REGISTRY, {name: entry(f"{name}.json", SHAREGPT)})
