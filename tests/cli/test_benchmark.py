"""`unimumer benchmark` and `unimumer leaderboard`: from ink to a row of the table."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from commands import run
from unimumer.cli import benchmark as module

INK = """<ink xmlns="http://www.w3.org/2003/InkML">
<annotation type="truth">$x$</annotation>
<trace id="0">0 0, 100 100</trace><trace id="1">0 100, 100 0</trace>
<annotationXML type="truth" encoding="Content-MathML">
<math xmlns="http://www.w3.org/1998/Math/MathML"><mi xml:id="A">x</mi></math></annotationXML>
<traceGroup><traceGroup><annotation type="truth">x</annotation>
<traceView traceDataRef="0"/><traceView traceDataRef="1"/><annotationXML href="A"/></traceGroup></traceGroup>
</ink>"""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sets as large as the archives that are made here."""
    monkeypatch.setattr(module, "_size", lambda asked: None)


def files(folder: Path, contents: dict[str, str | bytes]) -> Path:
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def packed(folder: Path, name: str) -> Path:
    path = folder.parent / name
    if name.endswith(".zip"):
        with zipfile.ZipFile(path, "w") as archive:
            for file in sorted(folder.rglob("*.*")):
                archive.write(file, file.relative_to(folder))
    else:
        with tarfile.open(path, "w:gz") as archive:
            archive.add(folder, ".")
    return path


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (40, 30), 255).save(buffer, "PNG")
    return buffer.getvalue()


FORMS: dict[str, tuple[dict[str, str | bytes], str]] = {
    "crohme-2013": ({"INKML/a.b.inkml": INK, "INKML/c.inkml": INK}, "package.zip"),
    "crohme-2016": ({"TEST2016_INKML_GT/a.inkml": INK, "TEST2016_INKML_GT/readme.txt": "x"}, "ink.tgz"),
    "crohme-2019": ({"a.inkml": INK}, ""),
    "crohme-2023": (
        {"test/INKML/CROHME2023_test/a.inkml": INK, "test/INKML/CROHME2016_test/old.inkml": INK},
        "WebData_CROHME23.zip",
    ),
    "mathwriting": (
        {
            "mathwriting-2024/test/a.inkml": INK.replace('"truth">$x$<', '"label">x<', 1),
            "mathwriting-2024/readme.md": "x",
        },
        "mathwriting-2024.tgz",
    ),
    "mathwriting-normalized": ({"test/a.inkml": INK.replace('"truth">$x$<', '"normalizedLabel">x<', 1)}, "m.tgz"),
    "hme100k": ({"test_labels.txt": "a.png\tx + 1\n", "test_images/a.png": png()}, ""),
    "hme100k-normalized": ({"test/test_caption.txt": "a\tx + 1\n", "test/images/a.png": png()}, ""),
    "im2latexv2": ({"im2latexv2_test_normalized2.csv": "formula,images\nx,basic/a.png\n", "basic/a.png": png()}, ""),
    "mne-n1": ({"N1/caption.txt": "a\tx\n", "N1/images/a.png": png(), "N3/caption.txt": "b\ty\n"}, ""),
    "mne-n2": ({"N2/caption.txt": "a\tx\n", "N2/images/a.png": png()}, ""),
    "mne-n3": ({"N3/caption.txt": "a\tx\n", "N3/images/a.png": png()}, ""),
}
"""What each owner publishes, made small, and how it is packed; nothing where it is read as a folder."""


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", FORMS)
def test_every_set_is_made_from_what_its_owner_publishes(name: str, tmp_path: Path) -> None:
    contents, packing = FORMS[name]
    source = files(tmp_path / "source", contents)
    archive = packed(source, packing) if packing else source
    assert run("benchmark", name, "--model", "fake", "--archive", archive, "--out", "run") == 0
    made = json.loads(Path("run/benchmark.json").read_text(encoding="utf-8"))
    (found,) = made["evaluations"]
    assert found["benchmark"] == name
    assert [item["id"] for item in found["items"]] == (["a.b", "c"] if name == "crohme-2013" else ["a"])
    assert (made["archive"]["sha256"] is None) == (not packing)


@pytest.mark.parametrize("name", sorted(module.BENCHMARKS))
def test_another_archive_is_refused_with_a_sentence(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = files(tmp_path / "small", FORMS.get(name, FORMS["crohme-2013"])[0])
    other = files(tmp_path / "other", {"notes.txt": "nothing", "N9/caption.txt": "a\tx\n"})
    assert run("benchmark", name, "--model", "fake", "--out", "run") == 2
    assert "give --archive: get it from https://" in capsys.readouterr().err
    for archive in (small, other, packed(other, "other.zip"), packed(other, "other.tgz")):
        assert run("benchmark", name, "--model", "fake", "--archive", archive, "--out", "run") == 1, archive
        said = capsys.readouterr().err
        assert archive.name in said and module.BENCHMARKS[name].owner in said
        assert archive != small or "published with" in said
    assert not Path("run/benchmark.json").exists()


@pytest.fixture
def ink(tmp_path: Path) -> Path:
    folder = tmp_path / "ink"
    folder.mkdir()
    for name in ("a.b", "c"):
        (folder / f"{name}.inkml").write_text(INK, encoding="utf-8")
    return folder


@pytest.mark.usefixtures("small")
def test_one_command_leaves_one_record(ink: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ("benchmark", "crohme-2014", "--model", "fake", "--out", "run")
    assert run(*command) == 2
    assert "give --archive: get it from https://tc11.cvc.uab.es/" in capsys.readouterr().err
    assert run(*command, "--archive", ink, "--beams", 2) == 0
    made = json.loads(Path("run/benchmark.json").read_text(encoding="utf-8"))
    assert made["archive"] == {"name": "ink", "sha256": None}
    assert made["settings"]["beams"] == 2 and made["versions"]["python"].startswith("3.")
    (found,) = made["evaluations"]
    assert (found["model"], found["benchmark"], found["n"]) == ("fake", "crohme-2014", 2)
    assert [(item["id"], item["label"]) for item in found["items"]] == [("a.b", "x"), ("c", "x")]

    # What is read and written cannot be set past it, or the record would be of something else.
    for setting in ("--input-dir", "--output-dir=elsewhere", "--pictures"):
        assert run(*command, "--archive", ink, setting, "ink") == 2
    assert "cannot be set" in capsys.readouterr().err

    # Given again it goes on from what is there, and asks for no archive.
    capsys.readouterr()
    assert run(*command, "--beams", 2) == 0
    assert "2 skipped as done" in capsys.readouterr().out
    assert json.loads(Path("run/benchmark.json").read_text(encoding="utf-8"))["archive"] == made["archive"]
    (ink / "d.inkml").write_text(INK, encoding="utf-8")
    other = ink.parent / "other"
    other.mkdir()
    assert run(*command, "--archive", other) == 2
    assert "was made from another archive" in capsys.readouterr().err


@pytest.mark.usefixtures("small")
def test_the_leaderboard_takes_the_record(ink: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("benchmark", "crohme-2014", "--model", "fake", "--archive", ink, "--out", "run") == 0
    capsys.readouterr()
    forms = ("--markdown", "t.md", "--html", "t.html")
    assert run("leaderboard", "run/benchmark.json", "--score", "ink_match", *forms) == 0
    assert capsys.readouterr().out.startswith("ink match (loose), with 95 % intervals\nmodel  crohme_2014 (n 2)\nfake ")
    assert "| fake | " in Path("t.md").read_text(encoding="utf-8")
    assert "<th>fake</th>" in Path("t.html").read_text(encoding="utf-8")
    assert run("leaderboard", "run/benchmark.json", "--score", "cdm") == 2
    assert "expected one of exp_rate, " in capsys.readouterr().err
