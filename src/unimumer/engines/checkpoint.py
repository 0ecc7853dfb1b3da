"""A model in Hugging Face's layout: found, recognized and checked before anything heavy is loaded."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from unimumer.engines.base import EngineError, Picture, Request
from unimumer.engines.pictures import Scale, at_training_size, gray_to_rgb, prepare_all
from unimumer.engines.zoo import FAMILIES
from unimumer.files import FileError, read_object

SCALE_FIELD = "unimumer"
"""Field of preprocessor_config.json by which Nano states its `Scale`; it outlives further training."""
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
_FILES = ["*.json", "*.safetensors", "*.jinja", "*.txt"]
"""What is fetched from the hub."""
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
"""A model's name on the Hugging Face hub."""
_SAMPLE = 65_536


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the files of a model folder say."""

    folder: Path
    name: str
    cell: int
    """Pixels along a side of the square that becomes one visual token."""
    min_pixels: int
    max_pixels: int
    """Sizes of pictures that its image processor lets pass."""
    scale: Scale | None
    """Of a small model; None: pictures are taken as they are."""
    fingerprint: str
    """Eight hex digits that tell models of one name apart: of the configuration and a sample of the weights."""

    def prepared(self, request: Request, cap: int) -> Picture:
        """Give the picture [h, w, 3] that the model sees; raises ImageError when it looks for ink and finds none."""
        if self.scale:
            return gray_to_rgb(self.scale.fitted(request.picture, request.ink, request.placement))
        return at_training_size(request.picture, cap, self.cell, self.min_pixels, self.max_pixels)

    def prepared_each(self, requests: Sequence[Request], cap: int) -> dict[int, Picture]:
        """Give what the model sees of each picture by its number, but of those without ink: their answer is `BLANK`."""
        return prepare_all(requests, lambda request: self.prepared(request, cap))


def find_checkpoint(name: str) -> Checkpoint:
    """Find a model by folder or by its name on the hub, `owner/model`, and read what it is.

    A model on the hub is fetched, or taken from the hub's cache. Raises EngineError when there is none, when its
    weights are pickles, when it is of another kind than `FAMILIES`, or when its files are damaged.
    """
    folder = Path(name)
    if not folder.is_dir() and (not HUB_NAME.fullmatch(name) or folder.parent.is_dir()):
        raise EngineError(f"there is no folder {name}, and no model of the hub is called so (OWNER/MODEL)")
    return read_checkpoint(folder if folder.is_dir() else _fetch(name), Path(name).name)


def read_checkpoint(folder: Path, name: str = "") -> Checkpoint:
    """Read a folder; see `find_checkpoint`."""
    config = _read(folder, "config.json")
    kind = config.get("model_type")
    if kind not in FAMILIES:
        known = ", ".join(f"{value} ({key})" for key, value in FAMILIES.items())
        raise EngineError(f"{folder} holds a model of type {kind!r}; this version runs {known}")
    weights = _weights(folder)
    processor = _processor(folder)
    vision, sides = config.get("vision_config", {}), processor.get("size") or {}
    try:
        return Checkpoint(
            folder=folder,
            name=name or folder.resolve().name,
            cell=int(vision.get("patch_size", 14)) * int(vision.get("spatial_merge_size", 2)),
            min_pixels=int(sides.get("shortest_edge") or processor.get("min_pixels") or 56 * 56),
            max_pixels=int(sides.get("longest_edge") or processor.get("max_pixels") or 28 * 28 * 1280),
            scale=Scale(**processor[SCALE_FIELD]) if SCALE_FIELD in processor else None,
            fingerprint=_fingerprint([config, processor], weights),
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise EngineError(f"the configuration in {folder} is damaged: {error}") from None


def scale_entry(scale: Scale) -> dict[str, Any]:
    """Entries of preprocessor_config.json for a model of this scale."""
    return {SCALE_FIELD: asdict(scale)}


def _read(folder: Path, file: str) -> dict[str, Any]:
    try:
        return read_object(folder / file)
    except FileError as error:
        raise EngineError(f"{folder} does not hold a model in Hugging Face's layout: {error}") from None


def _processor(folder: Path) -> dict[str, Any]:
    """Settings of the image processor, in a file of their own or, by newer versions, within another."""
    if (folder / "preprocessor_config.json").is_file():
        return _read(folder, "preprocessor_config.json")
    inner = _read(folder, "processor_config.json").get("image_processor")
    if not isinstance(inner, dict):
        raise EngineError(f"{folder} does not say how pictures are prepared: it has no preprocessor_config.json")
    return inner


def _weights(folder: Path) -> list[Path]:
    """The weight files, safetensors only: pickles run code when they are loaded."""
    found = sorted(folder.glob("*.safetensors"))
    if found:
        return found
    if any(True for pattern in _PICKLES for _ in folder.glob(pattern)):
        raise EngineError(
            f"the weights in {folder} are pickles, which can run code when loaded: convert them to safetensors first"
        )
    raise EngineError(f"{folder} holds no weights (*.safetensors)")


def _fingerprint(configs: list[dict[str, Any]], weights: list[Path]) -> str:
    digest = hashlib.sha256(json.dumps(configs, sort_keys=True).encode())
    for path in weights:
        with path.open("rb") as file:
            size = path.stat().st_size
            digest.update(f"{path.name} {size}".encode())
            for place in (*range(0, size, max(_SAMPLE, size // 16)), max(0, size - _SAMPLE)):
                file.seek(place)
                digest.update(file.read(_SAMPLE))
    return digest.hexdigest()[:8]


def _fetch(name: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=_FILES))
    except Exception as error:  # network, permissions, names: the library's errors share no base
        reason = str(error).strip().split("\n")[0]
        raise EngineError(
            f"{name} is not a folder and could not be fetched from the hub ({reason}); where there is a network, "
            f"`hf download {name} --local-dir models/{name.split('/')[-1]}` gives a folder to copy here"
        ) from None
