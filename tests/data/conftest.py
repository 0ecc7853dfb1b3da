"""Small inks of our own, and the real ones where the data folder is there."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

MakeInkml = Callable[..., bytes]
MakeArchive = Callable[[Mapping[str, bytes]], Path]


def _inkml(truth: str = "$x+1$", traces: tuple[str, ...] = ("0 0, 100 100", "0 100, 100 0")) -> bytes:
    strokes = "".join(f'<trace id="{i}">{points}</trace>' for i, points in enumerate(traces))
    views = "".join(f'<traceView traceDataRef="{i}"/>' for i in range(len(traces)))
    group = f'<traceGroup><traceGroup><annotation type="truth">x</annotation>{views}</traceGroup></traceGroup>'
    return f'<ink><annotation type="truth">{escape(truth)}</annotation>{strokes}{group}</ink>'.encode()


@pytest.fixture
def make_inkml() -> MakeInkml:
    """An InkML document; all its strokes are one symbol."""
    return _inkml


@pytest.fixture
def make_archive(tmp_path: Path) -> MakeArchive:
    """A tar archive of files by name, in the order given."""

    def make(files: Mapping[str, bytes]) -> Path:
        path = tmp_path / "ink.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            for name, data in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
        return path

    return make


@pytest.fixture
def shared_data() -> Path:
    """The folder of real data, which need not exist."""
    return Path(os.environ.get("UNIMUMER_DATA") or Path(__file__).parents[3] / "shared" / "data")
