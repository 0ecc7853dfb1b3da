"""Looks through a data folder and says, set by set, what is there, what is missing and what is broken."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from unimumer.data.captions import read_captions
from unimumer.data.layout import LAYOUTS, SetLayout
from unimumer.data.sharegpt import Prompted, read_prompts
from unimumer.errors import UnimumerError
from unimumer.files import picture_stem, read_list, slashed, spread
from unimumer.latex import LatexError, parse

_CHUNK = 64


@dataclass(frozen=True, slots=True)
class SetFinding:
    """What one set is like."""

    layout: SetLayout
    state: Literal["missing", "sound", "broken"]
    count: int = 0
    """Records in its file of prompts."""
    problems: tuple[str, ...] = ()
    """What makes it broken."""
    notes: tuple[str, ...] = ()
    """What published sets show as well, and what is good to know before scoring."""


def check(data: Path, *, pictures: bool = False, jobs: int = 1) -> Iterator[SetFinding]:
    """Yield a finding for every set of `LAYOUTS` below the folder `data`.

    With `pictures` every picture is decoded too, by `jobs` processes.
    """
    for layout in LAYOUTS:
        yield _Checked(layout, data).finding(jobs if pictures else 0)


class _Checked:
    """One set while it is looked at."""

    def __init__(self, layout: SetLayout, data: Path) -> None:
        self.layout, self.data = layout, data
        self.problems: list[str] = []
        self.notes: list[str] = []

    def finding(self, decoders: int) -> SetFinding:
        """What the set is like; pictures are decoded by that many processes, by none not at all."""
        layout = self.layout
        # Pictures alone are no sign of a set: a raw and a normalized one share them.
        files = [layout.prompts, *([f"{layout.folder}/{layout.labels}"] if layout.folder else [])]
        if not any((self.data / file).exists() for file in files):
            return SetFinding(layout, "missing")
        prompts = self._prompts()
        self._images(prompts, decoders)
        if layout.folder:
            self._labels_file(prompts)
        self._note("{} labels do not parse", [item.id for item in prompts if not _parses(item.label)])
        if layout.size not in (None, len(prompts)) and prompts:
            self.notes.append(f"{layout.size} were published")
        state: Literal["broken", "sound"] = "broken" if self.problems else "sound"
        return SetFinding(layout, state, len(prompts), tuple(self.problems), tuple(self.notes))

    def _prompts(self) -> list[Prompted]:
        try:
            prompts = list(read_prompts(self.data / self.layout.prompts))
        except UnimumerError as error:
            self.problems.append(str(error))
            return []
        if not prompts:
            self.problems.append(f"{self.layout.prompts} has no records")
        counts = Counter(item.id for item in prompts)
        self._problem("{} ids occur twice", [id for id, count in counts.items() if count > 1])
        self._problem("{} records have no label", [item.id for item in prompts if not item.label])
        return prompts

    def _images(self, prompts: list[Prompted], decoders: int) -> None:
        paths = {item.image: self._locate(item.image) for item in prompts}
        missing = [image for image, path in paths.items() if not os.path.isfile(path)]
        self._problem("{} pictures are missing", missing)
        if decoders:
            gone = set(missing)
            present = [(image, path) for image, path in paths.items() if image not in gone]
            chunks = [present[i : i + _CHUNK] for i in range(0, len(present), _CHUNK)]
            broken = [found for chunk in spread(_undecodable, chunks, decoders) for found in chunk]
            self._problem("{} pictures cannot be decoded", broken)

    def _locate(self, image: str) -> Path:
        """The file a record means: below this data folder, whatever it was called when that was written."""
        path = PurePosixPath(slashed(image))
        if path.is_absolute() or self.layout.family not in path.parts:
            return self.data.absolute().parent / image
        depth = path.parts[::-1].index(self.layout.family) + 1
        return self.data.joinpath(*path.parts[-depth:])

    def _labels_file(self, prompts: list[Prompted]) -> None:
        path = self.data / self.layout.folder / self.layout.labels
        try:
            if path.suffix == ".txt":
                self._agreement({picture_stem(id): label for id, label in read_captions(path).items()}, prompts)
            elif not read_list(path):
                self.problems.append(f"{path}: an empty list")
        except UnimumerError as error:
            self.problems.append(str(error))

    def _agreement(self, captions: dict[str, str], prompts: list[Prompted]) -> None:
        labels = {item.id: " ".join(item.label.split()) for item in prompts}
        name = self.layout.labels
        if labels:
            self._problem(f"{{}} records are not in {name}", [id for id in labels if id not in captions])
            self._problem(f"{{}} ids of {name} have no record", [id for id in captions if id not in labels])
        differing = [id for id, label in labels.items() if captions.get(id, label) != label]
        self._note(f"{{}} labels differ from {name}", differing)

    def _problem(self, text: str, names: Sequence[str]) -> None:
        if names:
            self.problems.append(_listed(text, names))

    def _note(self, text: str, names: Sequence[str]) -> None:
        if names:
            self.notes.append(_listed(text, names))


def _listed(text: str, names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:3])
    return f"{text.format(len(names))}: {shown}{', …' if len(names) > 3 else ''}"


def _parses(label: str) -> bool:
    try:
        parse(label)
    except LatexError:
        return False
    return True


def _undecodable(pictures: list[tuple[str, Path]]) -> list[str]:
    from unimumer.imaging import ImageError, load

    broken = []
    for image, path in pictures:
        try:
            load(path)
        except ImageError as error:
            broken.append(f"{image} ({error})")
    return broken
