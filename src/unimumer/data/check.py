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
        # Pictures alone are no sign of a set: a raw and a normalized one share them.
        files = [layout.prompts, *([f"{layout.folder}/{layout.labels}"] if layout.folder else [])]
        if any((data / file).exists() for file in files):
            yield _Checked(layout, data).finding(jobs if pictures else 0)
        else:
            yield SetFinding(layout, "missing")


class _Checked:
    """One set while it is looked at."""

    def __init__(self, layout: SetLayout, data: Path) -> None:
        self.layout, self.data = layout, data
        self.problems: list[str] = []
        self.notes: list[str] = []

    def finding(self, decoders: int) -> SetFinding:
        """What the set is like; pictures are decoded by that many processes, by none not at all."""
        prompts = self._prompts()
        self._images(prompts, decoders)
        if self.layout.folder:
            self._labels_file(prompts)
        _tell(self.notes, "{} labels do not parse", [item.id for item in prompts if not _parses(item.label)])
        if self.layout.size not in (None, len(prompts)) and prompts:
            self.notes.append(f"{self.layout.size} were published")
        state: Literal["broken", "sound"] = "broken" if self.problems else "sound"
        return SetFinding(self.layout, state, len(prompts), tuple(self.problems), tuple(self.notes))

    def _prompts(self) -> list[Prompted]:
        try:
            prompts = list(read_prompts(self.data / self.layout.prompts))
        except UnimumerError as error:
            self.problems.append(str(error))
            return []
        if not prompts:
            self.problems.append(f"{self.layout.prompts} has no records")
        counts = Counter(item.id for item in prompts)
        _tell(self.problems, "{} ids occur twice", [id for id, count in counts.items() if count > 1])
        _tell(self.problems, "{} records have no label", [item.id for item in prompts if not item.label])
        return prompts

    def _images(self, prompts: list[Prompted], decoders: int) -> None:
        paths = {item.image: self._locate(item.image) for item in prompts}
        missing = [image for image, path in paths.items() if not os.path.isfile(path)]
        _tell(self.problems, "{} pictures are missing", missing)
        if decoders:
            present = [item for item in paths.items() if os.path.isfile(item[1])]
            broken = [text for text in spread(_undecodable, present, decoders) if text]
            _tell(self.problems, "{} pictures cannot be decoded", broken)

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
            _tell(self.problems, f"{{}} records are not in {name}", [id for id in labels if id not in captions])
            _tell(self.problems, f"{{}} ids of {name} have no record", [id for id in captions if id not in labels])
        differing = [id for id, label in labels.items() if captions.get(id, label) != label]
        _tell(self.notes, f"{{}} labels differ from {name}", differing)


def _tell(to: list[str], text: str, names: Sequence[str]) -> None:
    """Add a text with the number of names and the first of them, if there are any."""
    if names:
        shown = ", ".join(map(repr, names[:3]))
        to.append(f"{text.format(len(names))}: {shown}{', …' if len(names) > 3 else ''}")


def _parses(label: str) -> bool:
    try:
        parse(label)
    except LatexError:
        return False
    return True


def _undecodable(picture: tuple[str, Path]) -> str:
    """The name of a picture that cannot be decoded, and why."""
    from unimumer.imaging import ImageError, load

    try:
        load(picture[1])
    except ImageError as error:
        return f"{picture[0]} ({error})"
    return ""
