"""The data sets that a run names: registered, there, such as LLaMA-Factory trains on, and how large."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from PIL import Image

from unimumer.engines.pictures import in_parallel
from unimumer.environment import processors
from unimumer.errors import UnimumerError
from unimumer.files import Place, read_json_lines, read_object, read_objects, readable
from unimumer.training import TrainingError
from unimumer.training.llamafactory.config import Config
from unimumer.training.llamafactory.conversion import Converter, LeftOut

REGISTRY = "dataset_info.json"
_ELSEWHERE = ("hf_hub_url", "ms_hub_url", "om_hub_url", "script_url", "cloud_file_name")
_TYPES = {"json": "json", "jsonl": "json", "parquet": "parquet", "arrow": "arrow", "csv": "csv"}
_ROOM = 4
"""Tokens of a question that stand before its first picture, at least: `<|im_start|>user`, a new line, the mark."""

Pixels = tuple[int, int]


@dataclass(frozen=True, slots=True)
class DataSet:
    """One registered set. A set of the hub has no files here and is fetched by LLaMA-Factory."""

    name: str
    files: tuple[Path, ...] = ()
    hub: str = ""
    records: int | None = None
    """Those that are trained on. None: not known yet (Parquet is counted in the other environment) or not knowable."""
    remarks: tuple[str, ...] = ()
    """What LLaMA-Factory takes in silence, and the user may not have meant."""

    @property
    def parquet(self) -> tuple[Path, ...]:
        """Those of its files that are Parquet."""
        return tuple(file for file in self.files if file.suffix == ".parquet")


def examine(config: Config, tokens: Callable[[Pixels], int], problems: list[str]) -> Iterator[DataSet]:
    """Yield, in order, the sets of a run that are sound, and note in `problems` what is wrong with the others.

    `tokens` is how many tokens the model makes of a picture of some height and width, at least. Raises FileError or
    TrainingError when the registry itself cannot be read.
    """
    place = config.text("dataset_dir", "data")
    if place == "ONLINE" or place.startswith("REMOTE:"):
        yield from (DataSet(name, hub=place) for name in config.sets)
        return
    path = Path(place) / REGISTRY
    if not path.is_file():
        raise TrainingError(f"{path} is missing, the list of the data sets; write it with `unimumer data register`")
    registry, pictures = read_object(path), _Pictures(config, tokens)
    for name in config.sets:
        try:
            entry = registry.get(name)
            if not isinstance(entry, dict):
                raise TrainingError(f"not registered in {path}; add it with `unimumer data register`")
            yield _examine(name, entry, config, pictures)
        except UnimumerError as error:  # one of a file says which
            problems.append(f"{name}: {error}" if isinstance(error, TrainingError) else str(error))


def _examine(name: str, entry: Mapping[str, Any], config: Config, pictures: _Pictures) -> DataSet:
    if entry.get("ranking"):
        raise TrainingError("it is a set of preferences (ranking), which supervised fine-tuning does not take")
    for key in _ELSEWHERE:
        if key in entry:
            return DataSet(name, hub=str(entry[key]))
    converter, files = Converter(entry), _files(config, entry)
    if _TYPES[files[0].suffix[1:]] != "json":
        return DataSet(name, files)
    records = (pair for file in files for pair in _records(file))
    drawn = entry.get("num_samples")  # at random from all of them, each more than once if need be
    if drawn is not None and (type(drawn) is not int or drawn < 1):
        raise TrainingError(f'"num_samples" of its entry is {drawn!r}, not a number of records')
    most = None if drawn else int(config.number("max_samples", 0)) or None
    found = _read(DataSet(name, files), islice(records, most), converter, pictures)
    return replace(found, records=drawn) if drawn else found


def _files(config: Config, entry: Mapping[str, Any]) -> tuple[Path, ...]:
    if "file_name" not in entry:
        raise TrainingError('its entry has no "file_name"')
    place = Path(config.text("dataset_dir", "data")) / str(entry["file_name"])
    files = (place,) if place.is_file() else tuple(sorted(place.iterdir())) if place.is_dir() else ()
    if not files:
        raise TrainingError(f"{place} is not there or empty")
    for file in files:
        if file.suffix[1:] not in _TYPES:
            raise TrainingError(f"{file}: LLaMA-Factory reads conversations only from .{', .'.join(_TYPES)}")
    if len({_TYPES[file.suffix[1:]] for file in files}) > 1:
        raise TrainingError(f"{place} holds files of several types, which LLaMA-Factory refuses")
    return files


def _records(file: Path) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """The objects of a JSON list or of JSON lines, whatever the suffix."""
    with readable(file), file.open(encoding="utf-8-sig") as stream:
        is_list = stream.read(1 << 12).lstrip().startswith("[")
    for place, item in read_objects(file) if is_list else read_json_lines(file):
        if not isinstance(item, dict):
            raise place.error("not a JSON object")
        yield place, item


def _read(
    found: DataSet, records: Iterator[tuple[Place, Mapping[str, Any]]], converter: Converter, pictures: _Pictures
) -> DataSet:
    """The set with the number of its records, each read as LLaMA-Factory does."""
    count = unanswered = 0
    left_out: list[str] = []
    shown: dict[tuple[str, ...], Place] = {}
    for place, record in records:
        try:
            texts, named = converter.read(record, place)
        except LeftOut as error:
            left_out.append(f"{place}: {error}")
            continue
        count += 1
        unanswered += not texts[-1]
        shown.setdefault(tuple(named), place)
    converter.check_columns()
    if not count:
        raise TrainingError(f"LLaMA-Factory finds no valid record in it; {left_out[0] if left_out else 'it is empty'}")
    pictures.check(shown)
    remarks = [f"{len(left_out):,} more are passed over, the first {left_out[0]}"] if left_out else []
    remarks += [f"{unanswered:,} have an empty answer"] if unanswered else []
    return replace(found, records=count, remarks=tuple(remarks))


class _Pictures:
    """The pictures of all sets of a run, each opened once, for LLaMA-Factory stops at one that is damaged."""

    def __init__(self, config: Config, tokens: Callable[[Pixels], int]) -> None:
        self._media = Path(config.text("media_dir") or config.text("dataset_dir", "data"))
        self._cutoff, self._tokens = config.number("cutoff_len", 2048), tokens
        self._sizes: dict[str, Pixels | str] = {}

    def check(self, shown: Mapping[tuple[str, ...], Place]) -> None:
        """Check what records show together; raises FileError with the first place where that cannot be trained on."""
        new = list(dict.fromkeys(name for names in shown for name in names if name not in self._sizes))
        self._sizes |= zip(new, in_parallel(self._size, new, processors()))
        for names, place in shown.items():
            sizes = [self._sizes[name] for name in names]
            for name, size in zip(names, sizes):
                if isinstance(size, str):
                    raise place.error(f"the picture {name} {size}")
            needed = sum(self._tokens(size) for size in sizes if not isinstance(size, str))
            if needed and needed + _ROOM > self._cutoff:
                raise place.error(
                    f"its pictures take {needed} tokens, which cutoff_len ({self._cutoff:.0f}) would cut off; set "
                    "cutoff_len higher or image_max_pixels lower"
                )

    def _size(self, name: str) -> Pixels | str:
        """Height and width, or why it cannot be opened."""
        path = self._media / name
        if not os.path.isfile(path):
            path = Path(name)
        if not path.is_file():
            hint = "; its path is written as on Windows" if "\\" in name else ""
            return f"is neither in {self._media} nor in the working folder{hint}"
        try:
            with Image.open(path) as image:
                image.load()
                return image.height, image.width
        except Exception as error:
            return f"cannot be opened: {' '.join(str(error).split())}"
