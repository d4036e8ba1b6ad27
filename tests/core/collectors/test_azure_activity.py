"""Lines of the activity log, and what is kept of them."""

import asyncio

import pytest

from scanners.collectors.asker import Asker
from scanners.collectors.azure import activity
from scanners.collectors.cloud import CUT, Call, Paging, Refusal
from scanners.collectors.door import Door
from scanners.model import Place, Resource, Unit

ME = "AAAA"
SITE = "/subscriptions/S/resourceGroups/Shop/providers/Microsoft.Web/sites/it"


def line(who=ME, operation="Microsoft.Web/sites/write", scope=SITE, day="2026-11-20", **more):
    return {
        "authorization": {"action": operation, "scope": scope},
        "claims": {activity.OBJECT_ID: who},
        "caller": "somebody@fernhollow.example",
        "eventTimestamp": f"{day}T08:00:00Z",
        **more,
    }


WHERE = "/subscriptions/s/resourcegroups/shop"


def slim(*lines):
    return activity.slim({"value": list(lines)})["value"]


def used(*lines):
    """As it is kept, which is the same of whole lines and of slim ones."""
    kept = activity.folded(slim(*lines), Door(b"x"))

    assert kept == activity.folded(list(lines), Door(b"x"))
    return kept["used"]


def test_a_line_is_kept_as_who_did_what_where_and_when_last():
    lines = line(day="2026-11-19"), line(), line(day="2026-11-18"), line(scope="/subscriptions/s", day="2026-11-02")

    assert used(*lines) == {
        "aaaa": {"microsoft.web/sites/write": {WHERE: "2026-11-20", "/subscriptions/s": "2026-11-02"}}
    }
    assert len(slim(*lines)) == 2
    assert "somebody" not in repr(slim(*lines))


@pytest.mark.parametrize(
    "odd",
    [
        line(operation="Microsoft.Authorization/policies/audit/action"),
        line(who=None, caller=None),
        line(who="", caller=""),
        {},
        {"authorization": [], "claims": "x", "caller": 7, "operationName": "x"},
        line(authorization=None),
    ],
)
def test_a_line_that_names_nobody_or_nothing_is_left_out(odd):
    assert used(odd) == {}


def test_without_an_object_id_the_caller_stands_as_the_log_names_it():
    assert list(used(line(claims=None))) == ["somebody@fernhollow.example"]


def test_without_an_authorization_the_name_of_the_operation_counts():
    kept = used(line(authorization=None, operationName={"value": "Microsoft.Web/sites/Delete"}, resourceId=SITE))

    assert kept["aaaa"] == {"microsoft.web/sites/delete": {WHERE: "2026-11-20"}}


def test_a_line_that_is_none_is_not_understood():
    with pytest.raises(Refusal):
        slim("line")


def test_a_listing_that_was_cut_is_not_whole():
    assert activity.folded([line()], Door(b"x"))["whole"] is True
    assert activity.folded([line(), CUT], Door(b"x"))["whole"] is False


@pytest.mark.parametrize(
    ("read", "asked"),
    [
        ({}, 1),
        ({"00-01": True}, 2),
        ({"00-01": True, "01-07": True, "07-30": True, "30-60": True}, 5),
        ({"00-01": True, "01-07": False}, 2),
        ({"00-01": False}, 1),
    ],
)
def test_an_older_window_is_asked_once_the_younger_was_read_to_its_end(read, asked):
    told = {name: {"whole": whole, "used": {}} for name, whole in read.items()}
    section = activity.LOG.section
    log = Resource(activity.ACTIVITY, "/x", "x", "global", Unit("global", "s"), {section: told}, {section: "c"})

    assert len(list(activity.windows(log))) == asked


class Endless:
    def paging(self, call):
        return Paging(("next",), ("next",))

    def rate(self, place, call):
        return "x", 1_000.0

    def search(self, expression, answer):
        return answer.get(expression)

    async def send(self, place, call, params):
        return {"value": [{"page": params.get("next", 0)}], "next": params.get("next", 0) + 1}


def test_of_a_call_with_a_bound_so_many_pages_are_asked_and_it_says_that_there_were_more():
    asker = Asker(Endless(), Place("a", "global"), {})

    found = asyncio.run(asker.listing(Call("s", "o", items="value", pages=3), {}))

    assert found == [{"page": 0}, {"page": 1}, {"page": 2}, CUT]
    assert asker.cells["s.o"].gap is None
