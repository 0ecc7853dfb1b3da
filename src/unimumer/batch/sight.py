"""What every machine of a cluster must see as this one does: the package, and the same files under the same paths."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import unimumer
from unimumer.batch.prompts import Prompts
from unimumer.files import FileError, find_file, sha256


@dataclass(frozen=True, slots=True)
class Sight:
    """Some of what one machine sees; a few files stand for their folders."""

    package: str
    """SHA-256 of the sources of this package, hex."""
    files: tuple[tuple[Path, str], ...]
    """Absolute paths, and the SHA-256 of what is there, hex."""

    def missed_here(self) -> str:
        """What this machine sees otherwise, as a part of a sentence; empty when there is nothing."""
        if _package() != self.package:
            return "has another version of this package"
        for path, expected in self.files:
            try:
                found = sha256(path)
            except FileError as error:
                return f"cannot read a file that is read here ({error})"
            if found != expected:
                return f"has another file at {path}"
        return ""


def take_sight(sets: Iterable[Prompts], root: Path, model: Path | None) -> Sight:
    """Take from this machine the first, middle and last picture of every set, and the description of the model.

    Paths of pictures start from `root`; `model` is a folder, or None for a model that has none of its own. What
    cannot be read here is left out, since it is not read in a single run either.
    """
    pictures = (find_file(root, written) for one in sets for written in _some(one))
    descriptions = [model / name for name in ("nano.json", "config.json")] if model else []
    return Sight(_package(), tuple(_readable(path.absolute() for path in chain(descriptions, pictures))))


def _some(prompts: Prompts) -> list[str]:
    wanted = {0, prompts.count // 2, prompts.count - 1}
    return [item.prompted.image for item in prompts.items() if item.index in wanted]


def _readable(paths: Iterable[Path]) -> Iterable[tuple[Path, str]]:
    for path in paths:
        try:
            yield path, sha256(path)
        except FileError:
            continue


def _package() -> str:
    folder = Path(unimumer.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
