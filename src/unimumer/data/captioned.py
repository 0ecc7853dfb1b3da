"""Samples from a list of labels beside a folder of pictures, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from unimumer.data.captions import iter_captions
from unimumer.data.sample import DataError, Rejected, Sample
from unimumer.files import PICTURE_SUFFIXES, picture_stem, read_objects, slashed

_ID = ("img_id", "image_id", "id")
_LABEL = ("label", "caption", "latex", "formula")
_IMAGE = ("image_path", "image", "img_path")
"""Keys of the items of a JSON list. The first of each is what the authors' tools read or write."""


def captioned(captions: Path, images: Path) -> Iterator[Sample | Rejected]:
    """The lines of a caption file with their pictures in `images`; a line that is none is given as rejected.

    Raises FileError when the file cannot be read.
    """
    for place, id, label in iter_captions(captions):
        if id:
            yield Sample(picture_stem(id), find_picture(images, id), label)
        else:
            yield Rejected(f"line {place.line} of {captions.name}", "not an id and a label")


def listed(path: Path, images: Path) -> Iterator[Sample | Rejected]:
    """The items of a JSON list of objects with an id and a label, and a path where they have one.

    Raises FileError when the file is no such list.
    """
    for place, item in read_objects(path):
        image = _text(item, _IMAGE)
        id = _text(item, _ID) or picture_stem(image)
        if id:
            yield Sample(picture_stem(id), find_picture(images, image or id), _text(item, _LABEL))
        else:
            yield Rejected(f"item {place.item} of {path.name}", f"has none of {', '.join(_ID)}")


def find_picture(images: Path, name: str) -> Path:
    """The file in `images` of that name, with a suffix put to it if need be.

    `name` may be a path below `images`, or one written elsewhere whose last part counts. When there is no such
    file, the path it should have.
    """
    inside = [part for part in slashed(name).split("/") if part not in ("", ".", "..")]
    for parts in (inside, inside[-1:]):
        path = images.joinpath(*parts)
        if Path(name).suffix.lower() in PICTURE_SUFFIXES and path.is_file():
            return path
        for suffix in PICTURE_SUFFIXES:
            if (with_suffix := path.with_name(path.name + suffix)).is_file():
                return with_suffix
    return path if path.suffix.lower() in PICTURE_SUFFIXES else path.with_name(path.name + PICTURE_SUFFIXES[0])


def stem(id: str) -> str:
    """An id without the folder and the suffix of a picture, which some lists write."""
    name = id.replace("\\", "/").rpartition("/")[2]
    return name[: -len(Path(name).suffix)] if Path(name).suffix.lower() in PICTURE_SUFFIXES else name


def first_present(source: Path, names: tuple[str, ...]) -> Path:
    """The first of some files or folders below `source` that is there. Raises DataError when none is."""
    found = next((source / name for name in names if (source / name).exists()), None)
    if found is None:
        raise DataError(f"{source}: none of {', '.join(names)} in it; see docs/data.md for the form expected")
    return found


def _text(item: dict[str, object], keys: tuple[str, ...]) -> str:
    return next((str(item[key]) for key in keys if isinstance(item.get(key), (str, int))), "")
