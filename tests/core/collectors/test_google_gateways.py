"""What is kept of an OpenAPI document of API Gateway: who is asked, and which backend is called."""

import base64
import json

import pytest

from scanners.collectors.cloud import ParseError
from scanners.collectors.door import Door
from scanners.collectors.gcp.gateways import operations
from scanners.collectors.gcp.schedules import bare, job

DOOR = Door(b"gateways")
SCHEMES = {"login": {"type": "oauth2"}, "key": {"type": "apiKey"}}
RUN = "https://api-1.run.app"


def answer(*texts):
    documents = (base64.b64encode(text.encode()).decode() for text in texts)
    return {"openapiDocuments": [{"document": {"contents": one}} for one in documents]}


def told(operation=None, **document):
    made = {"swagger": "2.0", "securityDefinitions": SCHEMES, "paths": {"/x": {"get": operation or {}}}, **document}
    return operations(answer(json.dumps(made)), DOOR)


@pytest.mark.parametrize(
    ("operation", "document", "asks"),
    [
        ({}, {}, "nobody"),
        ({"security": []}, {"security": [{"login": []}]}, "nobody"),
        ({"security": [{}]}, {}, "nobody"),
        ({}, {"security": [{"login": []}]}, "token"),
        ({"security": [{"login": []}]}, {}, "token"),
        ({"security": [{"login": [], "key": []}]}, {}, "token"),
        ({"security": [{"key": []}]}, {}, "key"),
        ({"security": [{"login": []}, {"key": []}]}, {}, "key"),
        ({"security": [{"login": []}, {}]}, {}, "nobody"),
        ({"security": [{"undefined": []}]}, {}, "key"),
        (
            {"security": [{"login": []}]},
            {"securityDefinitions": {}, "components": {"securitySchemes": SCHEMES}},
            "token",
        ),
    ],
)
def test_the_weakest_alternative_is_what_an_operation_asks(operation, document, asks):
    (found,) = told(operation, **document)

    assert (found["method"], found["path"], found["asks"]) == ("GET", "/x", asks)


@pytest.mark.parametrize(
    ("operation", "document", "backend"),
    [
        ({}, {}, ""),
        ({"x-google-backend": {"address": "https://user:secret@api-1.run.app/?key=s3cret"}}, {}, f"{RUN}/"),
        ({}, {"x-google-backend": {"address": RUN}}, RUN),
        ({"x-google-backend": {"address": RUN}}, {"x-google-backend": {"address": "https://other"}}, RUN),
        ({"x-google-backend": "b"}, {"x-google-api-management": {"backends": {"b": {"address": RUN}}}}, RUN),
        ({"x-google-backend": 7}, {"x-google-api-management": []}, ""),
    ],
)
def test_a_backend_is_the_nearest_one_and_its_address_bare(operation, document, backend):
    assert told(operation, **document)[0]["backend"] == backend


def test_yaml_is_read_as_well_and_several_documents_are_one_configuration():
    text = "paths:\n  /a:\n    parameters: []\n    post: {}\n    get: {}\n  /b: 7\n"

    found = operations(answer(text, text.replace("/a", "/c")), DOOR)

    assert [(one["method"], one["path"]) for one in found] == [
        ("GET", "/a"),
        ("POST", "/a"),
        ("GET", "/c"),
        ("POST", "/c"),
    ]
    assert operations({"grpcServices": [{}]}, DOOR) == []


BOMB = "a: &a {x: 1}\nb: &b {<<: *a, y: {<<: *a}}\npaths: {}\n"


@pytest.mark.parametrize(
    "text",
    ["", "7", "[]", "paths: 7", "{", "a: b: c", BOMB, "[" * 3_000, "paths: {}\nx: 9999-99-99",
     "paths: {}\ny: " + "9" * 5_000, 'paths: {/x: {get: {security: {login: []}}}}', "!!python/object:os.system {}"],
)  # fmt: skip
def test_what_is_no_such_document_is_a_gap_and_no_crash(text):
    with pytest.raises(ParseError):
        operations(answer(text), DOOR)


def test_contents_that_are_no_text_or_too_many_are_a_gap():
    many = {"paths": {f"/{number}": {"get": {}} for number in range(5_001)}}
    with pytest.raises(ParseError):
        operations(answer(json.dumps(many)), DOOR)
    for contents in ("***", base64.b64encode(b"\xff\xfe").decode(), base64.b64encode(b" " * 4_000_001).decode()):
        with pytest.raises(ParseError):
            operations({"openapiDocuments": [{"document": {"contents": contents}}]}, DOOR)


def test_of_a_scheduled_call_no_secret_is_kept():
    body = {
        "name": "projects/p/locations/l/jobs/j",
        "httpTarget": {"uri": "https://u:p@x.example/run?token=t#f", "headers": {"X-Key": "s3cret"}, "body": "s3cret"},
    }

    assert job(body, DOOR)["httpTarget"] == {"uri": "https://x.example/run"}
    assert bare("http://[odd") == ""
