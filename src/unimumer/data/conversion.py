"""What a conversion makes: its sets, where their parts lie while it runs, and where they go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from unimumer.data.families import FAMILIES, Family, Split, own_family
from unimumer.data.register import PARQUET
from unimumer.data.sample import DataError
from unimumer.tasks.kinds import Kind

Form = Literal["sharegpt", "parquet"]
IMAGES = "images"
INVALID = "invalid_record.json"


@dataclass(frozen=True, slots=True)
class ConversationSet:
    """One set of conversations."""

    name: str
    kind: Kind
    normalized: bool


@dataclass(frozen=True, slots=True)
class Conversion:
    """One conversion. It travels to the processes that do the work."""

    family: str
    split: str
    out: Path
    form: Form
    kinds: tuple[Kind, ...]
    released: bool = False
    name: str = ""
    """Of a family of one's own."""
    fit: Callable[[Any], Any] | None = None
    """From a picture [h, w, 3] to the one that a small model sees, which is written instead; raises ImageError."""

    @property
    def source(self) -> Family:
        """Who reads the samples."""
        return FAMILIES.get(self.family) or own_family(self.family, self.name)

    @property
    def target(self) -> Split:
        """Where they go. Raises DataError for a split that the family does not have."""
        try:
            return self.source.splits[self.split]
        except KeyError:
            has = ", ".join(self.source.splits)
            raise DataError(f"{self.family} has no split {self.split!r}; it has {has}") from None

    @property
    def sets(self) -> tuple[ConversationSet, ...]:
        """All sets, label set by label set."""
        split = self.target
        return tuple(ConversationSet(split.name(n) + kind.suffix, kind, n) for n in split.labels for kind in self.kinds)

    @property
    def work(self) -> Path:
        """The folder that holds everything until it is complete."""
        return self.out / f".{self.target.layout.name}-{self.form}.partial"

    @property
    def new(self) -> Path:
        """In `work`, laid out as `out`: what will be moved there."""
        return self.work / "new"

    @property
    def folder(self) -> Path:
        """The split's folder below `out`."""
        return Path(self.target.layout.folder)

    @property
    def invalid(self) -> Path:
        """The list of what was left out, below `out`."""
        if self.form == "sharegpt":
            return self.folder / INVALID
        return Path(PARQUET) / f"{self.target.layout.name}_{INVALID}"

    @property
    def labels(self) -> Path | None:
        """The list of labels, below `out`; Parquet sets have none."""
        return self.folder / self.target.layout.labels if self.form == "sharegpt" else None

    def place(self, made: ConversationSet) -> Path:
        """Where a set goes, below `out`: a file, or the folder of its shards.

        Evaluation takes all of a family's `prompts`, so only plain test sets are put there.
        """
        if self.form == "parquet":
            return Path(PARQUET) / made.name
        layout = self.target.layout
        apart = not layout.training and not made.kind.suffix
        return (Path(layout.prompts).parent if apart else self.folder) / f"{made.name}.json"

    def outputs(self) -> list[Path]:
        """Everything that may be moved to `out`, below it."""
        lists = [self.folder / IMAGES, self.labels] if self.labels else []
        return [*(path for path in lists if path), *(self.place(made) for made in self.sets), self.invalid]
