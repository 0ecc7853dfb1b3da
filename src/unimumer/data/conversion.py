"""What a conversion makes: its sets, where they lie while it runs, and where they go."""

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
    """One conversion. It travels to the processes that do the work. Places of its output are below `out`."""

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
        splits = self.source.splits
        if self.split not in splits:
            raise DataError(f"{self.family} has no split {self.split!r}; it has {', '.join(splits)}")
        return splits[self.split]

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
    def done(self) -> Path:
        """In `work`: a file for each chunk that is done, with its numbers of rows and its part of every list."""
        return self.work / "done"

    @property
    def images(self) -> Path:
        """The folder of the pictures of ShareGPT sets."""
        return Path(self.target.layout.folder) / IMAGES

    @property
    def labels(self) -> Path:
        """The list of labels of ShareGPT sets."""
        return Path(self.target.layout.folder) / self.target.layout.labels

    @property
    def invalid(self) -> Path:
        """The list of what was left out."""
        if self.form == "sharegpt":
            return Path(self.target.layout.folder) / INVALID
        return Path(PARQUET) / f"{self.target.layout.name}_{INVALID}"

    def place(self, made: ConversationSet) -> Path:
        """Where a set goes: a file, or the folder of its shards.

        Evaluation takes all of a family's `prompts`, so only plain test sets are put there.
        """
        if self.form == "parquet":
            return Path(PARQUET) / made.name
        layout = self.target.layout
        apart = not layout.training and not made.kind.suffix
        return (Path(layout.prompts).parent if apart else Path(layout.folder)) / f"{made.name}.json"

    @property
    def folders(self) -> list[Path]:
        """The folders that chunks write into."""
        return [self.images] if self.form == "sharegpt" else [self.place(made) for made in self.sets]

    @property
    def lists(self) -> list[Path]:
        """The files that all chunks make together."""
        own = [] if self.form == "parquet" else [self.labels, *(self.place(made) for made in self.sets)]
        return [*own, self.invalid]

    @property
    def outputs(self) -> list[Path]:
        """Everything that may be moved to `out`."""
        return [*self.folders, *self.lists]
