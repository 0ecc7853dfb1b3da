from __future__ import annotations

import io
import random
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from unimumer.ink import Ink, InkError, read_files, read_inks
from unimumer.ink.inkml import MAX_BYTES

Write = Callable[[Path, dict[str, bytes]], Path]

GOOD = b"<ink><trace>1 2, 3 4</trace></ink>"
FILES = {"set/a.inkml": GOOD, "set/deep/b.inkml": b"<ink/>", "set/readme.txt": b"no ink", "c.inkml": GOOD}


def _folder(path: Path) -> Path:
    for name, data in FILES.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def _zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def _tar(path: Path, files: dict[str, bytes]) -> Path:
    compression = {".xz": "w:xz", ".gz": "w:gz", ".bz2": "w:bz2"}.get(path.suffix, "w")
    with tarfile.open(path, compression) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def test_folder_and_archives_give_the_same_files(tmp_path: Path) -> None:
    sources = [
        _folder(tmp_path / "folder"),
        _zip(tmp_path / "x.zip", FILES),
        *(_tar(tmp_path / f"x{suffix}", FILES) for suffix in (".tar", ".tar.xz", ".tar.gz", ".tar.bz2")),
    ]
    for source in sources:
        found = dict(read_files(source))
        assert found == {"a": GOOD, "b": b"<ink/>", "c": GOOD}, source


def test_folder_is_read_in_sorted_order(tmp_path: Path) -> None:
    assert [name for name, _ in read_files(_folder(tmp_path))] == ["c", "a", "b"]


def test_folder_named_like_a_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "odd.inkml").mkdir()
    assert list(read_files(tmp_path)) == []


def test_single_file(tmp_path: Path) -> None:
    file = tmp_path / "one.inkml"
    file.write_bytes(GOOD)
    assert list(read_files(file)) == [("one", GOOD)]


def test_bad_ink_is_reported_and_the_run_goes_on(tmp_path: Path) -> None:
    found = dict(read_inks(_zip(tmp_path / "x.zip", FILES)))
    assert isinstance(found["a"], Ink)
    assert isinstance(found["b"], InkError)
    assert isinstance(found["c"], Ink)


def test_missing_path_and_wrong_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InkError, match="no such file"):
        list(read_files(tmp_path / "absent.zip"))
    (tmp_path / "not.zip").write_bytes(b"<html>not found</html>")
    with pytest.raises(InkError, match="not a readable"):
        list(read_files(tmp_path / "not.zip"))
    (tmp_path / "empty.tar").write_bytes(b"")
    with pytest.raises(InkError, match="not a readable"):
        list(read_files(tmp_path / "empty.tar"))


@pytest.mark.parametrize("name", ["x.zip", "x.tar", "x.tar.xz", "x.tar.gz", "x.tar.bz2"])
def test_damaged_archives_give_files_or_an_ink_error(tmp_path: Path, name: str) -> None:
    write = _zip if name.endswith("zip") else _tar
    whole = write(tmp_path / name, FILES | {"big.inkml": random.Random(1).randbytes(4000)}).read_bytes()
    rng = random.Random(name)
    refused = 0
    for i in range(60):
        data = bytearray(whole[: rng.randrange(1, len(whole))] if i % 2 else whole)
        for _ in range(rng.randrange(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        (tmp_path / name).write_bytes(data)
        try:
            assert all(isinstance(content, bytes) for _, content in read_files(tmp_path / name))
        except InkError:
            refused += 1
    assert refused


def test_encrypted_zip_is_refused(tmp_path: Path) -> None:
    data = bytearray(_zip(tmp_path / "x.zip", {"a.inkml": GOOD}).read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + flags] |= 1
    (tmp_path / "x.zip").write_bytes(data)
    with pytest.raises(InkError, match="encrypted"):
        list(read_files(tmp_path / "x.zip"))


@pytest.mark.parametrize("write", [_zip, _tar])
def test_unsafe_names_write_nothing_and_lose_their_folders(tmp_path: Path, write: Write) -> None:
    names = ["../../up.inkml", "/etc/root.inkml", "C:\\x\\drive.inkml", "a/../b.inkml", "a b$(id).inkml"]
    inside = tmp_path / "inside"
    inside.mkdir()
    archive = write(inside / "x.bin", dict.fromkeys(names, GOOD))
    assert [name for name, _ in read_files(archive)] == ["up", "root", "drive", "b", "a b$(id)"]
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["x.bin"]


def test_links_in_a_tar_are_not_followed(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            info = tarfile.TarInfo("passwd.inkml")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert list(read_files(tmp_path / "x.tar")) == []


@pytest.mark.parametrize("name", ["bomb.zip", "bomb.tar.gz"])
def test_bomb_is_cut_and_refused_as_too_large(tmp_path: Path, name: str) -> None:
    write = _zip if name.endswith("zip") else _tar
    source = write(tmp_path / name, {"bomb.inkml": bytes(3 * MAX_BYTES), "good.inkml": GOOD})
    assert source.stat().st_size < MAX_BYTES / 50
    found = dict(read_inks(source))
    assert isinstance(found["bomb"], InkError)
    assert isinstance(found["good"], Ink)
    assert {name: len(data) for name, data in read_files(source)}["bomb"] == MAX_BYTES + 1
