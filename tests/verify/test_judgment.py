"""Every way in which checks and the plain answer can stand to each other, by models that say what they are told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import noise
from unimumer.engines.base import Answer, Decoding, Request, Text
from unimumer.engines.pictures import BLANK
from unimumer.tasks import count, fix_errors, recognize, tree
from unimumer.verify import Checks, Verified, VerifyError, hear, judge, verified

from .conftest import Said, Scripted, says

PLAIN = "x ^ { 2 } + c"
RIGHT = "x ^ { 2 } + C"
MARKED = "x ^ { 2 } + <error_start> c <error_end>"
FIXED = fix_errors.target(MARKED, RIGHT)
ALL = Checks()


def verify(engine: Scripted, requests: list[Request], checks: Checks = ALL) -> Verified:
    answers = engine.generate(requests[:1], Decoding())
    return verified(engine, requests[:1], answers, checks)[0]


def verdicts(result: Verified) -> dict[str, str]:
    return {finding.check: finding.verdict for finding in result.findings}


def test_all_agree(pictures: list[Request]) -> None:
    result = verify(says(PLAIN), pictures)
    assert result.agreed and not result.changed and result.changed_by == ()
    assert result.latex == PLAIN and result.candidates[0].confidence == pytest.approx(0.6065, abs=1e-4)
    assert verdicts(result) == dict.fromkeys(("parse", "count", "tree", "find"), "agreed")
    assert [candidate.votes for candidate in result.candidates] == [("plain", "count", "tree", "find")]


def test_one_that_disagrees_is_outvoted_and_told(pictures: list[Request]) -> None:
    for name, said in (("count", count.target(RIGHT)), ("tree", tree.target(RIGHT))):
        result = verify(says(PLAIN, **{name: said}), pictures)
        assert not result.agreed and result.latex == PLAIN and not result.changed
        assert verdicts(result)[name] == "disagreed"
        assert result.candidates[1].latex == RIGHT and result.candidates[1].votes == (name,)
        assert result.candidates[1].confidence is None


BOTH = {"count": count.target(RIGHT), "tree": tree.target(RIGHT)}
FEW = Checks(count=False, tree=False, plain=False)


@pytest.mark.parametrize(
    ("said", "checks", "stands", "changed_by"),
    [
        (BOTH, Checks(find=False, fix=False), RIGHT, ("count", "tree")),
        (BOTH, ALL, PLAIN, ()),  # on equal votes the plain answer stands
        ({"tree": BOTH["tree"]}, Checks(count=False, find=False, fix=False, plain=False), RIGHT, ("tree",)),
        ({"count": BOTH["count"], "find": MARKED, "fix": FIXED}, ALL, PLAIN, ()),  # plain, tree against count, fix
        ({**BOTH, "find": MARKED, "fix": FIXED}, ALL, RIGHT, ("count", "tree", "fix")),
        ({"find": MARKED, "fix": RIGHT}, FEW, RIGHT, ("fix",)),  # a correction without a log counts
    ],
)
def test_what_has_most_votes_stands(
    pictures: list[Request], said: dict[str, Said], checks: Checks, stands: str, changed_by: tuple[str, ...]
) -> None:
    result = verify(says(PLAIN, **said), pictures, checks)
    assert (result.latex, result.plain, result.changed_by) == (stands, PLAIN, changed_by)
    if stands == RIGHT:
        assert result.candidates[0].confidence is None
    if "fix" in said and checks is ALL:
        assert verdicts(result)["find"] == "disagreed"
        assert next(f.reason for f in result.findings if f.check == "find") == MARKED


def test_only_what_is_marked_is_asked_to_be_fixed(pictures: list[Request]) -> None:
    engine = says(PLAIN, find=MARKED)
    result = verify(engine, pictures, Checks(fix=False))
    assert verdicts(result) == {"parse": "agreed", "count": "agreed", "tree": "agreed", "find": "disagreed"}
    assert result.latex == PLAIN


@pytest.mark.parametrize(
    ("name", "said", "reason"),
    [
        ("count", "x: two\nx", "not a count"),
        ("count", "", "empty"),
        ("tree", "x (up)\nx", "the tree"),
        ("tree", PLAIN, "no tree before"),
        ("tree", (tree.target(PLAIN), "length"), "cut off (length)"),
        ("count", (count.target(PLAIN), "repetition"), "cut off (repetition)"),
        ("find", "<error_start> x", "never closed"),
        ("find", "x ^ { 2 } +", "another formula"),
        ("find", RIGHT, "another formula"),
        ("find", (PLAIN, "length"), "cut off"),
    ],
)
def test_what_cannot_be_read_has_no_vote(pictures: list[Request], name: str, said: Said, reason: str) -> None:
    result = verify(says(PLAIN, **{name: said}), pictures)
    finding = next(finding for finding in result.findings if finding.check == name)
    assert finding.verdict == "malformed" and reason in finding.reason
    assert result.latex == PLAIN and not result.agreed and len(result.candidates) == 1
    assert name not in result.candidates[0].votes


@pytest.mark.parametrize("said", ["gibberish: x\nx", "REPLACE:x -> y\n" + RIGHT, "", ("REPLACE:c ->", "length")])
def test_a_correction_that_contradicts_itself_is_none(pictures: list[Request], said: Said) -> None:
    result = verify(says(PLAIN, find=MARKED, fix=said), pictures, FEW)
    assert verdicts(result)["fix"] == "malformed" and result.latex == PLAIN


def test_everything_malformed_leaves_the_answer(pictures: list[Request]) -> None:
    result = verify(says(PLAIN, count="?", tree="?", find="<deleted", fix="?"), pictures)
    assert verdicts(result) == {"parse": "agreed", **dict.fromkeys(("count", "tree", "find"), "malformed")}
    assert result.latex == PLAIN and not result.changed


def test_an_answer_that_does_not_parse_yields_to_any_that_does(pictures: list[Request]) -> None:
    broken = "\\frac { x"
    result = verify(says(broken, count=count.target("x"), tree="?"), pictures)
    assert (result.latex, result.plain, result.changed) == ("x", broken, True)
    assert verdicts(result)["parse"] == "malformed"


def test_a_beam_with_more_votes_wins(pictures: list[Request]) -> None:
    engine = says(PLAIN, count=count.target(RIGHT), tree=tree.target(RIGHT), find=MARKED, fix="")
    beams = Answer((Text(PLAIN, (-0.5,)), Text("y", (-0.6,)), Text(RIGHT, (-2.0,))), "stop")
    result = verified(engine, pictures[:1], [beams], Checks())[0]
    assert result.latex == RIGHT and result.candidates[0].confidence == pytest.approx(0.1353, abs=1e-4)
    assert [candidate.latex for candidate in result.candidates] == [RIGHT, PLAIN, "y"]


def test_writings_of_one_expression_are_one_candidate(pictures: list[Request]) -> None:
    engine = says("a \\le b", count=count.target("a \\leq b"))
    result = verify(engine, pictures)
    assert result.agreed and len(result.candidates) == 1 and result.latex == "a \\le b"


def test_one_call_a_check_and_none_about_blank_pages(pictures: list[Request]) -> None:
    engine = says(PLAIN, find=MARKED, fix=FIXED)
    answers = [Answer((Text(PLAIN, (-1.0,)),), "stop"), BLANK, Answer((Text(PLAIN, (-1.0,)),), "stop")]
    results = verified(engine, pictures, answers, Checks())
    assert [len(requests) for requests, _ in engine.calls] == [2, 2, 2, 2]
    assert all(decoding.max_tokens == 1024 and decoding.beams == 1 for _, decoding in engine.calls)
    assert results[0] == results[2] and results[1].findings == () and not results[1].agreed
    assert results[1].latex == ""


def test_nothing_is_asked_that_is_switched_off(pictures: list[Request]) -> None:
    none = Checks(count=False, tree=False, find=False, fix=False)
    engine = Scripted({})
    answers = [Answer((Text(PLAIN, (-1.0,)),), "stop")] * 3
    assert [result.latex for result in verified(engine, pictures, answers, none)] == [PLAIN] * 3
    assert verified(engine, [], [], Checks()) == [] and engine.calls == []


def test_what_was_heard_can_be_judged_by_fewer_checks(pictures: list[Request]) -> None:
    engine = says(PLAIN, tree=tree.target(RIGHT))
    answers = engine.generate(pictures, Decoding())
    fewer = Checks(count=False, find=False, fix=False)
    heard = hear(engine, pictures, answers, Checks())
    assert [judge(one, fewer) for one in heard] == verified(engine, pictures, answers, fewer)


def test_fix_needs_find() -> None:
    with pytest.raises(VerifyError, match="find"):
        Checks(find=False)


class Failing(Scripted):
    """Cannot be asked about a dark picture."""

    def generate(self, requests: Sequence[Request], decoding: Decoding, *_: object) -> list[Answer]:
        if any(request.picture.max() == 0 for request in requests):
            raise RuntimeError("no")
        return super().generate(requests, decoding)


def test_a_runtime_that_fails_on_one_picture_costs_its_checks_only(pictures: list[Request]) -> None:
    engine = Failing(says(PLAIN).script)
    answers = [Answer((Text(PLAIN, (-1.0,)),), "stop")] * 2
    dark = Request(np.zeros_like(pictures[0].picture), pictures[0].prompt)
    good, bad = verified(engine, [pictures[0], dark], answers, Checks())
    assert good.agreed and bad.latex == PLAIN
    assert {f.reason for f in bad.findings if f.verdict == "malformed"} == {"the model failed: RuntimeError: no"}


TEXTS = st.one_of(
    noise, st.text(max_size=30), st.sampled_from(["x", "<deleted>", "INSERT:x after start\nx", "x: 1\nx"])
)


@given(st.lists(TEXTS, min_size=5, max_size=5), st.booleans())
def test_nothing_a_model_says_is_an_error(texts: list[str], own_vote: bool) -> None:
    said = iter(texts)
    request = Request(np.zeros((4, 4, 3), np.uint8), recognize.prompt())
    result = verify(Scripted(defaultdict(lambda: next(said))), [request], Checks(plain=own_vote))
    assert result.latex == result.candidates[0].latex
    assert result.plain in [candidate.latex for candidate in result.candidates]
    assert all(
        finding.reason for finding in result.findings if finding.verdict == "malformed" and finding.check != "parse"
    )
    if recognize.well_formed(result.plain):
        assert recognize.well_formed(result.latex)
