"""What is asked and answered at each address."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from serve.loopback import STROKES, Client, png, running
from unimumer import Recognition
from unimumer.engines.base import Decoding
from unimumer.engines.base import Request as Question
from unimumer.engines.load import EngineSettings
from unimumer.engines.nano import NanoEngine
from unimumer.engines.openai import OpenAIEngine
from unimumer.export import FORMS, convert
from unimumer.imaging import load
from unimumer.tasks import recognize

EXAMPLES = Path(__file__).parents[2] / "examples"
COLUMNS = {"x": [[x for x, _ in stroke] for stroke in STROKES], "y": [[y for _, y in stroke] for stroke in STROKES]}
INKML = b"""<ink xmlns="http://www.w3.org/2003/InkML"><trace>0 0, 0 40</trace><trace>20 20, 50 20</trace>
<trace>35 5, 35 35</trace><trace>70 0, 70 40</trace></ink>"""


def uri(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


@pytest.fixture(scope="module")
def nano() -> object:
    with running(NanoEngine.load(threads=1)) as one:
        yield one


def test_the_embedded_model_reads_a_picture_strokes_and_inkml(nano: Client) -> None:
    picture = (EXAMPLES / "sum.png").read_bytes()
    assert nano.ask("/v1/recognize", picture).json["latex"] == "2+3=5"
    assert nano.ask("/v1/recognize", {"image": uri(picture)}).json["tokens"] == "2 + 3 = 5"
    assert nano.ask("/v1/recognize", {"strokes": STROKES}).json["latex"] == "1+1"
    assert nano.ask("/v1/recognize", {"strokes": {"strokes": COLUMNS}}).json["latex"] == "1+1"
    assert nano.ask("/v1/recognize", INKML).json["latex"] == "1+1"


def test_the_commercial_services_questions_and_answers(nano: Client) -> None:
    answer = nano.ask("/v3/strokes", {"strokes": {"strokes": COLUMNS}}, headers={"app_id": "me", "app_key": "x"}).json
    assert (answer["text"], answer["latex_styled"]) == ("\\( 1+1 \\)", "1+1")
    assert (answer["is_handwritten"], answer["is_printed"]) == (True, False)
    assert 0.5 < answer["confidence"] <= 1 and len(answer["request_id"]) == 32
    refused = nano.ask("/v3/strokes", {"strokes": {"strokes": {"x": [[1]], "y": [[1, 2]]}}})
    assert refused.status == 422
    assert (
        refused.json["error"] == refused.json["error_info"]["message"] == "strokes: stroke 0: 1 values of x but 2 of y"
    )


def test_openais_clients_are_answered(nano: Client) -> None:
    engine = OpenAIEngine("nano", f"http://127.0.0.1:{nano.port}/v1", EngineSettings())
    request = Question(load(EXAMPLES / "sum.png"), recognize.prompt())
    (answer,) = engine.generate([request], Decoding())
    assert (recognize.parse(answer.best.text), answer.finish) == ("2 + 3 = 5", "stop")


def test_an_answer_is_a_recognition_of_the_package(client: Client) -> None:
    answer = client.ask("/v1/recognize", png(), headers={"Content-Type": "image/png"}).json
    assert Recognition.from_dict(answer).to_dict() == answer
    assert client.ask("/v1/recognize", png()).json == answer


def test_forms_are_those_of_the_exports(client: Client) -> None:
    answer = client.ask(f"/v1/recognize?formats={','.join(FORMS)}", png()).json
    assert answer["formats"].keys() == FORMS.keys()
    assert answer["formats"]["mathml"] == convert(answer["tokens"], "mathml")
    assert client.ask("/v1/recognize", {"image": uri(png()), "formats": ["typst"]}).json["formats"] == {
        "typst": convert(answer["tokens"], "typst")
    }


def test_a_page_gives_its_expressions_with_their_boxes(nano: Client) -> None:
    below = [[[x, y + 200] for x, y in stroke] for stroke in STROKES]
    answer = nano.ask("/v1/recognize", {"strokes": [*STROKES, *below], "page": True, "formats": ["tokens"]}).json
    assert [(part["latex"], part["formats"]["tokens"]) for part in answer["parts"]] == [("1+1", "1 + 1")] * 2
    assert [part["box"] for part in answer["parts"]] == [[0, 0, 70, 40], [0, 200, 70, 240]]
    picture = (EXAMPLES / "sum.png").read_bytes()
    assert [part["latex"] for part in nano.ask("/v1/recognize?page=true", picture).json["parts"]] == ["2+3=5"]


def test_beams_give_alternatives(client: Client) -> None:
    assert len(client.ask("/v1/recognize?beams=4", png()).json["alternatives"]) == 3
    assert len(client.ask("/v1/recognize", {"strokes": STROKES, "beams": 2}).json["alternatives"]) == 1


def test_the_page_asks_by_beams_in_either_way(client: Client) -> None:
    """As ServerReader in page/src does; it goes on with one beam where more are refused."""
    asked = client.ask("/v1/recognize", {"strokes": STROKES, "beams": 4})
    assert (asked.status, len(asked.json["alternatives"])) == (200, 3)
    assert client.ask("/v1/recognize?beams=4", png(), headers={"Content-Type": "image/png"}).status == 200
    assert client.ask("/v1/recognize", {"strokes": STROKES, "beams": 9}).status == 400


def test_symbols_are_there_when_they_are_asked_for(nano: Client) -> None:
    found = nano.ask("/v1/recognize", {"strokes": STROKES, "symbols": True}).json
    assert [(one["token"], one["strokes"]) for one in found["symbols"]] == [("1", [0]), ("+", [1, 2]), ("1", [3])]
    assert json.loads(json.dumps(Recognition.from_dict(found).to_dict(symbols=True))) == found
    picture = (EXAMPLES / "sum.png").read_bytes()
    written = nano.ask("/v1/recognize?symbols=true", picture).json["symbols"]
    assert [one["token"] for one in written] == ["2", "+", "3", "=", "5"]
    assert "symbols" not in nano.ask("/v1/recognize?symbols=false", picture).json
    assert nano.ask("/v1/recognize?symbols=1", picture).status == 400
    assert nano.ask("/v1/recognize?symbols=true&page=true", picture).status == 400
    assert nano.ask("/v1/recognize", {"strokes": STROKES, "symbols": 1}).status == 400


def test_many_are_answered_in_order_and_fail_alone(client: Client) -> None:
    pictures = [png(ink=i) for i in range(3)]
    alone = [client.ask("/v1/recognize", one).json for one in pictures]
    items = [{"image": uri(one)} for one in (pictures[0], pictures[1][:-30], pictures[2])]
    found = client.ask("/v1/recognize", {"items": [*items, {"strokes": [[[1, 2]]]}, {"strokes": STROKES}]}).json
    assert [found["results"][0], found["results"][2]] == [alone[0], alone[2]]
    for i in (1, 3):
        assert found["results"][i]["error"]["type"] == "unprocessable_entity"
    assert found["results"][4]["latex"]
    assert "error" in client.ask("/v1/recognize", {"items": items[1:2]}).json["results"][0]


def test_a_chat_has_a_choice_for_each_reading(client: Client) -> None:
    part = {"type": "image_url", "image_url": {"url": uri(png())}}
    messages = [{"role": "user", "content": [{"type": "text", "text": "What is this?"}, part]}]
    answer = client.ask("/v1/chat/completions", {"model": "any", "messages": messages, "n": 3, "temperature": 0.7}).json
    read = client.ask("/v1/recognize?beams=3", png()).json
    texts = [choice["message"]["content"] for choice in answer["choices"]]
    assert texts == [read["tokens"], *(other["tokens"] for other in read["alternatives"])]
    assert answer["object"] == "chat.completion" and answer["choices"][0]["finish_reason"] == "stop"


def test_health_and_metrics(client: Client) -> None:
    assert client.ask("/healthz").json["model"] == "fake"
    before = client.count('unimumer_requests_total{endpoint="recognize",status="200"}')
    client.ask("/v1/recognize", png())
    assert client.count('unimumer_requests_total{endpoint="recognize",status="200"}') == before + 1
    assert client.count('unimumer_request_seconds_bucket{endpoint="recognize",le="+Inf"}') >= before + 1
    assert client.count("unimumer_pictures_total") >= client.count("unimumer_model_calls_total") > 0


def test_the_examples_of_the_description_are_answered(client: Client) -> None:
    description = client.ask("/openapi.json").json
    asked = 0
    for path, methods in description["paths"].items():
        for method, about in methods.items():
            examples = about.get("requestBody", {}).get("content", {}).get("application/json", {}).get("examples", {})
            for example in examples.values():
                assert client.ask(path, example["value"], method.upper()).status == 200, (path, example)
                asked += 1
    assert asked == 5
    limit = json.dumps(description["paths"]["/v1/recognize"]["post"]["requestBody"])
    assert '"maxItems": 32' in limit and '"maximum": 8' in limit


def test_without_a_page_its_address_says_how_to_get_it(client: Client) -> None:
    found = client.ask("/")
    assert found.status == 404 and b"make page" in found.body


def test_the_page_is_given_out_with_its_policy(tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><script src=page.js></script>")
    (tmp_path / "page.js").write_text("1")
    (tmp_path / "fonts" / "a.woff2").write_bytes(b"font")
    with running(static=tmp_path) as one:
        found = one.ask("/")
        assert found.body.startswith(b"<!doctype") and found.headers["content-type"].startswith("text/html")
        policy = found.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src 'self';" in policy
        assert one.ask("/page.js").headers["content-type"].startswith("text/javascript")
        assert one.ask("/fonts/a.woff2").headers["content-type"] == "font/woff2"
        assert one.ask("/", headers={"If-None-Match": found.headers["etag"]}).status == 304
