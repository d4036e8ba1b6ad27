"""A question about a resource at each of its doors, and put to everybody.

Of a bucket whose policy leaves it to access points who comes in, the best answer of all doors counts: directly, and
through each access point, whose policy and the bucket's must both let the caller in.  Where that lets nobody in, and
there may be doors that nobody has read, the answer is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from scanners.access.aws import Principal
from scanners.access.aws.context import Known
from scanners.access.explorer import Answer
from scanners.graph.access_points import CARRIED, DIRECTLY, POINT, Point
from scanners.graph.judging import NOTHING, Judged, Judging, worst
from scanners.graph.standing import Doubt, Standing, View
from scanners.graph.targets import Target

Make = Callable[[View, str, Target, Mapping[str, Known]], Judging]


class Asked(Protocol):
    """One question, put to many: `Judging`, or one for each door."""

    def of(self, standing: Standing) -> Judged: ...

    def outsider(self, who: Principal) -> Judged: ...

    def names(self, who: Principal) -> bool: ...

    def strangers(self) -> Iterator[Principal]: ...


def judging(view: View, action: str, target: Target, make: Make = Judging) -> Asked:
    """`make` gives the question at one door."""
    plain = make(view, action, target, NOTHING)
    return plain if target.doors is None else ByDoors(plain, make)


class ByDoors:
    def __init__(self, plain: Judging, make: Make) -> None:
        view, action, target = plain.view, plain.written, plain.target
        behind = target.doors
        points = behind.points if behind and plain.action in CARRIED else ()
        self._ways = [
            (make(view, action, target, point.facts), make(view, action, _door(point, target), NOTHING))
            for point in points
        ]
        self._direct = None if behind and behind.alone else make(view, action, target, DIRECTLY)
        self._plain, self._unseen = plain, () if behind is None else behind.unseen

    def of(self, standing: Standing) -> Judged:
        return self._best(lambda one: one.of(standing))

    def outsider(self, who: Principal) -> Judged:
        return self._best(lambda one: one.outsider(who))

    def names(self, who: Principal) -> bool:
        return self._plain.names(who) or any(door.names(who) for _, door in self._ways)

    def strangers(self) -> Iterator[Principal]:
        found = {(one.kind, one.value): one for one in self._plain.strangers()}
        for _, door in self._ways:
            for one in door.strangers():
                found.setdefault((one.kind, one.value), one)
        yield from found.values()

    def _best(self, ask: Callable[[Judging], Judged]) -> Judged:
        found = [] if self._direct is None else [ask(self._direct)]
        found += [_both(ask(bucket), ask(door)) for bucket, door in self._ways]
        best = min(found, key=_order, default=None)
        if best is None or (best.answer is Answer.DENIED and self._unseen):
            open_ = ask(self._plain)
            if best is None and not self._unseen:  # an access point carries no such action
                return replace(open_, answer=Answer.DENIED)
            if open_.answer is not Answer.DENIED:
                doubts = tuple(Doubt("resource", one) for one in self._unseen)
                return replace(open_, answer=Answer.UNKNOWN, doubts=(*open_.doubts, *doubts))
            return best or open_
        return best


def _order(judged: Judged) -> int:
    return list(Answer).index(judged.answer)


def _both(bucket: Judged, door: Judged) -> Judged:
    doubts = tuple(dict.fromkeys((*bucket.doubts, *door.doubts)))
    return replace(bucket, answer=worst(bucket.answer, door.answer), doubts=doubts, door=door)


def _door(point: Point, target: Target) -> Target:
    """The access point as a resource: what it says beside its policy stands where grants do.

    Of the blocks of public access the strictest counts: its own, the bucket's or the account's.
    """
    own = [one for one in point.policies if one.reads is None]
    beside = tuple(one for one in point.policies if one.reads is not None)
    return Target(
        point.arn_of(target.arn), point.arn, POINT, point.name, target.region, own[0] if own else None,
        point.public_is_blocked or target.public_is_blocked, seen=True, doubts=point.doubts, grants=beside,
    )  # fmt: skip


def who_can(view: View, action: str, target: Target, possible: Collection[str] | None = None) -> list[Judged]:
    """Everybody's answer, surest first.

    `possible`: ARNs of principals whose own policies may allow the action somewhere; of others, and whom the resource's
    policy does not name either, a denial is certain and they are left out.  None: everybody is asked.
    """
    asked = judging(view, action, target)
    mine = (one for one in view.standings.values() if possible is None or one.arn in possible or asked.names(one.who))
    found = [*map(asked.of, mine), *map(asked.outsider, asked.strangers())]
    return sorted(found, key=_order)
