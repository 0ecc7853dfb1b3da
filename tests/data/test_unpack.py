"""Archives: where honest ones go, and that hostile or damaged ones leave nothing (docs/data.md)."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from unimumer.data import DataError
from unimumer.data.unpack import Limits, unpack

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


def make_tar(path: Path, names: Names, mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:
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


def refused(archive: Path, tmp_path: Path, reason: str, limits: Limits | None = None) -> None:
    """The archive is refused for that reason, and nothing but it lies in the folder above the target."""
    above = tmp_path / "above"
    with pytest.raises(DataError, match=reason):
        unpack(archive, above / "out", limits=limits)
    assert files_below(above) == {}
    assert list((above / "out").iterdir()) == []
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


@pytest.mark.parametrize("mode", ["w", "w:bz2", "w:xz"])
def test_other_tars(tmp_path: Path, mode: str) -> None:
    unpack(make_tar(tmp_path / "d.tar", RELEASED, mode), tmp_path / "data")
    assert (tmp_path / "data/CROHME/2014/images/a.jpg").read_bytes() == b"picture"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_folders_may_be_listed_and_listed_again(tmp_path: Path) -> None:
    names = [("data/", b""), ("data/MNE/", b""), ("data/MNE/N1/a.txt", b"x"), ("data/MNE/", b"")]
    unpack(make_zip(tmp_path / "d.zip", names), tmp_path / "data")
    assert list(files_below(tmp_path / "data")) == ["MNE/N1/a.txt"]


HOSTILE = {
    "../evil.txt": "leaves the folder",
    "data/../../evil.txt": "leaves the folder",
    "data\\..\\..\\evil.txt": "leaves the folder",
    "/etc/evil.txt": "absolute",
    "\\\\server\\share\\evil.txt": "absolute",
    "C:\\evil.txt": "drive letter",
    "c:evil.txt": "drive letter",
    "data/a.txt:stream": "drive letter",
    "data/a\nb.txt": "no file name",
    "data/a\x1b[2J.txt": "no file name",
    "data/con.txt": "no file name",
    "data/trailing. ": "no file name",
    "data/" + "n" * 256: "no file name",
    "d/" * 600 + "a": "no file name",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_names_that_lead_elsewhere(tmp_path: Path, form: str, name: str) -> None:
    names = [("data/good.txt", b"good"), (name, b"evil")]
    refused(make(tmp_path, form, names), tmp_path, HOSTILE[name])


def test_a_nul_byte_hides_nothing(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "d.zip", [("data/good.txtX../../evil", b"evil")])
    archive.write_bytes(archive.read_bytes().replace(b"good.txtX", b"good.txt\0"))
    refused(archive, tmp_path, "leaves the folder|no file name")


@pytest.mark.parametrize(
    "pair",
    [
        ("data/a.txt", "data/a.txt"),
        ("data/a.txt", "data/A.TXT"),
        ("data/é.txt", "data/e\u0301.txt"),
        ("data/a.txt", "data/./a.txt"),
        ("data/a.txt", "data//a.txt"),
        ("data/a", "data/a/"),
        ("data/a/b", "data/A"),
        ("data/straße", "data/STRASSE"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_of_one_file(tmp_path: Path, pair: tuple[str, str]) -> None:
    refused(make_zip(tmp_path / "d.zip", [(name, b"") for name in pair]), tmp_path, "occurs twice")


def test_a_name_below_a_file(tmp_path: Path, form: str) -> None:
    refused(make(tmp_path, form, [("data/a", b"x"), ("data/A/b", b"x")]), tmp_path, "below a file")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_of_a_tar(tmp_path: Path, kind: bytes) -> None:
    with tarfile.open(tmp_path / "d.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("data/good.txt"))
        info = tarfile.TarInfo("data/link")
        info.type, info.linkname = kind, "../../../etc/passwd"
        archive.addfile(info)
    refused(tmp_path / "d.tar", tmp_path, "link or a device")


def test_symlinks_of_a_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        info = zipfile.ZipInfo("data/link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc")
    refused(tmp_path / "d.zip", tmp_path, "link or a device")


def test_a_compression_bomb_is_stopped_early(tmp_path: Path, form: str) -> None:
    archive = make(tmp_path, form, [("data/zeros", bytes(40 << 20))])
    refused(archive, tmp_path, "compression bomb", Limits(ratio=20, free=1 << 20))


def test_many_small_members_count_together(tmp_path: Path, form: str) -> None:
    archive = make(tmp_path, form, [(f"data/{n}", bytes(100_000)) for n in range(40)])
    refused(archive, tmp_path, "compression bomb", Limits(ratio=1, free=2_000_000))
    refused(archive, tmp_path, "more than 10 files", Limits(files=10))


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9])
def test_a_cut_archive_leaves_nothing(tmp_path: Path, form: str, kept: float) -> None:
    archive = make(tmp_path, form, [(f"data/{n}", str(n).encode() * 999) for n in range(50)])
    archive.write_bytes(archive.read_bytes()[: int(kept * archive.stat().st_size)])
    refused(archive, tmp_path, "not a readable")


def test_a_damaged_member_leaves_nothing(tmp_path: Path) -> None:
    archive = tmp_path / "d.zip"
    with zipfile.ZipFile(archive, "w") as content:  # stored, so that a changed byte is met by its checksum only
        content.writestr("data/good", b"good")
        content.writestr("data/bad", b"original")
    archive.write_bytes(archive.read_bytes().replace(b"original", b"origin@l"))
    refused(archive, tmp_path, "not a readable")


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_what_is_no_archive(tmp_path: Path, content: bytes) -> None:
    archive = tmp_path / "d.zip"
    archive.write_bytes(content)
    refused(archive, tmp_path, "not a readable")


def test_an_empty_archive(tmp_path: Path) -> None:
    refused(make_zip(tmp_path / "d.zip", []), tmp_path, "no file in it")


def test_what_exists_is_replaced_only_on_request(tmp_path: Path, form: str) -> None:
    archive = make(tmp_path, form, RELEASED)
    (tmp_path / "data/MNE").mkdir(parents=True)
    (tmp_path / "data/MNE/mine.txt").write_text("mine")
    (tmp_path / "data/other.txt").write_text("mine")
    with pytest.raises(DataError, match="MNE exists; use --force"):
        unpack(archive, tmp_path / "data")
    assert files_below(tmp_path / "data") == {"MNE/mine.txt": b"mine", "other.txt": b"mine"}
    unpack(archive, tmp_path / "data", force=True)
    assert set(files_below(tmp_path / "data")) == {
        "CROHME/prompts/crohme_2014.json",
        "CROHME/2014/images/a.jpg",
        "MNE/N1/caption.txt",
        "other.txt",
    }
