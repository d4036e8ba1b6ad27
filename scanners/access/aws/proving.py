"""Whether one set of identity policies is a sound narrowing of another: asked of the engine, action by action."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from scanners.access.aws.actions import spelling, wildcard_only
from scanners.access.aws.context import NOTHING_KNOWN
from scanners.access.aws.effective import catalogue, effective, grants
from scanners.access.aws.principals import Principal
from scanners.access.aws.requests import Layers, Request
from scanners.access.aws.usage import Fate, Usage
from scanners.access.aws.weigh import weigh
from scanners.access.truth import NO, YES


@dataclass(frozen=True, slots=True)
class Proved:
    """`before` and `after` are bitmaps of what is possible somewhere; the lists name actions that break a promise."""

    before: int
    after: int
    asked: int  # questions put to the engine
    lost: tuple[str, ...] = ()  # used, or of unknown use, and no longer allowed where it was
    lingering: tuple[str, ...] = ()  # surely unused, and still allowed
    wider: tuple[str, ...] = ()  # allowed, and was not before

    @property
    def holds(self) -> bool:
        return not (self.lost or self.lingering or self.wider)

    @property
    def sentence(self) -> str:
        """What is wrong, in plain words."""
        for names, words in (
            (self.wider, "would be allowed and was not before"),
            (self.lost, "would no longer be allowed and was used"),
            (self.lingering, "would still be allowed and was not used"),
        ):
            if names:
                return f"the check failed: {names[0]} {words}"
        return ""


def prove(
    who: Principal, before: Layers, after: Layers, usage: Usage | None, free: frozenset[str] = frozenset()
) -> Proved:
    """`usage` None: nothing may change.  Of `free` actions only that nothing is wider is asked."""
    old, new = effective(who, before), effective(who, after)
    wider = list(catalogue().named((new.possible & ~old.possible) | (new.sure & ~old.sure)))
    lost, lingering, asked = list[str](), list[str](), 0
    for actions, fate in _alike(before, after, old.possible, usage, free):
        for resource in dict.fromkeys((*_resources(before, actions[0]), *_resources(after, actions[0]))):
            asked += 1
            was, now = _own(who, before, actions[0], resource), _own(who, after, actions[0], resource)
            if now[0] > was[0] or now[1] > was[1]:
                wider += actions
            elif fate is Fate.UNUSED and now[1]:
                lingering += actions
            elif fate in (None, Fate.USED, Fate.UNTRACKED) and now != was:
                lost += actions
    return Proved(old.possible, new.possible, asked, _told(lost), _told(lingering), _told(wider))


def kept(who: Principal, before: Layers, after: Layers, used: Mapping[str, Collection[str]]) -> Proved:
    """Whether every action has the same answer on what it was used on."""
    old, new = effective(who, before), effective(who, after)
    lost, asked = list[str](), 0
    for action, resources in used.items():
        for resource in resources:
            asked += 1
            if _own(who, before, action, resource) != _own(who, after, action, resource):
                lost.append(action)
    return Proved(old.possible, new.possible, asked, _told(lost))


def _alike(
    before: Layers, after: Layers, possible: int, usage: Usage | None, free: frozenset[str]
) -> Iterator[tuple[list[str], Fate | None]]:
    """Actions of which the same statements speak have the same answers: one question for all of them."""
    found: dict[object, tuple[list[str], Fate | None]] = {}
    for action in _questions(possible, usage):
        fate = Fate.UNREPORTED if action in free else None if usage is None else usage.fate(action)
        speaking = before.identity.candidates(action), after.identity.candidates(action)
        key = (*speaking, fate, wildcard_only(action))
        found.setdefault(key, ([], fate))[0].append(action)
    yield from found.values()


def _own(who: Principal, layers: Layers, action: str, resource: str) -> tuple[bool, bool]:
    """(sure, possible) by identity policies alone: policies of resources and guard rails stay as they are."""
    answers = weigh(Request(who, action, resource, who.account), layers, NOTHING_KNOWN)
    return answers.identity == YES and answers.denied == NO, answers.identity != NO and answers.denied != YES


def _questions(possible: int, usage: Usage | None) -> Iterator[str]:
    """All actions that were possible, and used ones that the catalogue does not know."""
    yield from catalogue().named(possible)
    if usage is not None:
        yield from (name for name in usage.used() if name not in catalogue().number)


def _resources(layers: Layers, action: str) -> Iterator[str]:
    """What the statements that give it name; everything, beside."""
    for grant in grants(layers, action):
        yield from ("*",) if grant.all_but else grant.resources
    yield "*"


def _told(names: list[str]) -> tuple[str, ...]:
    return tuple(map(spelling, dict.fromkeys(names)))
