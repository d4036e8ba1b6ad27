"""The look: hostile text stays text, what was not read is never drawn as zero, and every shape has its word."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.template import Context, Template

from posture.models import findings
from posture.templatetags.atoms import NUMBERED, relative, shorten
from posture.templatetags.charts import places
from posture.templatetags.proof import differing, folded, proof_lines

HOSTILE = "<script>alert(1)</script>\"'&"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def rendered(source: str, **values: object) -> str:
    return Template("{% load look %}" + source).render(Context(values))


@pytest.mark.parametrize(
    "tag",
    [
        "{% severity x %}",
        "{% outcome x %}",
        "{% state x %}",
        "{% arn x %}",
        "{% arn long %}",
        "{% copy_button x %}",
        "{% code_block x x %}",
        "{% proof doc marks title=x %}",
        "{% json_diff doc other x %}",
        "{% coverage_cell x 1 2 x x %}",
        "{% timeline rows %}",
        "{% empty x x x x %}",
        "{% stat 1 x x x %}",
        "{% trend points x %}",
        "{% sparkline values x %}",
        "{% confirm x x x x x x x %}",
    ],
)
def test_hostile_text_stays_text(tag):
    page = rendered(
        tag, x=HOSTILE, long=HOSTILE * 9, doc={HOSTILE: [HOSTILE]}, other={HOSTILE: HOSTILE}, marks=[HOSTILE],
        rows=[{"kind": HOSTILE, "sentence": HOSTILE, "by": HOSTILE, "href": HOSTILE, "at": NOW}],
        points=[(date(2026, 11, 1), 1), (date(2026, 11, 2), None)], values=[1, None, 2],
    )  # fmt: skip

    assert "<script" not in page


def test_the_numbers_are_those_that_findings_store():
    for kind, choices in (
        ("severity", findings.Severity),
        ("outcome", findings.Outcome),
        ("state", findings.State),
        ("transition", findings.Transition),
    ):
        assert NUMBERED[kind] == dict(choices.choices)


def test_what_was_not_read_breaks_the_line():
    days = [date(2026, 11, n) for n in range(1, 6)]

    runs = list(places(list(zip(days, [3, 4, None, 0, 2], strict=True)), 100, 50))

    assert [len(run) for run in runs] == [2, 2]


def test_the_deciding_lines_are_marked_and_anchored():
    html, missing = proof_lines({"Statement": [{"Principal": {"AWS": "*"}}]}, ["/Statement/0/Principal", "/Condition"])

    assert html.count("<mark") == 3
    assert 'id="/Statement/0/Principal"' in html
    assert missing == ["/Condition"]


def test_a_huge_document_is_folded_and_still_shows_what_decides():
    document = {"users": [{"name": f"u{n}", "admin": n == 7000} for n in range(9000)]}

    html, _ = proof_lines(document, ["/users/7000/admin"])

    assert len(html) < 20_000
    assert 'id="/users/7000/admin"' in html
    assert "lines are not shown here" in html


def test_an_inserted_statement_is_one_change():
    before, after = [{"Sid": "a"}, {"Sid": "b"}], [{"Sid": "new"}, {"Sid": "a"}, {"Sid": "b"}]

    signs = [line.sign for line in differing(before, after)]

    assert signs.count("+") == 3
    assert "-" not in signs


def test_true_is_not_one():
    assert {line.sign for line in differing({"a": True}, {"a": 1})} == {"", "+", "-"}


def test_nesting_without_end_is_survived():
    deep: list[object] = []
    for _ in range(5000):
        deep = [deep]

    assert "nested too deeply" in proof_lines(deep, [])[0]


def test_equal_documents_show_nothing_changed():
    lines = [(line, 1, "span", "") for line in differing({"a": 1}, {"a": 1})]

    assert "<ins" not in folded(lines, "", 0)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=3, minutes=59), "3 hours ago"),
        (timedelta(days=12), "12 days ago"),
        (timedelta(days=45), "8 Oct 2026"),
        (-timedelta(hours=2), "in 2 hours"),
    ],
)
def test_times_are_relative(before, words):
    assert relative(NOW - before, NOW) == words


def test_both_ends_of_a_reference_are_kept():
    ref = "arn:aws:lambda:eu-west-1:482915550110:function:orders-webhook"

    short = shorten(ref)

    assert len(short) <= 44
    assert short.startswith("arn:aws:")
    assert short.endswith("orders-webhook")


def test_filters_toggle_the_address(rf):
    request = rf.get("/findings/?severity=high&after=x&account=1")
    facets = [{"param": "severity", "label": "Severity", "options": [{"value": "high", "count": 2}, {"value": "low"}]}]

    page = rendered("{% filters facets %}", request=request, facets=facets)

    assert 'href="?severity=high&amp;account=1&amp;severity=low"' in page or "severity=high&amp;severity=low" in page
    assert 'href="?account=1"' in page
    assert "after=x" not in page
