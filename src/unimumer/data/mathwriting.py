"""MathWriting (Gervais and others, Google, 2024): ink from an app, single symbols, and ink put together from them.

`mathwriting-2024.tgz` holds `train`, `valid`, `test`, `symbols` and `synthetic`, each a folder of InkML named by the
sample's id. Annotations: `normalizedLabel` is the truth and `label` what was shown to the writer; symbols have only
`label`. The two lists beside the folders (`symbols.jsonl`, `synthetic-bboxes.jsonl`) say how symbols and synthetic
ink were made, which the ink itself no longer needs. The released system keeps its test set as pictures with a list,
`test/images/` and `test/test_items.json`, which is read too. Source: `archive_readme.md` in the archive.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from unimumer.data.captioned import first_present, listed
from unimumer.data.inks import ink_samples
from unimumer.data.sample import Rejected, Sample
from unimumer.ink import Ink, InkError


def read(source: Path, split: str) -> Iterator[Sample | Rejected]:
    """The samples of a split; `source` is the archive, the folder unpacked from it, or the split's own folder."""
    items = source / split / f"{split}_items.json"
    if items.is_file():
        return listed(items, first_present(source, (f"{split}/images",)))
    return ink_samples(source, split)


def label(ink: Ink) -> str:
    """The published label of one ink. Raises InkError when it has none."""
    published = ink.annotations.get("normalizedLabel") or ink.annotations.get("label")
    if not published:
        raise InkError(f"{ink.id}: no normalizedLabel or label in the InkML")
    return published
