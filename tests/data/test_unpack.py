"""Archives: where honest ones go, and that hostile or damaged ones leave nothing (docs/data.md)."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from unimumer.data.unpack import unpack
from unimumer.errors import UnimumerError

Names = Iterable[tuple[str, bytes]]
RELEASED = [
    ("data/CROHME/prompts/crohme_2014.json", b"[]"),
    ("data/CROHME/2014/images/a.jpg", b"picture"),
    ("data/MNE/N1/caption.txt", b"a\tx\n"),
    ("__MACOSX/data/._CROHME", b"junk"),
    ("data/.DS_Store", b"junk"),
]


def make_zip(path: Path, names: Names) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in names:
            archive.writestr(zipfile.ZipInfo(name) if name.endswith("/") else name, data)
    return path


def make_tar(path: Path, names: Names) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in names:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


MAKERS = {"zip": make_zip, "tar.gz": make_tar}


@pytest.fixture(params=MAKERS)
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def make(tmp_path: Path, form: str, names: Names) -> Path:
    return MAKERS[form](tmp_path / f"data.{form}", names)


def files_below(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(archive: Path, tmp_path: Path, reason: str) -> None:
    """The archive is refused for that reason, and nothing but it lies in the folder above the target."""
    above = tmp_path / "above"
    with pytest.raises(UnimumerError, match=reason):
        unpack(archive, above / "out")
    assert files_below(above) == {}
    assert not (above / "out").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"above", archive.name}


@pytest.mark.parametrize("around", ["data/", "", "./", "release/v1/data/"])
def test_families_come_to_the_data_folder(tmp_path: Path, form: str, around: str) -> None:
    names = [(name.replace("data/", around, 1), data) for name, data in RELEASED]
    done = unpack(make(tmp_path, form, names), tmp_path / "data")
    assert done.folders == ("CROHME", "MNE")
    assert (done.files, done.size) == (3, 13)
    assert files_below(tmp_path / "data") == {name.removeprefix("data/"): data for name, data in RELEASED[:3]}


def test_a_single_family_keeps_its_folder(tmp_path: Path, form: str) -> None:
    unpack(make(tmp_path, form, [("CROHME/2014/caption.txt", b"a\tx\n")]), tmp_path / "data")
    assert list(files_below(tmp_path / "data")) == ["CROHME/2014/caption.txt"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_folders_may_be_listed_and_listed_again(tmp_path: Path) -> None:
    names = [("data/", b""), ("data/MNE/", b""), ("data/MNE/N1/a.txt", b"x"), ("data/MNE/", b"")]
    unpack(make_zip(tmp_path / "d.zip", names), tmp_path / "data")
    assert list(files_below(tmp_path / "data")) == ["MNE/N1/a.txt"]


def test_a_refused_archive_leaves_nothing(tmp_path: Path, form: str) -> None:
    archive = make(tmp_path, form, [("data/good.txt", b"good"), ("../evil.txt", b"evil")])
    refused(archive, tmp_path, "leaves the folder")


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9])
def test_a_cut_archive_leaves_nothing(tmp_path: Path, form: str, kept: float) -> None:
    archive = make(tmp_path, form, [(f"data/{n}", str(n).encode() * 999) for n in range(50)])
    archive.write_bytes(archive.read_bytes()[: int(kept * archive.stat().st_size)])
    refused(archive, tmp_path, "not a readable")


def test_an_empty_archive(tmp_path: Path) -> None:
    refused(make_zip(tmp_path / "d.zip", []), tmp_path, "no file in it")


def test_what_exists_is_replaced_only_on_request(tmp_path: Path, form: str) -> None:
    archive = make(tmp_path, form, RELEASED)
    (tmp_path / "data/MNE").mkdir(parents=True)
    (tmp_path / "data/MNE/mine.txt").write_text("mine")
    (tmp_path / "data/other.txt").write_text("mine")
    with pytest.raises(UnimumerError, match="MNE exists; use --force"):
        unpack(archive, tmp_path / "data")
    assert files_below(tmp_path / "data") == {"MNE/mine.txt": b"mine", "other.txt": b"mine"}
    unpack(archive, tmp_path / "data", force=True)
    assert set(files_below(tmp_path / "data")) == {
        "CROHME/prompts/crohme_2014.json",
        "CROHME/2014/images/a.jpg",
        "MNE/N1/caption.txt",
        "other.txt",
    }
