from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from unimumer.imaging import ImageError, is_document, load, pages

PAGES = [Image.new("RGB", size, color) for size, color in (((40, 20), "red"), ((30, 50), "blue"))]


def saved(form: str, **options: object) -> bytes:
    stream = BytesIO()
    PAGES[0].save(stream, form, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def test_the_pages_of_a_tiff_one_by_one() -> None:
    data = saved("TIFF", save_all=True, append_images=PAGES[1:])
    found = [load(page) for page in pages(data)]
    assert [page.shape for page in found] == [(20, 40, 3), (50, 30, 3)]
    assert (found[0] == (255, 0, 0)).all() and (found[1] == (0, 0, 255)).all()


def test_a_turned_tiff_is_set_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    (page,) = pages(saved("TIFF", exif=exif))
    assert page.size == (20, 40)


def test_the_pages_of_a_pdf_are_drawn_large() -> None:
    pytest.importorskip("pypdfium2")
    found = [page.size for page in pages(saved("PDF", save_all=True, append_images=PAGES[1:]))]
    assert [max(size) for size in found] == [2400, 2400] and found[0][0] > found[0][1]


def test_a_photograph_in_heic() -> None:
    heif = pytest.importorskip("pillow_heif")
    stream = BytesIO()
    heif.from_pillow(PAGES[0].resize((64, 64))).save(stream)
    (page,) = pages(stream.getvalue())
    assert np.abs(load(page).astype(int) - (255, 0, 0)).max() < 8


@pytest.mark.parametrize(("package", "data"), [("pillow_heif", b"\0\0\0\x18ftypheic"), ("pypdfium2", b"%PDF-1.4")])
def test_a_missing_package_is_named(package: str, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImageError, match=r"pip install 'unimumer\[(heic|pdf)\]'"):
        list(pages(data))


def test_damaged_and_other_files_are_refused(tmp_path: Path) -> None:
    for data in (b"II*\0" + bytes(40), saved("TIFF")[:60], b"%PDF-1.4 nothing", b"\0\0\0\x18ftypheic" + bytes(9)):
        assert is_document(data)
        with pytest.raises(ImageError):
            list(pages(data))
    assert not is_document(b"") and not is_document(saved("PNG"))
    with pytest.raises(ImageError, match="not a TIFF"):
        next(pages(saved("PNG")))
