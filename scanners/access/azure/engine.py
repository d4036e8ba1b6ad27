"""The engine of Azure: whole questions about one subscription and the directory behind it, as a scan left them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from scanners.access.azure import calling, targets
from scanners.access.azure.actions import OFTEN, Actions, gathered, graph_permission, is_of_directory, one_action
from scanners.access.azure.deciding import BEST, NOTHING_ALLOWS, Asked, asked, decide_at
from scanners.access.azure.deciding_directory import decide_in
from scanners.access.azure.directory import Directory, directory
from scanners.access.azure.explaining import TITLES, edits, layers
from scanners.access.azure.explaining_directory import directory_edits, directory_says
from scanners.access.azure.holding import held
from scanners.access.azure.places import Place, place
from scanners.access.azure.principals import Everybody, everybody
from scanners.access.azure.rights import steps
from scanners.access.azure.sizing import sized
from scanners.access.azure.standing import Standing, standing
from scanners.access.azure.usage import usage_of
from scanners.access.explorer import (
    Answer,
    Decided,
    Explained,
    Held,
    LayerSays,
    Principal,
    Row,
    Sized,
    Target,
    WhoCan,
)
from scanners.model import Resource
from scanners.model.estate import Estate

SUGGESTED = 20


@dataclass(frozen=True, slots=True)
class Request:
    """What is known of one request: attributes of conditions (`told`, as in Facts), and its plane, `data`.

    `timed`: the estate's clock is its time; else that is not known.  `whole`: that is all there is.
    """

    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    data: bool | None = None
    timed: bool = True
    whole: bool = False


OF_A_SCAN = Request()


class AzureEngine:
    """What follows from the estate is worked out once, when first asked for."""

    def __init__(self, estate: Estate, request: Request = OF_A_SCAN) -> None:
        self.estate, self.request = estate, request

    @cached_property
    def standing(self) -> Standing:
        return standing(self.estate)

    @cached_property
    def directory(self) -> Directory:
        return directory(self.estate)

    @cached_property
    def everybody(self) -> Everybody:
        return everybody(self.estate, self.standing)

    @cached_property
    def actions(self) -> Actions:
        return gathered(self.standing.roles.values())

    @property
    def gaps(self) -> tuple[str, ...]:
        unknown, found = self.standing.unknown, self.directory
        told = (*unknown.grants, *unknown.denials, *unknown.eligible, *unknown.groups, *self.everybody.unread,
                *found.unread, *found.unread_eligible, *found.unread_permissions)  # fmt: skip
        return tuple(dict.fromkeys(told))

    def principals(self) -> Sequence[Principal]:
        return self.everybody.asked

    def principal(self, text: str) -> Principal:
        return self.everybody.named(text)

    def target(self, text: str) -> Target:
        return targets.found(text, self.estate, self.standing)

    def action(self, text: str) -> str:
        told = one_action(text, self.actions)
        return self.directory.known.get(told.casefold(), told)

    def known(self, action: str) -> bool:
        name = action.casefold()
        return name in self.actions.spelled or name in self.directory.known

    def often(self) -> tuple[str, ...]:
        return OFTEN

    def suggested(self, beginning: str) -> Iterable[str]:
        told = beginning.strip().casefold()
        names = sorted({**self.actions.spelled, **self.directory.known}.items())
        return [spelled for name, spelled in names if name.startswith(told)][:SUGGESTED]

    def decide(self, who: Principal, action: str, target: Target) -> Decided:
        ref = who.ref.casefold()
        if _is_second_system(action):
            return self._in_directory(ref, who, action, target)
        if (at := _at(target, self.standing)) is None:
            return NOTHING_ALLOWS
        request = self.request
        if request is not OF_A_SCAN:
            at = replace(at, told={**at.told, **request.told}, whole=request.whole)
        planes = self.actions.planes(action) if request.data is None else (request.data,)
        now = self.estate.now if request.timed else None
        answers = [decide_at(self.standing, ref, action, at, now, data=data) for data in planes]
        return answers[0] if len(answers) == 1 else _of_planes(answers, self.actions.why_both(action))

    def who_can(self, action: str, target: Target) -> WhoCan:
        rows = [Row(who, self.decide(who, action, target)) for who in self.principals()]
        shown = [row for row in rows if row.decided.answer is not Answer.DENIED]
        shown.sort(key=lambda row: (BEST.index(row.decided.answer), BEST.index(row.decided.read)))
        return WhoCan(action, target, tuple(shown), len(rows) - len(shown), len(rows))

    def explain(self, who: Principal, action: str, target: Target) -> Explained:
        row = Row(who, self.decide(who, action, target))
        ref = who.ref.casefold()
        if _is_second_system(action):
            says = directory_says(self.directory, self.standing, ref, action, target.ref, row.decided)
            change = directory_edits(self.directory, self.standing, ref, who, action, target.ref, row.decided)
            return Explained(row, action, target, (says,), change)
        said: tuple[LayerSays, ...] = ()
        change = ()
        for question in self._questions(action, target):
            said = (*said, *layers(self.standing, ref, question))
            change = change or edits(self.standing, who, target, question, row.decided.answer)
        return Explained(
            row, action, target, said or (LayerSays("assignments", TITLES["assignments"], "silent"),), change
        )

    def held(self, who: Principal) -> Held:
        ref = who.ref.casefold()
        return held(self.standing, self.directory, self.actions, ref, _is_person(who), self.estate.now)

    def right_size(self, who: Principal) -> Sized:
        usage = usage_of(self.estate)
        return sized(self.standing, usage, self.actions, who.ref.casefold(), self.estate.now)

    def invocation(self, function: Resource) -> tuple[str, ...]:
        return calling.invocation(function)

    def runs_as(self, function: Resource) -> tuple[Principal, ...]:
        found = self.everybody.by_ref
        return tuple(found.get(one) or Principal(one, one, "managed identity") for one in calling.runs_as(function))

    def _questions(self, action: str, target: Target) -> Iterator[Asked]:
        if (at := _at(target, self.standing)) is not None:
            for data in self.actions.planes(action):
                yield asked(self.standing, action, at, self.estate.now, data=data)

    def _in_directory(self, ref: str, who: Principal, action: str, target: Target) -> Decided:
        anywhere = target.ref in ("", targets.ANY)
        return decide_in(self.directory, self.standing, ref, _is_person(who), action, target.ref, anywhere=anywhere)


def _is_person(who: Principal) -> bool:
    """Also one of whom nobody told what it is."""
    return who.kind in ("user", "principal")


def _is_second_system(action: str) -> bool:
    return is_of_directory(action) or graph_permission(action) is not None


def _at(target: Target, on: Standing) -> Place | None:
    """None for a thing of the directory, which is no place of Azure."""
    if target.ref in ("", targets.ANY):
        return place(f"/subscriptions/{on.account}", any=True)
    low = steps(target.ref)
    if low and low[0] in targets.IN_DIRECTORY:
        return None
    found = place(target.ref)
    return replace(found, above=on.above) if found.is_group_of_subscriptions else found


def _of_planes(answers: list[Decided], why: str) -> Decided:
    """Where both answer alike, it does not matter on which plane the action is."""
    first, second = sorted(answers, key=lambda one: (BEST.index(one.answer), BEST.index(one.read)))
    if first.answer is second.answer:
        return first
    unknown = (*first.unknown_because, why)
    return Decided(Answer.UNKNOWN, first.read, first.via, first.condition, first.residual, None, unknown)
