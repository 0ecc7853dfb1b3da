"""Lists of labels beside a folder of pictures: caption files, a line each, and JSON lists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from unimumer.data.sample import DataError, Rejected, Sample
from unimumer.files import PICTURE_SUFFIXES, Place, picture_stem, read_objects, read_table, slashed

_ID = ("img_id", "image_id", "id")
_LABEL = ("label", "caption", "latex", "formula")
_IMAGE = ("image_path", "image", "img_path")
"""Keys of the items of a JSON list. The first of each is what the authors' tools read or write."""


def read_captions(path: Path) -> dict[str, str]:
    """Labels by id, in the order of the file, tokens separated by one space.

    A line is `id<TAB>label`, or `id label` with any white space as CoMER reads it (an id with spaces needs
    the tab). Empty lines are passed over. Raises FileError, with the line, for one without a label and for an
    id that occurs twice.
    """
    captions: dict[str, str] = {}
    for place, id, label in iter_captions(path):
        if not id or not label:
            raise place.error("expected an id, a tab and a label")
        if id in captions:
            raise place.error(f"id {id!r} occurs twice")
        captions[id] = label
    return captions


def iter_captions(path: Path) -> Iterator[tuple[Place, str, str]]:
    """Place, id and label of every line but empty ones, a line in memory at a time; read as by `read_captions`.

    An id may come twice, and id and label may be empty. Raises FileError when the file cannot be read.
    """
    for place, id, label in read_table(path, spaces=True):
        yield place, id, " ".join(label.split())


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
        for suffix in (*PICTURE_SUFFIXES, *map(str.upper, PICTURE_SUFFIXES)):
            if (with_suffix := path.with_name(path.name + suffix)).is_file():
                return with_suffix
    return path if path.suffix.lower() in PICTURE_SUFFIXES else path.with_name(path.name + PICTURE_SUFFIXES[0])


def first_present(source: Path, names: tuple[str, ...]) -> Path:
    """The first of some files or folders below `source` that is there. Raises DataError when none is."""
    found = next((source / name for name in names if (source / name).exists()), None)
    if found is None:
        raise DataError(f"{source}: none of {', '.join(names)} in it; see docs/data.md for the form expected")
    return found


def _text(item: dict[str, object], keys: tuple[str, ...]) -> str:
    return next((str(item[key]) for key in keys if isinstance(item.get(key), (str, int))), "")
