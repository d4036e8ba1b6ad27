"""Who gained or lost access by the policy of a resource that changed: asked of the engine with the policy as it was and
as it is, everything else being as it is now.

So what changed elsewhere (identity policies, the organisation's) is no part of the answer.  Of callers from outside,
what their own account allows them is taken to be everything.  Principals of the account who gained or lost no more
than anyone did are told by the row of anyone.
Limits: of actions those that the catalogue has; objects are asked for as all that are in the bucket.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import msgspec

from scanners.access.aws import Principal, catalogue
from scanners.access.aws.actions import rcp_services, spelling, wildcard_only
from scanners.access.aws.effective import bitmap
from scanners.access.aws.policies import Group, Rule, compile_policy
from scanners.access.aws.principals import Match
from scanners.access.aws.scope import ROLE_ACTIONS
from scanners.access.explorer import Answer, Grant, Through
from scanners.access.explorer import Principal as Shown
from scanners.graph.aws_answers import principal
from scanners.graph.aws_held import grant
from scanners.graph.effects import statement
from scanners.graph.judging import Judged, Judging, strangers
from scanners.graph.standing import Standing, View
from scanners.graph.targets import BUCKET, POLICIES, TRUST, Target

MOST = 20_000  # questions to the engine about one resource
_KEY = "AWS::KMS::Key"
# What is asked about a kind: the services whose actions its policy may speak of, where that is not its ARN's own.
_SERVICES = {
    TRUST: "sts",
    "AWS::ApiGateway::RestApi": "execute-api",
    "AWS::VpcLattice::Service": "vpc-lattice-svcs",
    "AWS::VpcLattice::ServiceNetwork": "vpc-lattice-svcs",
}
_json = msgspec.json.Encoder(order="sorted")
Ruled = dict[bytes, Rule]  # by what a statement says, wherever it stands


def admitted(view: View, was: Target, now: Target) -> list[tuple[Shown, Through]]:
    """`was` and `now` are the same resource at two times; where it was not there, with no policy.

    Where one of them was not read in full there is no answer: ask `unread` first.
    """
    before, after = _ruled(was), _ruled(now)
    changed = [rule for key, rule in (before | after).items() if key not in before or key not in after]
    if was.public_is_blocked != now.public_is_blocked:
        changed = list((before | after).values())
    actions = sorted(_actions(now.kind, changed))
    if not actions:
        return []
    sides = [_Side(view, one) for one in (was, now)]
    found: list[tuple[Principal, Standing | None]] = [
        (who, None) for who in strangers(view, (before | after).values()) if _concerned(changed, who)
    ]
    found += [(one.who, one) for one in view.standings.values() if _touched(now.kind, changed, one)]
    made, asked = list[tuple[Shown, Through]](), 0
    for who, standing in found:
        if asked > MOST:
            made.append((itself(now), Through(now.arn, now.name, now.kind, doubts=(_too_many(len(found)),))))
            break
        answers, count = _compared(sides, who, standing, actions)
        asked += count
        if answers is not None:
            shown, through = answers
            given = _grants(now, [after[key] for key in after.keys() - before.keys()], who)
            taken = _grants(was, [before[key] for key in before.keys() - after.keys()], who)
            made.append((shown, replace(through, given=given, taken=taken)))
    return _without_repeats(made)


def unread(was: Target, now: Target) -> tuple[str, ...]:
    """What of the two was not read; then nobody knows who gained or lost anything."""
    return tuple(dict.fromkeys((*was.doubts, *now.doubts)))


def itself(on: Target) -> Shown:
    """The resource, where something is to be said of whomever its policy lets in."""
    return Shown(on.arn, on.name, on.kind, outside=True)


def _too_many(count: int) -> str:
    return f"its policy changed for {count:,} principals: not all of them were asked about"


def _ruled(on: Target) -> Ruled:
    if on.policy is None:
        return {}
    found = {}
    for rule in compile_policy(on.policy.document).used_as("resource"):
        said = rule.statement
        whom: list[Any] = [said.principal, said.not_principal]
        found[repr(whom).encode() + _json.encode(statement(rule))] = rule
    return found


def _actions(kind: str, changed: Iterable[Rule]) -> Iterator[str]:
    """Of the kind's service, those that the changed statements speak of and that name a resource."""
    first, count = catalogue().spans.get(_SERVICES.get(kind, POLICIES[kind][0]), (0, 0))
    bits = 0
    for rule in changed:
        bits |= bitmap(rule.actions)
    for name in catalogue().named(bits >> first << first & (1 << first + count) - 1):
        if (name in ROLE_ACTIONS) if kind == TRUST else not wildcard_only(name):
            yield name


def _concerned(changed: Iterable[Rule], who: Principal) -> bool:
    return any(rule.match(who) for rule in changed)


def _touched(kind: str, changed: Iterable[Rule], one: Standing) -> bool:
    """Whether a changed statement may count for a principal of the account: to name the account gives nobody anything
    that identity policies do not, but for keys and the trust of roles, whose own door counts.
    """
    for rule in changed:
        match = rule.match(one.who)
        counts = match > Match.ACCOUNT or (match and (rule.denies or kind in (_KEY, TRUST)))
        if counts and (rule.denies or not one.who.is_root):  # what is allowed to root it may do without that
            return True
    return False


class _Side:
    """The resource as it was or is: one `Judging` for each action and what it is asked about."""

    def __init__(self, view: View, on: Target) -> None:
        self.view, self.on = view, on
        self._judging: dict[str, Judging] = {}

    def judged(self, action: str, who: Principal, standing: Standing | None) -> Judged:
        judging = self._judging.get(action)
        if judging is None:
            inside = self.on.kind == BUCKET and _of_objects(action)
            on = replace(self.on, arn=f"{self.on.ref}/*") if inside else self.on
            judging = self._judging[action] = Judging(self.view, spelling(action), on)
        return judging.of(standing) if standing else judging.outsider(who)


def _compared(
    sides: list[_Side], who: Principal, standing: Standing | None, actions: list[str]
) -> tuple[tuple[Shown, Through] | None, int]:
    """(what changed for one caller, or None; how many questions that took)"""
    found = [(set[str](), set[str]()) for _ in sides]
    shown, doubts, asked = None, dict[str, None](), 0
    for alike in _alike(sides, standing, actions):
        for (sure, possible), side in zip(found, sides, strict=True):
            judged = side.judged(alike[0], who, standing)
            asked += 1
            shown = shown or principal(judged)
            doubts |= dict.fromkeys(one.because for one in judged.doubts)
            if judged.by_what_was_read in (Answer.ALLOWED, Answer.IF):
                possible.update(alike)
            if judged.by_what_was_read is Answer.ALLOWED:
                sure.update(alike)
    (sure_was, was), (sure_now, now) = found
    if shown is None or (sure_was, was) == (sure_now, now):
        return None, asked
    on = sides[1].on
    return (
        shown,
        Through(
            on.arn,
            on.name,
            on.kind,
            gained=_spelled(now - was),
            lost=_spelled(was - now),
            surer=_spelled(sure_now - sure_was & was - (now - was)),
            less_sure=_spelled((sure_was - sure_now) & now),
            doubts=tuple(doubts),
        ),
    ), asked


def _alike(sides: list[_Side], standing: Standing | None, actions: list[str]) -> Iterable[list[str]]:
    """Actions of which the same statements speak have the same answers: one question for all of them."""
    written = [side.on.policy for side in sides if side.on.policy is not None]
    groups = [Group("resource", (compile_policy(one.document),)) for one in written]
    if standing is not None:
        layers = standing.layers
        groups += [layers.identity, *layers.scps, *([layers.boundary] if layers.boundary else [])]
    view = sides[0].view
    bound = [Group("rcp", tuple(compile_policy(one.document) for one in level)) for level in view.rails.rcps]
    found: dict[object, list[str]] = {}
    for action in actions:
        speaking = tuple(one.candidates(action) for one in groups)
        rcps = tuple(one.candidates(action) for one in bound) if action.partition(":")[0] in rcp_services() else ()
        key = speaking, rcps, _of_objects(action), action in ROLE_ACTIONS, action == "kms:retiregrant"
        found.setdefault(key, []).append(action)
    return found.values()


def _of_objects(action: str) -> bool:
    return "object" in action or "multipartuploadparts" in action or "abortmultipart" in action


def _spelled(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(map(spelling, names)))


def _grants(on: Target, rules: Iterable[Rule], who: Principal) -> tuple[Grant, ...]:
    """Statements that speak of a caller, in the order of the policy."""
    speaking = sorted((rule for rule in rules if rule.match(who)), key=lambda rule: rule.statement.place)
    policy = on.policy.name if on.policy else ""
    return tuple(
        grant(
            {
                "layer": "resource",
                "policy": policy,
                "ref": on.ref,
                "statement": rule.statement.place,
                "sid": rule.statement.sid or "",
            },
            statement(rule) | {"sure": not rule.condition.atoms and not rule.flaw},
        )
        for rule in speaking
    )


def _without_repeats(made: list[tuple[Shown, Through]]) -> list[tuple[Shown, Through]]:
    """Without those of whom the rows of anyone tell as much."""
    anyone = [through for who, through in made if who.ref == "*"]
    return [(who, one) for who, one in made if who.ref == "*" or not any(_within(one, wide) for wide in anyone)]


def _within(one: Through, wide: Through) -> bool:
    parts = ((one.gained, wide.gained), (one.lost, wide.lost), (one.less_sure, (*wide.less_sure, *wide.lost)))
    return all(set(mine) <= set(theirs) for mine, theirs in parts) and set(one.surer) <= {*wide.surer, *wide.gained}
