"""Ink to pictures, labels and prompts: what is written, what is left out, and that nothing is half-made."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from unimumer.data import read_captions, read_prompts
from unimumer.data.crohme import Rejected, convert
from unimumer.errors import UnimumerError
from unimumer.imaging import load
from unimumer.ink import read_files
from unimumer.ink.picture import MARGIN, MAX_SIDE

MakeInkml = Callable[..., bytes]
MakeArchive = Callable[[Mapping[str, bytes]], Path]


@pytest.fixture
def archive(make_archive: MakeArchive, make_inkml: MakeInkml) -> Path:
    return make_archive({"z/b.inkml": make_inkml(), "a.inkml": make_inkml(r"$\sum_{i}i$"), "readme.txt": b""})


def files_below(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_writes_the_released_layout(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = convert(archive, Path("data/CROHME"), "2014", "Read.")
    assert [(sample.id, sample.label) for sample in done.samples] == [
        ("b", "x + 1"),
        ("a", r"\sum \limits _ { i } i"),
    ]
    assert done.rejected == ()
    made = files_below(tmp_path / "data")
    assert sorted(made) == [
        "CROHME/2014/caption.txt",
        "CROHME/2014/images/a.jpg",
        "CROHME/2014/images/b.jpg",
        "CROHME/prompts/crohme_2014.json",
    ]
    assert made["CROHME/2014/caption.txt"] == b"b\tx + 1\na\t\\sum \\limits _ { i } i\n"
    first = next(read_prompts(Path("data/CROHME/prompts/crohme_2014.json")))
    assert (first.image, first.prompt, first.label) == ("./data/CROHME/2014/images/b.jpg", "Read.", "x + 1")
    assert all(sample.image.is_file() for sample in done.samples)


def test_pictures_are_black_on_white_in_one_size(archive: Path, tmp_path: Path) -> None:
    done = convert(archive, tmp_path / "out", "train", "")
    pixels = load(done.samples[0].image)
    assert pixels.shape == (81, 81, 3)  # 48 of ink, twice the margin, and the last pixel of the stroke
    assert pixels[: MARGIN - 4].min() > 240
    assert pixels[40, 40].max() < 30
    assert np.array_equal(pixels[..., 0], pixels[..., 2])


ODD = ["a b", "a.b.c", "$(touch x)", "`id`;&'", "😀é", "-rf", "n" * 200]
REFUSED = {
    "a\tb": "character",
    "a\nb": "character",
    "a\x1bb": "character",
    "c:d": "character",
    " a": "space",
    "n" * 201: "too long",
}


def test_odd_ids_keep_their_place(make_archive: MakeArchive, make_inkml: MakeInkml, tmp_path: Path) -> None:
    source = tmp_path / "ink"
    source.mkdir()
    for id in (*ODD, *REFUSED):
        (source / f"{id}.inkml").write_bytes(make_inkml())
    done = convert(source, tmp_path / "out", "2016", "")
    assert sorted(sample.id for sample in done.samples) == sorted(ODD)
    assert sorted(sample.image.stem for sample in done.samples) == sorted(ODD)
    assert all(sample.image.is_file() for sample in done.samples)
    assert sorted(read_captions(tmp_path / "out/2016/caption.txt")) == sorted(ODD)
    assert sorted(item.id for item in read_prompts(tmp_path / "out/prompts/crohme_2016.json")) == sorted(ODD)
    reasons = {item.id: item.reason for item in done.rejected}
    assert reasons.keys() == {ascii(id)[1:-1] for id in REFUSED}
    assert all(reason in reasons[ascii(id)[1:-1]] for id, reason in REFUSED.items())


def test_bad_ink_is_recorded_not_lost(make_archive: MakeArchive, make_inkml: MakeInkml, tmp_path: Path) -> None:
    source = make_archive(
        {
            "empty.inkml": b"",
            "good.inkml": make_inkml(),
            "untrue.inkml": make_inkml(truth="$}$"),
            "up/GOOD.inkml": make_inkml(),
            "sub/good.inkml": make_inkml(),
        }
    )
    done = convert(source, tmp_path / "out", "2019", "")
    assert [sample.id for sample in done.samples] == ["good"]
    assert [(item.id, item.reason.partition(":")[0]) for item in done.rejected] == [
        ("empty", "not readable as InkML"),
        ("untrue", "no label"),
        ("GOOD", "the id occurs twice"),
        ("good", "the id occurs twice"),
    ]
    recorded = json.loads((tmp_path / "out/2019/invalid_record.json").read_text())
    assert [Rejected(item["image_id"], item["reason"]) for item in recorded] == list(done.rejected)
    assert [path.name for path in (tmp_path / "out/2019/images").iterdir()] == ["good.jpg"]


def test_two_processes_write_what_one_does(make_archive: MakeArchive, make_inkml: MakeInkml, tmp_path: Path) -> None:
    source = make_archive({f"{n}.inkml": make_inkml(f"${n}$") if n % 7 else b"" for n in range(100)})
    one = convert(source, tmp_path / "one", "2014", "", jobs=1)
    two = convert(source, tmp_path / "two", "2014", "", jobs=2)
    assert one.rejected == two.rejected
    assert [sample.id for sample in two.samples] == [str(n) for n in range(100) if n % 7]
    first, second = files_below(tmp_path / "one"), files_below(tmp_path / "two")
    assert first.pop("prompts/crohme_2014.json") != second.pop("prompts/crohme_2014.json")  # other paths
    assert first == second


def test_what_exists_is_replaced_only_on_request(
    archive: Path, make_archive: MakeArchive, make_inkml: MakeInkml, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    convert(archive, out, "2014", "")
    before = files_below(out)
    other = make_archive({"c.inkml": make_inkml()})
    with pytest.raises(UnimumerError, match="2014 exists; use --force"):
        convert(other, out, "2014", "")
    assert files_below(out) == before
    convert(other, out, "2014", "", force=True)
    assert sorted(files_below(out)) == ["2014/caption.txt", "2014/images/c.jpg", "prompts/crohme_2014.json"]


def test_training_prompts_stay_out_of_what_evaluation_takes(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    convert(archive, out, "train", "Read.")
    first = files_below(out)
    assert sorted(first) == [
        "train/caption.txt",
        "train/crohme_train.json",
        "train/images/a.jpg",
        "train/images/b.jpg",
    ]
    assert [item.id for item in read_prompts(out / "train/crohme_train.json")] == ["b", "a"]
    convert(archive, out, "train", "Read.", force=True)
    assert files_below(out) == first
    convert(archive, out, "2014", "Read.")
    (out / "2014/crohme_2014.json").write_text("mine")  # has its name, not its place
    with pytest.raises(UnimumerError, match=r"holds 'crohme_2014\.json'"):
        convert(archive, out, "2014", "Read.", force=True)


def test_prompts_alone_are_not_overwritten_either(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "out/prompts").mkdir(parents=True)
    (tmp_path / "out/prompts/crohme_2014.json").write_text("mine")
    with pytest.raises(UnimumerError, match=r"crohme_2014\.json exists"):
        convert(archive, tmp_path / "out", "2014", "")
    assert list(files_below(tmp_path / "out").values()) == [b"mine"]


def test_force_never_removes_what_is_no_split(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "train/thesis.tex").write_text("mine")
    with pytest.raises(UnimumerError, match=r"holds 'thesis\.tex'"):
        convert(archive, tmp_path, "train", "", force=True)
    assert (tmp_path / "train/thesis.tex").read_text() == "mine"


def test_force_on_a_link_leaves_what_it_leads_to(archive: Path, tmp_path: Path) -> None:
    convert(archive, tmp_path / "elsewhere", "2014", "")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/2014").symlink_to(tmp_path / "elsewhere/2014")
    convert(archive, tmp_path / "out", "2014", "", force=True)
    assert not (tmp_path / "out/2014").is_symlink()
    assert (tmp_path / "elsewhere/2014/images/a.jpg").is_file()


@pytest.mark.parametrize("content", [b"no archive", None])
def test_a_bad_source_leaves_nothing(
    make_archive: MakeArchive, make_inkml: MakeInkml, tmp_path: Path, content: bytes | None
) -> None:
    source = make_archive({f"{n}.inkml": make_inkml() + os.urandom(4000).hex().encode() for n in range(50)})
    source.write_bytes(source.read_bytes()[:60_000] if content is None else content)
    with pytest.raises(UnimumerError, match="not a readable"):
        convert(source, tmp_path / "out", "2014", "")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_source_without_ink_is_an_error(make_archive: MakeArchive, tmp_path: Path) -> None:
    with pytest.raises(UnimumerError, match=r"no \.inkml file"):
        convert(make_archive({"a.txt": b""}), tmp_path / "out", "2014", "")


def test_an_interrupted_run_leaves_nothing(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("unimumer.data.crohme.write_captions", interrupt)
    with pytest.raises(KeyboardInterrupt):
        convert(archive, tmp_path / "out", "2014", "")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("step", ["_draw_one", "write_captions", "write_prompts", "_move"])
def test_a_killed_run_leaves_no_half_made_split(archive: Path, tmp_path: Path, step: str) -> None:
    """The run is killed as it enters a step; the next one says so, and --force starts anew."""
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom unimumer.data import crohme\n"
        f"crohme.{step} = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)\n"
        "crohme.convert(Path(sys.argv[1]), Path(sys.argv[2]), '2014', '')\n"
    )
    out = tmp_path / "out"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    ended = subprocess.run([sys.executable, "-c", code, archive, out], env=environment)
    assert ended.returncode == -signal.SIGKILL
    assert [path.name for path in out.iterdir()] == [".2014.partial"]
    with pytest.raises(UnimumerError, match="if killed, use --force"):
        convert(archive, out, "2014", "")
    convert(archive, out, "2014", "", force=True)
    fresh = tmp_path / "fresh"
    convert(archive, fresh, "2014", "")
    assert (out / "2014/caption.txt").read_bytes() == (fresh / "2014/caption.txt").read_bytes()
    assert sorted(files_below(out)) == sorted(files_below(fresh))


def test_a_place_that_cannot_be_written_is_named(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnimumerError, match=r"file.*: cannot be written: Not a directory"):
        convert(archive, tmp_path / "file", "2014", "")


def test_crohme_2014_as_published(
    make_archive: MakeArchive, make_inkml: MakeInkml, shared_data: Path, tmp_path: Path
) -> None:
    """Labels and number of pictures of the real set where it is there, of a stand-in everywhere."""
    source, labels = make_archive({"own.inkml": make_inkml("$x_1$")}), {"own": "x _ { 1 }"}
    if (shared_data / "crohme-2014.tar.xz").exists():
        source = shared_data / "crohme-2014.tar.xz"
        labels = read_captions(shared_data / "labels" / "crohme-2014-limits.tsv")
    done = convert(source, tmp_path / "out", "2014", "", jobs=2)
    assert done.rejected == ()
    made = read_captions(tmp_path / "out/2014/caption.txt")
    assert made.keys() == labels.keys() == {id for id, _ in read_files(source)}
    assert sum(made[id] == label for id, label in labels.items()) >= 0.97 * len(labels)
    pictures = list((tmp_path / "out/2014/images").iterdir())
    assert len(pictures) == len(labels)
    sizes = np.array([load(path).shape[:2] for path in pictures])
    assert sizes.max() <= MAX_SIDE
    assert sizes.min() > 2 * MARGIN
    shutil.rmtree(tmp_path / "out")
