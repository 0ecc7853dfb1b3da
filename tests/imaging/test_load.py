"""What hostile or broken pictures must not do."""

from __future__ import annotations

import gc
import os
import struct
import time
import tracemalloc
import warnings
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from unimumer.errors import UnimumerError
from unimumer.imaging import ImageError, decoded_size, load, read
from unimumer.imaging.header import MAX_BYTES, MAX_SCANS


def refusal(source: object) -> str:
    with pytest.raises(ImageError) as caught:
        load(source)  # type: ignore[arg-type]
    text = str(caught.value)
    assert text and len(text) < 200
    for leak in ("0x", "/", "\\", "Error", "PIL", "BytesIO", "object at", "Traceback", "<"):
        assert leak not in text
    return text


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def in_png(picture: bytes, *chunks: bytes) -> bytes:
    """Put chunks behind the header of a PNG."""
    return picture[:33] + b"".join(chunks) + picture[33:]


# 1, 2: size


def test_a_huge_one_bit_png_is_refused_at_the_header(make):
    header = struct.pack(">IIBBBBB", 13_000, 13_000, 1, 0, 0, 0, 0)
    data = zlib.compress(bytes(1626 * 13_000), 9)
    bomb = in_png(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header), chunk(b"IDAT", data), chunk(b"IEND", b""))
    assert len(bomb) < 40_000
    tracemalloc.start()
    begin = time.process_time()
    assert "13000 x 13000" in refusal(bomb)
    assert time.process_time() - begin < 0.1
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (65_500, 1)])
@pytest.mark.parametrize("format", ["PNG", "JPEG", "BMP"])
def test_slivers_are_refused(make, size, format):
    assert "pixels" in refusal(make.encode(Image.new("L", size), format))


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "BMP"])
def test_every_format_tells_its_size_before_decoding(make, format, monkeypatch):
    data = make.encode(Image.new("RGB", (300, 200)), format)
    monkeypatch.setattr("unimumer.imaging.header.MAX_SIDE", 250)
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("decoded"))
    assert "300 x 200" in refusal(data)


def test_the_largest_webp_canvas_is_refused_before_it_is_allocated(make):
    data = bytearray(make.encode(Image.new("RGBA", (20, 20), (0, 0, 0, 9)), "WEBP", exif=make.exif(1)))
    assert data[12:16] == b"VP8X"
    data[24:30] = b"\xff\xff\xff\xff\xff\xff"
    assert "16777216" in refusal(bytes(data))


def test_nothing_and_too_much(tmp_path):
    assert "empty" in refusal(b"")
    assert "MB" in refusal(b"\x89PNG\r\n\x1a\n" + bytes(MAX_BYTES))
    (large := tmp_path / "large.png").touch()
    os.truncate(large, 10 * MAX_BYTES)
    assert "MB" in refusal(large)


# 3: damage


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "BMP"])
@pytest.mark.parametrize("eighths", range(8))
def test_truncation_at_each_eighth(drawing, make, format, eighths):
    data = make.encode(drawing, format)
    refusal(data[: len(data) * eighths // 8])


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "BMP"])
@settings(max_examples=60, deadline=None)
@given(
    flips=st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1, max_size=4),
    head=st.booleans(),
    cut=st.integers(0, 10**6),
)
def test_flipped_bits_give_a_picture_or_a_refusal(format, flips, head, cut):
    ramp = np.arange(48 * 64, dtype=np.uint8).reshape(48, 64)
    stream = BytesIO()
    Image.fromarray(ramp).save(stream, format)
    data = bytearray(stream.getvalue())
    for at, bits in flips:
        data[at % (min(len(data), 64) if head else len(data))] ^= bits
    if cut % 3 == 0:
        del data[cut % len(data) :]
    try:
        picture = load(bytes(data))
    except ImageError:
        refusal(bytes(data))
    else:
        assert picture.dtype == np.uint8 and picture.ndim == 3 and picture.shape[2] == 3


@given(st.binary(max_size=200), st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF", b"BM"]))
@settings(max_examples=150, deadline=None)
def test_arbitrary_bytes_are_refused(tail, magic):
    refusal(magic + tail)


def test_a_wrong_checksum_is_damage(drawing, make):
    data = bytearray(make.encode(drawing, "PNG"))
    data[-20] ^= 1
    assert "damaged" in refusal(bytes(data))


def test_the_extension_does_not_matter(drawing, make, tmp_path):
    named = tmp_path / "picture.gif"
    named.write_bytes(make.encode(drawing, "PNG"))
    assert np.array_equal(load(named)[..., 0], drawing)
    assert np.array_equal(load(str(named)), load(named))
    named.with_suffix(".png").write_bytes(b"<!DOCTYPE html><html></html>")
    assert "web page" in refusal(named.with_suffix(".png"))


# 4, 5: formats and animations


@pytest.mark.parametrize("format", ["GIF", "TIFF", "PPM", "ICO", "TGA", "PDF", "EPS", "JPEG2000"])
def test_other_formats_are_refused(make, format):
    assert "PNG, JPEG, WebP or BMP" in refusal(make.encode(Image.new("RGB", (32, 32), "white"), format))


def test_heic_is_named():
    assert "HEIC" in refusal(b"\0\0\0\x18ftypheic" + bytes(100))


def test_a_run_length_bmp_is_refused():
    rows = b"\xff\0" * 10
    info = struct.pack("<IiiHHIIiiII", 40, 255, 10, 1, 8, 1, len(rows), 0, 0, 256, 0)
    offset = 14 + len(info) + 1024
    assert "compressed BMP" in refusal(
        b"BM" + struct.pack("<IHHI", offset + 20, 0, 0, offset) + info + bytes(1024) + rows
    )


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_the_first_frame_of_an_animation_counts(make, format):
    frames = [Image.new("RGB", (40, 30), (200 - 3 * k, 10, k)) for k in range(50)]
    data = make.encode(frames[0], format, save_all=True, append_images=frames[1:], lossless=True)
    with Image.open(BytesIO(data)) as image:
        assert image.n_frames == 50
    assert (load(data) == (200, 10, 0)).all()


def test_a_false_count_of_frames_is_not_believed(drawing, make):
    data = in_png(make.encode(drawing, "PNG"), chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)))
    assert np.array_equal(load(data)[..., 0], drawing)


# 6: what is beside the picture


@given(st.binary(max_size=80), st.sampled_from([b"II*\0", b"MM\0*", b"Exif\0\0II*\0\x08\0\0\0\xff\xff"]))
def test_nonsense_in_exif_is_ignored(tail, head):
    stream = BytesIO()
    Image.new("L", (8, 9), 77).save(stream, "PNG")
    assert (load(in_png(stream.getvalue(), chunk(b"eXIf", head + tail))) == 77).all()


# 7: large chunks


@pytest.mark.parametrize("name", [b"zTXt", b"iCCP", b"iTXt", b"tEXt", b"eXIf"])
def test_bombs_in_png_chunks_cost_nothing(drawing, make, name):
    bomb = b"name\0\0" + zlib.compress(bytes(50_000_000))
    data = in_png(make.encode(drawing, "PNG"), chunk(name, bomb), chunk(name, bytes(10**6)))
    begin = time.process_time()
    assert np.array_equal(load(data)[..., 0], drawing)
    assert time.process_time() - begin < 0.3


def test_many_exif_segments_in_a_jpeg_cost_nothing(drawing, make):
    data = make.encode(drawing, "JPEG")
    segment = b"\xff\xe1\xff\xffExif\0\0" + bytes(65_527)
    begin = time.process_time()
    assert np.array_equal(load(data[:2] + segment * 300 + data[2:]), load(data))
    assert time.process_time() - begin < 0.5


@pytest.mark.parametrize("filler", [b"", b"\xff\xe5\0\2", b"\xff", b"\xff\xd0", b"\0" * 4])
def test_millions_of_empty_parts_are_refused_at_once(drawing, make, filler):
    png, jpeg = make.encode(drawing, "PNG"), make.encode(drawing, "JPEG")
    flood = jpeg[:2] + b"\xff\xe5\0\2" + filler * 5_000_000 + jpeg[2:]
    begin = time.process_time()
    refusal(flood if filler else in_png(png, chunk(b"teSt", b"") * 2_000_000))
    assert time.process_time() - begin < 1


def test_a_jpeg_of_endless_scans_is_refused(drawing, make):
    data = make.encode(drawing, "JPEG", progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    assert "scans" in refusal(data[:-2] + last * MAX_SCANS + b"\xff\xd9")
    behind = load(data + b"a video \xff\xda" * 1000)
    assert np.array_equal(behind, load(data))


# 8: what an error may say


def test_paths_stay_out_of_errors(tmp_path):
    secret = tmp_path / "secret-name.png"
    secret.write_bytes(b"no picture")
    os.mkfifo(tmp_path / "pipe.png")
    for source in (
        secret,
        tmp_path,
        tmp_path / "pipe.png",
        tmp_path / "missing.png",
        "nul\0.png",
        "x" * 5000,
    ):
        assert "secret" not in refusal(source)
    assert "folder or device" in refusal(tmp_path / "pipe.png")
    assert "no such" in refusal(Path("missing.png"))


def test_errors_are_of_the_family_and_carry_no_cause():
    with pytest.raises(UnimumerError) as caught:
        load(b"\x89PNG\r\n\x1a\n" + bytes(40))
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "source",
    [
        None, 3, [1, 2], np.zeros((4, 4, 5)), np.zeros(4), np.zeros((0, 5)), np.full((4, 4), np.nan),
        np.full((4, 4), "a"), np.full((4, 4), 1j), Image.new("L", (1, 5)), Image.new("RGB", (30_000, 3)),
    ],
    ids=lambda source: type(source).__name__,
)  # fmt: skip
def test_what_is_no_picture_is_refused(source):
    refusal(source)


# 9: endurance


def test_a_hundred_bad_pictures_then_a_good_one(drawing, make):
    good = make.encode(drawing, "PNG")
    before = load(good)
    jpeg = make.encode(drawing, "JPEG")
    bad = [good[: 60 + 7 * k] if k % 2 else jpeg[: 200 + 9 * k] for k in range(50)]
    for data in bad:  # what is loaded and kept for good by the first refusals is no leak
        refusal(data)
    gc.collect()
    tracemalloc.start()
    start = tracemalloc.get_traced_memory()[0]
    for data in bad * 2:
        refusal(data)
    gc.collect()
    assert tracemalloc.get_traced_memory()[0] - start < 200_000
    tracemalloc.stop()
    assert np.array_equal(load(good), before)
    assert Image.MAX_IMAGE_PIXELS == 89_478_485


# arrays and Pillow images


def test_arrays_of_every_kind_give_the_same(drawing):
    same = [
        drawing, drawing[..., None], np.dstack([drawing] * 3), drawing / 255, (drawing / 255).astype(np.float32),
        drawing.astype(np.int64), drawing.astype(np.uint16) * 257, drawing.astype(np.int32) * 1000 - 10**5,
        np.dstack([drawing, np.full_like(drawing, 255)]), np.asfortranarray(drawing), Image.fromarray(drawing),
        Image.fromarray(drawing.astype(np.float32)), Image.fromarray(drawing.astype(np.int32) * 257),
    ]  # fmt: skip
    for source in same:
        assert np.abs(load(source)[..., 1].astype(int) - drawing).max() <= 1
    assert np.array_equal(load(drawing > 127)[..., 0], np.where(drawing > 127, 255, 0))


def test_the_result_is_a_copy():
    source = np.zeros((5, 6, 3), np.uint8)
    load(source)[:] = 9
    assert not source.any()


def test_a_picture_of_fifty_megapixels_is_read(make):
    data = make.encode(Image.new("1", (8160, 6144), 1), "PNG")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load(data).shape == (6144, 8160, 3)


def test_the_decoded_size_is_known_before(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("L", (7, 5)).save(path)
    assert decoded_size(read(path)) == load(path).nbytes == 7 * 5 * 3
    with pytest.raises(ImageError):
        decoded_size(b"<html>")
    with pytest.raises(ImageError, match="no such picture file"):
        read(tmp_path / "none.png")
