"""Archives and folders give the same files; hostile and damaged ones are refused, and never silently shorter."""

from __future__ import annotations

import io
import random
import stat
import tarfile
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from unimumer.files import FileError
from unimumer.files.archive import Limits, members, read_files

Names = Iterable[tuple[str, bytes]]
GOOD = b"<ink><trace>1 2, 3 4</trace></ink>"
FILES = {"c.ink": GOOD, "set/a.ink": GOOD, "set/deep/b.INK": b"<ink/>", "set/readme.txt": b"no ink"}
WANTED = [("c.ink", GOOD), ("set/a.ink", GOOD), ("set/deep/b.INK", b"<ink/>")]
HIDDEN = ("__MACOSX/set/._a.ink", ".git/x.ink", "set/._b.ink", "set/.DS_Store", "set/Thumbs.db")
FORMS = ("x.zip", "x.tar", "x.tar.xz", "x.tar.gz", "x.tar.bz2")


def make(path: Path, names: Names) -> Path:
    """An archive of the form that its name says."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in names:
                archive.writestr(zipfile.ZipInfo(name) if name.endswith("/") else name, data)
        return path
    mode = {".xz": "w:xz", ".gz": "w:gz", ".bz2": "w:bz2"}.get(path.suffix, "w")
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
        for name, data in names:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def inks(source: Path, most: int = 100) -> list[tuple[str, bytes]]:
    return list(read_files(source, lambda name: name.lower().endswith(".ink"), most))


def refused(archive: Path, reason: str, limits: Limits | None = None) -> None:
    with pytest.raises(FileError, match=reason) as caught:
        for member in members(archive, limits):
            list(member.blocks())
    assert str(archive) in str(caught.value)


def test_folder_and_archives_give_the_same_files(tmp_path: Path) -> None:
    names = [*FILES.items(), *((name, b"junk") for name in HIDDEN)]
    for name, data in names:
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    for source in (tmp_path / "folder", *(make(tmp_path / form, names) for form in FORMS)):
        assert inks(source) == WANTED, source
        assert inks(source, most=3)[0] == ("c.ink", b"<in")


def test_one_file_an_odd_folder_and_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "folder.ink").mkdir()
    assert inks(tmp_path) == []
    (tmp_path / "one.ink").write_bytes(GOOD)
    assert inks(tmp_path / "one.ink") == [("one.ink", GOOD)]
    with pytest.raises(FileError, match=r"none\.zip: no such file"):
        inks(tmp_path / "none.zip")


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"PK\x03\x04 no zip", b"BZh no bzip2"])
def test_what_is_no_archive(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    refused(tmp_path / "x.zip", "x.zip: not a readable .zip or .tar archive")


def test_a_zip_inside_a_tar_is_not_the_archive(tmp_path: Path) -> None:
    inner = make(tmp_path / "x.zip", [("inner.ink", GOOD)]).read_bytes()
    assert inks(make(tmp_path / "x.tar", [("a.ink", GOOD), ("x.zip", inner)])) == [("a.ink", GOOD)]


HOSTILE = {
    "../evil.txt": "leaves the folder",
    "set/../../evil.txt": "leaves the folder",
    "data\\..\\..\\evil.txt": "leaves the folder",
    "/etc/evil.txt": "absolute",
    "\\\\server\\share\\evil.txt": "absolute",
    "C:\\evil.txt": "drive letter",
    "c:evil.txt": "drive letter",
    "set/a.txt:stream": "drive letter",
    "set/a\nb.txt": "no file name",
    "set/a\x1b[2J.txt": "no file name",
    "set/con.txt": "no file name",
    "set/trailing. ": "no file name",
    "set/" + "n" * 256: "no file name",
    "d/" * 600 + "a": "no file name",
}


@pytest.mark.parametrize("form", ["x.zip", "x.tar.gz"])
@pytest.mark.parametrize("name", HOSTILE)
def test_names_that_lead_elsewhere(tmp_path: Path, form: str, name: str) -> None:
    refused(make(tmp_path / form, [("good.txt", b"good"), (name, b"evil")]), HOSTILE[name])


def test_a_nul_byte_hides_nothing(tmp_path: Path) -> None:
    archive = make(tmp_path / "x.zip", [("good.txtX../../evil", b"evil")])
    archive.write_bytes(archive.read_bytes().replace(b"good.txtX", b"good.txt\0"))
    refused(archive, "leaves the folder|no file name")


@pytest.mark.parametrize(
    "pair",
    [
        ("a.txt", "a.txt"),
        ("d/a.txt", "d/A.TXT"),
        ("é.txt", "e\u0301.txt"),
        ("d/a.txt", "d/./a.txt"),
        ("d/a.txt", "d//a.txt"),
        ("a", "a/"),
        ("a/b", "A"),
        ("straße", "STRASSE"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_of_one_file(tmp_path: Path, pair: tuple[str, str]) -> None:
    refused(make(tmp_path / "x.zip", [(name, b"") for name in pair]), "occurs twice")


@pytest.mark.parametrize("form", ["x.zip", "x.tar"])
@pytest.mark.parametrize("below", ["A/b", "a/b/c"])
def test_a_name_below_a_file(tmp_path: Path, form: str, below: str) -> None:
    refused(make(tmp_path / form, [("a", b"x"), (below, b"x")]), "below a file")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_of_a_tar(tmp_path: Path, kind: bytes) -> None:
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        info = tarfile.TarInfo("link.ink")
        info.type, info.linkname = kind, "../../../etc/passwd"
        archive.addfile(info)
    refused(tmp_path / "x.tar", "link.ink.: a link, a device")


def test_symlinks_of_a_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc")
    refused(tmp_path / "x.zip", "a link, a device")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_methods_that_python_unpacks_without_bound(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w", method) as archive:
        archive.writestr("a", b"x" * 1000)
    refused(tmp_path / "x.zip", "pack it again")


def test_encrypted_zip_is_refused(tmp_path: Path) -> None:
    data = bytearray(make(tmp_path / "x.zip", [("a.ink", GOOD)]).read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + flags] |= 1
    (tmp_path / "x.zip").write_bytes(data)
    refused(tmp_path / "x.zip", "encrypted")


@pytest.mark.parametrize("form", FORMS)
def test_a_bomb_is_refused_at_once_and_small_members_count_together(tmp_path: Path, form: str) -> None:
    archive = make(tmp_path / form, [(f"{n}.ink", bytes(10**7)) for n in range(12)])
    if form != "x.tar":
        assert archive.stat().st_size < 10**6
        start = time.process_time()
        with pytest.raises(FileError, match="compression bomb"):
            list(read_files(archive, lambda name: False, 1))
        assert time.process_time() - start < 2
    refused(archive, "compression bomb", Limits(ratio=0, free=10**8))
    refused(archive, "more than 10 files", Limits(files=10, free=10**9))


def test_a_header_that_fills_memory_and_a_sparse_file_are_refused(tmp_path: Path) -> None:
    for kind, reason in ((tarfile.XHDTYPE, "header of more than"), (tarfile.GNUTYPE_SPARSE, "sparse")):
        info = tarfile.TarInfo("a")
        info.type, info.size = kind, 10**9
        (tmp_path / "x.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(10240))
        refused(tmp_path / "x.tar", reason)


def test_a_tar_with_a_damaged_header_is_not_shorter(tmp_path: Path) -> None:
    archive = make(tmp_path / "x.tar", [(f"{n}.ink", GOOD) for n in range(10)])
    whole = archive.read_bytes()
    assert len(inks(archive)) == 10
    for at in (0, 1024, 4096, 9 * 1024):
        for header in (bytes(512), whole[at : at + 100] + b"\xff" + whole[at + 101 : at + 512]):
            archive.write_bytes(whole[:at] + header + whole[at + 512 :])
            refused(archive, "damaged|not a readable")
        archive.write_bytes(whole[:at])
        refused(archive, "not a readable")
    archive.write_bytes(whole + whole)
    refused(archive, "two archives in one file")


@pytest.mark.parametrize("form", FORMS)
def test_damage_gives_an_error_or_the_files(tmp_path: Path, form: str) -> None:
    names = [*FILES.items(), ("big.ink", random.Random(1).randbytes(4000))]
    whole = make(tmp_path / form, names).read_bytes()
    rng = random.Random(form)
    refusals = 0
    for i in range(60):
        data = bytearray(whole[: rng.randrange(1, len(whole))] if i % 2 else whole)
        for _ in range(rng.randrange(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        (tmp_path / form).write_bytes(data)
        try:
            assert len(inks(tmp_path / form)) == 4
        except FileError:
            refusals += 1
    assert refusals
