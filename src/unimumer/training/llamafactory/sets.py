"""The data sets that a run names: registered, there, readable, their pictures in place, and how large."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unimumer.data.sample import DataError
from unimumer.data.sharegpt import IMAGE
from unimumer.errors import UnimumerError
from unimumer.files import read_object, read_objects

REGISTRY = "dataset_info.json"


@dataclass(frozen=True, slots=True)
class DataSet:
    """One registered set. A set of the hub has no files here and is fetched by LLaMA-Factory."""

    name: str
    files: tuple[Path, ...] = ()
    hub: str = ""
    records: int | None = None
    """None: not known yet (Parquet is counted in the other environment) or not knowable here (hub)."""

    @property
    def parquet(self) -> tuple[Path, ...]:
        """Those of its files that are Parquet."""
        return tuple(file for file in self.files if file.suffix == ".parquet")


def examine(names: Iterable[str], folder: Path, media: Path) -> Iterator[DataSet | UnimumerError]:
    """Yield, in order, each set or what is wrong with it.

    `folder` holds the registry, `media` the pictures that records name by relative paths. Raises DataError when the
    registry itself cannot be read.
    """
    registry = _registry(folder / REGISTRY)
    for name in names:
        try:
            yield _examine(name, registry, folder, media)
        except UnimumerError as error:
            yield error


def _registry(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise DataError(f"{path} is missing; it says where the data sets are: write it with `unimumer data register`")
    return read_object(path)


def _examine(name: str, registry: Mapping[str, Any], folder: Path, media: Path) -> DataSet:
    entry = registry.get(name)
    if not isinstance(entry, dict):
        raise DataError(f"{name}: not registered in {folder / REGISTRY}; add it with `unimumer data register`")
    if "hf_hub_url" in entry:
        return DataSet(name, hub=str(entry["hf_hub_url"]))
    files = _files(name, folder / str(entry.get("file_name", "")))
    if any(file.suffix == ".parquet" for file in files):
        return DataSet(name, files)
    return DataSet(name, files, records=sum(_count(file, entry, media) for file in files))


def _files(name: str, place: Path) -> tuple[Path, ...]:
    files = (place,) if place.is_file() else tuple(sorted(place.iterdir())) if place.is_dir() else ()
    if not files:
        raise DataError(f"{name}: {place} is not there or empty")
    return files


def _count(file: Path, entry: Mapping[str, Any], media: Path) -> int:
    """Number of records of a JSON file, each of which must ask for exactly the pictures it names."""
    columns = entry.get("columns", {})
    talk, images = columns.get("messages", "conversations"), columns.get("images", "images")
    content = entry.get("tags", {}).get("content_tag", "value")
    count = 0
    for place, item in read_objects(file):
        count += 1
        messages, pictures = item.get(talk), item.get(images, [])
        if not isinstance(messages, list) or not isinstance(pictures, list) or not messages:
            raise place.error(f"{talk!r} must be a list of messages, {images!r} a list of paths")
        asked = sum(str(message.get(content, "")).count(IMAGE) for message in messages if isinstance(message, dict))
        if asked != len(pictures):
            raise place.error(f"{IMAGE} stands in it {asked} times, but it names {len(pictures)} pictures")
        for picture in pictures:
            if not (media / str(picture)).is_file() and not Path(str(picture)).is_file():
                raise place.error(f"the picture {picture} is neither in {media} nor in the working folder")
    if not count:
        raise DataError(f"{file}: it holds no record")
    return count
