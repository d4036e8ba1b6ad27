"""Conditions of Google Cloud: what is known decides, what is not is told, and nothing crashes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.access.gcp.cel import Context, evaluate
from scanners.access.gcp.grammar import DEEPEST
from scanners.access.gcp.values import Text, exactly
from scanners.access.truth import MAYBE, NO, YES, negation

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)  # a Sunday
FACTS = {
    "resource.name": exactly("projects/_/buckets/photos"),
    "resource.type": exactly("storage.googleapis.com/Bucket"),
    "resource.service": exactly("storage.googleapis.com"),
}
KNOWN = Context(NOW, FACTS)
INSIDE = Context(NOW, {"resource.name": Text((("projects/_/buckets/photos/objects/", False),))})
EITHER = Context(NOW, {"resource.name": Text((("projects/shop/x", True), ("projects/42/x", True)))})
TAGGED = Context(NOW, tags={"9/env": "prod", "tagKeys/1": "tagValues/2"})
THEN = Context(NOW, at_that_moment=True)

CASES = [
    # time
    ('request.time < timestamp("2027-01-01T00:00:00Z")', KNOWN, YES),
    ('request.time < timestamp("2026-01-01T00:00:00Z")', KNOWN, NO),
    ('request.time >= timestamp("2026-11-22T03:00:00Z")', KNOWN, YES),
    ('request.time > timestamp("2026-11-22T03:00:00Z")', KNOWN, NO),
    ('request.time <= timestamp("2026-11-22T05:00:00+02:00")', KNOWN, YES),
    ('timestamp("2027-01-01T00:00:00Z") > request.time', KNOWN, YES),
    ('request.time == timestamp("2026-11-22T03:00:00.000Z")', KNOWN, YES),
    ('request.time < timestamp("2026-11-21T03:00:00Z") + duration("24h1s")', KNOWN, YES),
    ('request.time - duration("1h30m") > timestamp("2026-11-22T02:00:00Z")', KNOWN, NO),
    ('request.time < date("2026-11-23")', KNOWN, YES),
    ("request.time.getFullYear() == 2026", KNOWN, YES),
    ("request.time.getFullYear() < 2026", KNOWN, NO),
    ('request.time.getHours("Europe/Berlin") >= 9', KNOWN, MAYBE),
    ('request.time.getHours("Europe/Berlin") == 4', THEN, YES),
    ('request.time.getHours("America/Los_Angeles") == 19', THEN, YES),
    ('request.time.getHours("-08:00") == 19', THEN, YES),
    ("request.time.getDayOfWeek() == 0", THEN, YES),
    ('request.time.getDayOfWeek("America/New_York") == 6', THEN, YES),
    ("request.time.getMonth() == 10", THEN, YES),
    ("request.time.getDate() == 22", THEN, YES),
    ("request.time.getDayOfMonth() == 21", THEN, YES),
    ("request.time.getDayOfYear() == 325", THEN, YES),
    ("request.time.getMinutes() == 0 && request.time.getSeconds() == 0", THEN, YES),
    ('request.time.getHours("Nowhere/Land") == 1', THEN, MAYBE),
    ('timestamp("2020-02-29T12:00:00Z").getMonth() == 1', KNOWN, YES),
    # the resource
    ('resource.name == "projects/_/buckets/photos"', KNOWN, YES),
    ('resource.name != "projects/_/buckets/photos"', KNOWN, NO),
    ('resource.name.startsWith("projects/_/buckets/ph")', KNOWN, YES),
    ('resource.name.endsWith("photos")', KNOWN, YES),
    ('resource.name.contains("buckets")', KNOWN, YES),
    ('resource.type == "storage.googleapis.com/Object"', KNOWN, NO),
    ('resource.service == "storage.googleapis.com"', KNOWN, YES),
    ('resource.type in ["a", "storage.googleapis.com/Bucket"]', KNOWN, YES),
    ('resource.type in ["a", "b"]', KNOWN, NO),
    ('resource.name.extract("/buckets/{name}") == "photos"', KNOWN, YES),
    ('resource.name.extract("projects/{p}/buckets") == "_"', KNOWN, YES),
    ('resource.name.extract("folders/{f}") == ""', KNOWN, YES),
    ('resource.name.startsWith("projects/_/buckets/photos/objects/cats/")', INSIDE, MAYBE),
    ('resource.name.startsWith("projects/_/buckets/photos/")', INSIDE, YES),
    ('resource.name.startsWith("projects/_/buckets/other/")', INSIDE, NO),
    ('resource.name == "projects/_/buckets/photos/objects/cat"', INSIDE, MAYBE),
    ('resource.name == "projects/_/buckets/photos"', INSIDE, NO),
    ('resource.name.endsWith(".png")', INSIDE, MAYBE),
    ('resource.name.startsWith("projects/shop/")', EITHER, MAYBE),
    ('resource.name.endsWith("/x")', EITHER, YES),
    ('resource.name.startsWith("folders/")', EITHER, NO),
    ('resource.name == "x"', Context(NOW), MAYBE),
    # tags
    ('resource.matchTag("9/env", "prod")', KNOWN, MAYBE),
    ('resource.matchTag("9/env", "prod")', TAGGED, YES),
    ('resource.matchTag("9/env", "test")', TAGGED, NO),
    ('resource.matchTagId("tagKeys/1", "tagValues/2")', TAGGED, YES),
    ('resource.hasTagKey("9/team")', TAGGED, NO),
    ('!resource.hasTagKeyId("tagKeys/1")', TAGGED, NO),
    # what is not known of a request
    ('destination.ip == "10.0.0.1"', KNOWN, MAYBE),
    ("destination.port == 22", KNOWN, MAYBE),
    ('"accessPolicies/1/accessLevels/x" in request.auth.access_levels', KNOWN, MAYBE),
    ('api.getAttribute("iam.googleapis.com/modifiedGrantsByRole", []).hasOnly(["roles/a"])', KNOWN, MAYBE),
    ('api.getAttribute("storage.googleapis.com/objectListPrefix", "").startsWith("a")', KNOWN, MAYBE),
    # joining
    ('resource.type == "x" && destination.port == 22', KNOWN, NO),
    ('resource.type != "x" || destination.port == 22', KNOWN, YES),
    ("!(destination.port == 22)", KNOWN, MAYBE),
    ("true ? false : true", KNOWN, NO),
    ("destination.port == 22 ? true : true", KNOWN, YES),
    ("!!true", KNOWN, YES),
    ("((true))", KNOWN, YES),
    ("1 + 2 == 3 && 5 - 2 > 2", KNOWN, YES),
    ('"a\\x41\\u0042\\101" == "aABA"', KNOWN, YES),
    (r"""r'a\b' == "a\\b" """, KNOWN, YES),
    ("// nothing\ntrue", KNOWN, YES),
    ("true and false", KNOWN, MAYBE),
]


@pytest.mark.parametrize(("expression", "context", "truth"), CASES, ids=[case[0][:60] for case in CASES])
def test_what_is_known_decides(expression, context, truth):
    assert evaluate(expression, context).truth == truth


def test_no_condition_always_holds():
    assert evaluate(None, KNOWN).truth == YES
    assert evaluate("", KNOWN).truth == YES


def test_what_is_left_is_told_in_words_and_as_an_expression():
    found = evaluate('resource.name.startsWith("projects/_/") && resource.matchTag("9/env", "prod")', KNOWN)

    assert found.left == 'resource.matchTag("9/env", "prod")'
    assert found.words == "the resource has the tag “9/env” with the value “prod”"
    assert found.flaw == ""


def test_a_window_tells_until_when_and_one_to_come_tells_when():
    window = 'request.time > timestamp("{}") && request.time < timestamp("{}")'

    running = evaluate(window.format("2026-01-01T00:00:00Z", "2026-12-01T00:00:00Z"), KNOWN)
    coming = evaluate(window.format("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"), KNOWN)
    past = evaluate(window.format("2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z"), KNOWN)

    assert (running.truth, running.until) == (YES, datetime(2026, 12, 1, tzinfo=UTC))
    assert coming.truth == NO
    assert abs(coming.begins - datetime(2026, 12, 1, tzinfo=UTC)) <= timedelta(microseconds=1)
    assert (past.truth, past.begins) == (NO, None)


LATE = 'request.time < timestamp("9999-12-31T23:59:59Z") + duration("999999999h")'
ODD = [
    "(", ")", "a.b.", "'", '"a', "&&", "true &&", "1 == ", "foo()", "x == 1", "1", '"a"', "resource", "true false", "[",
    "{}", "a" * 20_000, "(" * 500 + "true" + ")" * 500, "!" * 901 + "x", "a" + ".b" * 500, "1" * 100 + " == 1", "\x00",
    'timestamp("never") < request.time', 'request.time < "2027"', LATE, "'\\ud800' == 'a'", "'\\q' == 'a'",
    7, ["true"], {"a": 1}, b"true", True,
]  # fmt: skip


@pytest.mark.parametrize("expression", ODD, ids=range(len(ODD)))
def test_what_is_not_understood_may_hold_and_says_why(expression):
    found = evaluate(expression, KNOWN)

    assert found.truth == MAYBE
    assert found.flaw.startswith("a condition was not understood: ") or expression == "resource"


def test_a_flaw_that_does_not_matter_hides_no_answer():
    assert evaluate('foo() && resource.type == "x"', KNOWN).truth == NO
    assert evaluate('foo() || resource.type != "x"', KNOWN).truth == YES


def test_long_chains_are_read_and_deep_ones_are_refused():
    assert evaluate(" || ".join(['resource.type == "x"'] * 500 + ["true"]), KNOWN).truth == YES
    assert evaluate("(" * (DEEPEST - 2) + "true" + ")" * (DEEPEST - 2), KNOWN).truth == YES


atoms = st.sampled_from([
    "true", "false", 'resource.type == "x"', 'resource.type != "x"', "destination.port == 22",
    'request.time < timestamp("2027-01-01T00:00:00Z")', 'request.time < timestamp("2020-01-01T00:00:00Z")',
    'resource.matchTag("9/env", "prod")', "foo.bar",
])  # fmt: skip
expressions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds("({} && {})".format, inner, inner),
        st.builds("({} || {})".format, inner, inner),
        st.builds("!({})".format, inner),
    ),
    max_leaves=8,
)


@given(expressions)
def test_not_turns_an_answer_round(expression):
    assert evaluate(f"!({expression})", KNOWN).truth == negation(evaluate(expression, KNOWN).truth)


@given(expressions, expressions)
def test_and_is_the_least_and_or_the_most(one, other):
    first, second = evaluate(one, KNOWN).truth, evaluate(other, KNOWN).truth

    assert evaluate(f"({one}) && ({other})", KNOWN).truth == min(first, second)
    assert evaluate(f"({one}) || ({other})", KNOWN).truth == max(first, second)


@given(expressions)
def test_what_is_left_decides_alone(expression):
    found = evaluate(expression, KNOWN)

    if found.truth == MAYBE and not found.flaw:
        assert evaluate(found.left, KNOWN).truth == MAYBE
        assert found.words


@given(expressions)
def test_knowing_more_never_turns_what_was_sure(expression):
    before, after = (
        evaluate(expression, KNOWN).truth,
        evaluate(expression, Context(NOW, FACTS, {"9/env": "prod"})).truth,
    )

    assert before in (MAYBE, after)


@given(st.text(max_size=200))
def test_no_text_makes_it_crash(text):
    assert evaluate(text, KNOWN).truth in (NO, MAYBE, YES)


@given(st.text(alphabet="ab.()[]!&|=<>\"'?:,+- 1", max_size=120))
def test_nothing_that_looks_like_one_does_either(text):
    assert evaluate(text, KNOWN).truth in (NO, MAYBE, YES)
