"""Points of InkML traces: the same four points in every encoding and under every trace format, or a refusal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unimumer.ink import InkError, read_inkml
from unimumer.ink.trace import TraceFormat, read_points

POINTS = [[10.0, 5.0], [12.0, 2.0], [15.0, -2.0], [18.0, -6.0]]


def read(trace: str, channels: str = "X Y", *intermittent: str) -> list[list[float]]:
    format = TraceFormat(tuple(channels.split()), intermittent)
    return np.array(read_points(trace, format, "t")).reshape(-1, 2).tolist()


@pytest.mark.parametrize(
    "trace",
    [
        "10 5, 12 2, 15 -2, 18 -6",
        " 10 5 ,\n12 2,15 -2, 18 -6, ",
        "10 5,12 2,15-2,18-6",
        "+10 5.0, 1.2e1 2, 15 -2., 18 -.6e+1",
        "!10!5, !12 !2, 15 -2, 18 -6",
        "10 5, '2'-3, 3 -4, 3 -4",
        "10 5, '2'-3, 3-4, !18 !-6",
        """10 5, '2'-3, "1"-1, 0 0""",
        "10 5, '2'-3, '3'-4, * *",
        "10 5, '2!2, '3!-2, 3-6",
        "#A #5, #C #2, #F -#2, #12 -#6",
        "#A#5,#C#2,#F-#2,#12-#6",
    ],
)
def test_the_encodings_of_the_standard_give_the_same_points(trace: str) -> None:
    assert read(trace) == POINTS


def test_a_wildcard_goes_on_as_before() -> None:
    assert read("10 5, * 2, 15 *") == [[10, 5], [10, 2], [15, 2]]
    assert read("""0 0, '1'2, "1"0, * *""") == [[0, 0], [1, 2], [3, 4], [6, 6]]


@pytest.mark.parametrize(
    ("trace", "channels", "intermittent"),
    [
        ("5 10, 2 12, -2 15, -6 18", "Y X", ()),
        ("0 10 5, 8 12 2, 16 15 -2, 24 18 -6", "T X Y", ()),
        ("? T 10 5, 8 F 12 2, * T 15-2, '3F'3'-4", "F B X Y", ()),
        ("10 5, 12 2 300, 15 -2 300 T, 18 -6 ?", "X Y", ("F", "B")),
        ("10 5, 12 2:300, 15 -2:300 T, 18 -6", "X Y", ("F", "B")),
        ("10 5, 12 2, 15 -2, 18 -6", "X Y F", ()),  # 81 files of MfrDB have a channel without values
    ],
)
def test_coordinates_are_found_by_their_channel(trace: str, channels: str, intermittent: tuple[str, ...]) -> None:
    assert read(trace, channels, *intermittent) == POINTS


def test_axes_may_point_the_other_way() -> None:
    assert read_points("1 2, 3 4", TraceFormat(signs=(-1, -1)), "t") == [-1, -2, -3, -4]


@pytest.mark.parametrize(
    ("trace", "channels", "complaint"),
    [
        ("1 2, 3 4 5", "X Y", "3 values, but the channels are X Y"),
        ("1 2 3-4", "X Y T", "4 values"),
        ("1 2:3", "X Y", "3 values"),
        ("1 2\n3 4\n5 6", "X Y", "6 values.*points are parted by commas"),
        ("1, 2, 3", "X Y", "1 values, but X and Y are among the channels"),
        ("1 2", "T X Y", "2 values, but X and Y are among the channels T X Y"),
        ("1 2, 3 x", "X Y", "`x` is not a value of InkML"),
        ("1 nan", "X Y", "`nan` is not a value"),
        ("1 -inf", "X Y", "`-inf` is not a value"),
        ("1 2_0", "X Y", "`_0` is not a value"),
        ("1 1.2.3", "X Y", "`.3` is not a value"),
        ("1 --2", "X Y", "`--2` is not a value"),
        ("1 #5f", "X Y", "`f` is not a value"),
        ("1 #" + "F" * 400, "X Y", "is not a value"),
        ("1 ?", "X Y", r"Y is `\?`, not a number"),
        ("T 1", "X Y", "X is `T`, not a number"),
        ("'1 2, 3 4", "X Y", "X is a difference or a wildcard with nothing before it"),
        ("1 *", "X Y", "Y is a difference or a wildcard"),
        ('1 2, "3 4', "X Y", "X is a difference or a wildcard"),  # a second difference of no first one
        ("1 2, '* 4", "X Y", "X is a difference or a wildcard"),
        ("1 2 T, 3 4 F", "X Y S", "the pen is off the paper"),
    ],
)
def test_what_is_no_point_is_refused_with_its_place(trace: str, channels: str, complaint: str) -> None:
    with pytest.raises(InkError, match=f"^t, point [01]: .*{complaint}"):
        read(trace, channels)


@given(st.text("0123456789.,- \n!'\"#AF*?:e", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        values = read_points(text, TraceFormat(), "t")
    except InkError:
        return
    assert len(values) == 2 * sum(bool(row.strip()) for row in text.split(","))


def channel(name: str, **attributes: str) -> str:
    return f'<channel name="{name}" ' + " ".join(f'{key}="{value}"' for key, value in attributes.items()) + "/>"


YX = f"<traceFormat>{channel('Y')}{channel('X')}</traceFormat>"
TXY = f"<traceFormat>{channel('T')}{channel('X')}{channel('Y')}</traceFormat>"
NAMED = YX.replace("<traceFormat", '<traceFormat xml:id="f"')


@pytest.mark.parametrize(
    "document",
    [
        f"{YX}<trace>2 1</trace>",
        f"<context>{YX}</context><trace>2 1</trace>",
        f"<definitions>{NAMED}</definitions><trace>2 1</trace>",
        f'<definitions>{NAMED}</definitions><context traceFormatRef="#f"/><trace>2 1</trace>',
        f'<definitions>{TXY}<context xml:id="c">{YX}</context></definitions><trace contextRef="#c">2 1</trace>',
        f'<definitions>{TXY}<context xml:id="c"><inkSource>{YX}</inkSource></context></definitions>'
        '<traceGroup contextRef="#c"><traceGroup><trace>2 1</trace></traceGroup></traceGroup>',
        f'<definitions>{TXY}<inkSource xml:id="s">{YX}</inkSource></definitions>'
        '<context inkSourceRef="#s"/><trace>2 1</trace>',
        f'<definitions>{TXY}<context xml:id="a">{YX}</context><context xml:id="b" contextRef="#a"/></definitions>'
        '<trace contextRef="#b">2 1</trace>',
        f"<context>{TXY}</context><context>{YX}</context><context brushRef='#x'/><trace>2 1</trace>",
        f'<context>{TXY}</context><trace contextRef="#DefaultContext">1 2</trace>',
        f'{TXY}<context traceFormatRef="#DefaultTraceFormat"/><trace>1 2</trace>',
        f"<definitions>{YX}{TXY}</definitions><trace>1 2</trace>",  # two that nothing refers to: the default
        f"<definitions><canvas>{YX}</canvas></definitions><trace>1 2</trace>",
        f"<traceFormat>{channel('X', orientation='+ve')}{channel('Y', orientation='-ve')}</traceFormat>"
        "<trace>1 -2</trace>",
        f"<traceFormat>{channel('X')}{channel('Y')}<intermittentChannels>{channel('F')}</intermittentChannels>"
        "</traceFormat><trace>1 2 300</trace>",
    ],
)
def test_the_format_is_taken_from_where_the_document_gives_it(document: str) -> None:
    ink = read_inkml(f'<ink xmlns="http://www.w3.org/2003/InkML">{document}</ink>'.encode(), "a")
    assert [stroke.tolist() for stroke in ink.strokes] == [[[1, 2]]]


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        (f"<traceFormat>{channel('X')}{channel('F')}</traceFormat>", "one channel X and one Y; this one has X F"),
        (f"<traceFormat>{channel('X')}{channel('X')}{channel('Y')}</traceFormat>", "one channel X and one Y"),
        (f"<traceFormat>{channel('X', units='cm')}{channel('Y', units='mm')}</traceFormat>", "different units"),
        (
            "<traceFormat><channel name='X'><mapping type='lookup'/></channel><channel name='Y'/></traceFormat>",
            "mapping",
        ),
        ("<context><canvasTransform><mapping type='affine'>1 0, 0 -1</mapping></canvasTransform></context>", "canvasT"),
        ("<context traceFormatRef='#g'/>", "a traceFormat is referred to as '#g', which the file lacks"),
        ("<context traceFormatRef='http://example.org/f'/>", "which the file lacks"),
        ("<context xml:id='a' contextRef='#b'/><context xml:id='b' contextRef='#a'/>", "circle"),
    ],
)
def test_formats_that_cannot_be_followed_are_refused(document: str, complaint: str) -> None:
    with pytest.raises(InkError, match=f"^bad: .*{complaint}"):
        read_inkml(f"<ink>{document}<trace>1 2</trace></ink>".encode(), "bad")
