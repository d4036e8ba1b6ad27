"""How one question is asked: until there is an answer, a final no, or no patience left; and never past a loop."""

from __future__ import annotations

import asyncio

import pytest

from scanners.collectors import asker as module
from scanners.collectors.asker import Asker
from scanners.collectors.cloud import Call, Paging, Refusal, at
from scanners.collectors.pace import Bucket
from scanners.model import Place, State, Unread

PLACE = Place("111122223333", "eu-west-1")
LIST = Call("sqs", "ListQueues", items="QueueUrls")
GET = Call("lambda", "GetPolicy", take="Policy", absent=frozenset({"ResourceNotFoundException"}))


class Cloud:
    """Answers from a script; an exception in it is raised."""

    def __init__(self, *script):
        self.script, self.asked = list(script), []

    async def send(self, place, call, params):
        self.asked.append(dict(params))
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def paging(self, call):
        return Paging(("NextToken",), ("NextToken",))

    def rate(self, place, call):
        return "quota", 1e6

    def search(self, expression, answer):
        return at(expression, answer)


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """No test sleeps; what would have been slept is remembered."""
    waited = []

    async def sleep(seconds, result=None):
        waited.append(seconds)

    monkeypatch.setattr(module.asyncio, "sleep", sleep)
    return waited


def run(cloud, ask, **more):
    asker = Asker(cloud, PLACE, {}, **more)
    return asker, asyncio.run(ask(asker))


def throttled(**more):
    return Refusal(State.THROTTLED, "ThrottlingException", **more)


def test_a_throttled_call_is_asked_again_until_it_is_answered(waits):
    asker, answer = run(Cloud(throttled(), throttled(), {"Policy": "p"}), lambda a: a.ask(GET, {}))

    assert answer == "p"
    assert (asker.tally.calls, asker.tally.retries, asker.tally.throttled) == (3, 2, 2)
    assert asker.cells["lambda.GetPolicy"].state is State.READ


def test_the_time_that_the_cloud_names_is_waited(waits):
    run(Cloud(throttled(retry_after=7.0), {"Policy": "p"}), lambda a: a.ask(GET, {}))

    assert 7.0 in waits


def test_a_call_that_stays_throttled_is_a_gap_and_no_answer():
    cloud = Cloud(throttled())
    asker = Asker(cloud, PLACE, {})

    with pytest.raises(Unread) as unread:
        asyncio.run(asker.ask(GET, {}))

    assert unread.value.gaps[0].state is State.THROTTLED
    assert asker.cells["lambda.GetPolicy"].state is State.THROTTLED
    assert len(cloud.asked) == module.ATTEMPTS[State.THROTTLED]


@pytest.mark.parametrize(
    ("state", "code", "times"),
    [
        (State.DENIED, "AccessDenied", 1),
        (State.UNSUPPORTED, "UnknownOperation", 1),
        (State.PARSE_ERROR, "ResponseParserError", module.ATTEMPTS[State.PARSE_ERROR]),
        (State.UNREACHABLE, "EndpointConnectionError", module.NO_ROAD),
    ],
)
def test_how_often_a_refusal_is_worth_another_try(state, code, times):
    cloud = Cloud(Refusal(state, code))

    with pytest.raises(Unread):
        run(cloud, lambda a: a.ask(GET, {}))

    assert len(cloud.asked) == times


def test_only_a_declared_code_proves_absence():
    _, absent = run(Cloud(Refusal(State.UNSUPPORTED, "ResourceNotFoundException")), lambda a: a.ask(GET, {}))
    with pytest.raises(Unread):
        run(Cloud(Refusal(State.UNSUPPORTED, "NoSuchThing")), lambda a: a.ask(GET, {}))

    assert absent is None


def test_an_answer_without_what_was_asked_for_is_not_absence():
    with pytest.raises(Unread) as unread:
        run(Cloud({}), lambda a: a.ask(GET, {}))

    assert unread.value.gaps[0].state is State.PARSE_ERROR


def test_all_pages_are_read():
    cloud = Cloud({"QueueUrls": ["a"], "NextToken": "1"}, {"QueueUrls": ["b"], "NextToken": "2"}, {"QueueUrls": ["c"]})

    _, urls = run(cloud, lambda a: a.listing(LIST))

    assert urls == ["a", "b", "c"]
    assert [asked.get("NextToken") for asked in cloud.asked] == [None, "1", "2"]


def test_a_listing_that_breaks_off_gives_no_prefix():
    cloud = Cloud({"QueueUrls": ["a"], "NextToken": "1"}, Refusal(State.DENIED, "AccessDenied"))

    with pytest.raises(Unread):
        run(cloud, lambda a: a.listing(LIST))


def test_a_repeated_page_token_ends_in_a_gap_and_not_in_a_loop():
    cloud = Cloud({"QueueUrls": ["a"], "NextToken": "same"})

    with pytest.raises(Unread) as unread:
        run(cloud, lambda a: a.listing(LIST))

    assert unread.value.gaps[0].code == "RepeatedPageToken"
    assert len(cloud.asked) == 2


def test_kinds_that_share_a_listing_ask_it_once_even_when_it_is_refused():
    refusing, answering = Cloud(Refusal(State.DENIED, "AccessDenied")), Cloud({"QueueUrls": ["a"]})

    async def twice(asker):
        return await asyncio.gather(asker.listing(LIST), asker.listing(LIST), return_exceptions=True)

    run(refusing, twice)
    run(answering, twice)

    assert len(refusing.asked) == len(answering.asked) == 1


def test_after_credentials_expired_nothing_more_is_asked():
    cloud = Cloud(Refusal(State.DENIED, "ExpiredToken"))

    async def both(asker):
        return await asyncio.gather(asker.ask(GET, {"n": 1}), asker.ask(GET, {"n": 2}), return_exceptions=True)

    _, (first, second) = run(cloud, both)

    assert first.gaps[0].state is State.DENIED
    assert (second.gaps[0].state, second.gaps[0].code) == (State.SKIPPED, "ExpiredToken")
    assert len(cloud.asked) == 1


def test_a_cancelled_scan_asks_nothing_more():
    cloud = Cloud({"Policy": "p"})

    with pytest.raises(Unread) as unread:
        run(cloud, lambda a: a.ask(GET, {}), stopped=lambda: True)

    assert unread.value.gaps[0].state is State.SKIPPED
    assert cloud.asked == []


def test_a_bucket_slows_down_when_refused_and_recovers_with_answers():
    async def story():
        bucket = Bucket(rate=10)
        await bucket.take()
        bucket.refused(0)
        slowed = bucket._pace
        for _ in range(20):
            bucket.answered()
        return slowed, bucket._pace

    slowed, recovered = asyncio.run(story())

    assert slowed < 10
    assert recovered == 10


def test_a_bucket_lets_through_what_the_cloud_grants(waits):
    async def story():
        bucket = Bucket(rate=5)
        for _ in range(15):
            await bucket.take()

    asyncio.run(story())

    assert waits[-1] == pytest.approx(2.0, abs=0.1)  # 15 at 5 a second, the first 5 at once; no clock ran meanwhile


@pytest.mark.parametrize("answer", [{"Policy": "{}"}, Refusal(State.DENIED, "AccessDenied")])
def test_a_question_that_several_resources_raise_is_asked_once(answer):
    cloud = Cloud(answer)

    async def both(asker):
        asked = (asker.ask(GET, {"FunctionName": "f"}, shared=True) for _ in range(2))
        return await asyncio.gather(*asked, return_exceptions=True)

    asker, told = run(cloud, both)

    assert len(cloud.asked) == asker.tally.calls == 1
    assert told[0] == told[1] == "{}" or [type(one) for one in told] == [Unread, Unread]


def test_what_may_be_asked_so_often_only_is_a_gap_beyond_that():
    few = Call("cloudtrail", "LookupEvents", most=2)

    async def thrice(asker):
        return await asyncio.gather(*(asker.ask(few, {"n": n}) for n in range(3)), return_exceptions=True)

    cloud = Cloud({"Events": []})
    asker, answers = run(cloud, thrice)

    assert len(cloud.asked) == 2
    assert isinstance(answers[2], Unread)
    assert answers[2].gaps[0].code == "BudgetSpent"
    assert asker.cells["cloudtrail.LookupEvents"].state is State.SKIPPED
