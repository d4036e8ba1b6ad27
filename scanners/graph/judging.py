"""Who can do an action to a resource of a stored account: each principal asked of the engine, and strangers too.

Four answers: allowed; allowed if a condition holds; denied; and unknown, because something that could change the answer
was not read.  An explicit deny stands whatever else is unread, and so does a deny of a layer that was read in full.
Of callers from outside, what their own account allows them is taken to be everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scanners.access.aws import ABSENT, ANONYMOUS, Decision, Layers, Outcome, Principal, Request, decide
from scanners.access.aws.actions import rcp_services
from scanners.access.aws.context import PRESENT, UNKNOWN, Known
from scanners.access.aws.policies import Group, Rule, compile_policy
from scanners.access.aws.principals import Match
from scanners.access.aws.requests import compiled
from scanners.access.aws.residual import all_of
from scanners.access.aws.scope import ROLE_ACTIONS, keeps_its_own_door
from scanners.access.explorer import Answer, Written
from scanners.graph.callers import Request as Asking
from scanners.graph.callers import request
from scanners.graph.grantees import Grants, grouped
from scanners.graph.scene import FULL
from scanners.graph.standing import Doubt, Standing, View, levels_unread, policies
from scanners.graph.targets import TRUST, Target

NOTHING: Mapping[str, Known] = {}
ANYBODY = Principal("aws", "arn:aws:iam::000000000000:role/of-any-account")  # stands for every account there is
# What an object's own access list may let somebody do ("Access control list (ACL) overview", read 2026-11).
OF_OBJECT_LISTS = frozenset({
    "s3:getobject", "s3:getobjectversion", "s3:getobjectacl", "s3:getobjectversionacl", "s3:putobjectacl",
    "s3:putobjectversionacl",
})  # fmt: skip

_OF = {
    Outcome.ALLOWED: Answer.ALLOWED,
    Outcome.ALLOWED_IF: Answer.IF,
    Outcome.EXPLICITLY_DENIED: Answer.DENIED,
    Outcome.IMPLICITLY_DENIED: Answer.DENIED,
}


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """`decision` is by what was read.  `standing` None: a caller from outside.  `doubts` are those that matter."""

    who: Principal
    standing: Standing | None
    answer: Answer
    decision: Decision
    target: Target
    rcps: tuple[tuple[Written, ...], ...]
    doubts: tuple[Doubt, ...] = ()
    grants: tuple[Written, ...] = ()  # of the resource, those that name the caller
    endpoint: Written | None = None  # the policy of the endpoint that the request comes through
    door: Judged | None = None  # what the access point says that it comes through; `answer` is that of both

    @property
    def both(self) -> tuple[Judged, ...]:
        """What the resource says, and the access point before it."""
        return (self,) if self.door is None else (self, self.door)

    @property
    def by_what_was_read(self) -> Answer:
        own = _answer(self.decision)
        return own if self.door is None else worst(own, self.door.by_what_was_read)

    @property
    def residual(self) -> object:
        own = self.decision.residual
        if self.door is None or (further := self.door.residual) is None:
            return own
        return further if own is None else all_of([own, further])

    def written(self, layer: str, level: int | None, place: int) -> Written:
        """The policy that the decision refers to by its place."""
        if layer == "resource" and self.target.policy:
            return self.target.policy
        if layer == "grant":
            return self.grants[place]
        if layer == "vpce" and self.endpoint:
            return self.endpoint
        if layer == "rcp":
            return self.rcps[level or 0][place]
        if self.standing is None:
            return Written("what its own account allows", FULL)
        return self.standing.written(layer, level, place)


def worst(*answers: Answer) -> Answer:
    return max(answers, key=list(Answer).index)


def _answer(decision: Decision) -> Answer:
    found = _OF[decision.outcome]
    return Answer.DENIED if found is Answer.IF and not decision.achievable else found


class Judging:
    """One question, put to many."""

    def __init__(self, view: View, action: str, target: Target, facts: Mapping[str, Known] = NOTHING) -> None:
        """`facts` are known of the request beside what is known of its caller."""
        self.view, self.written, self.action, self.target = view, action, action.lower(), target
        self.facts = facts
        self.service = self.action.partition(":")[0]
        ours = not target.foreign
        self.written_rcps = view.rails.rcps if ours else ()
        self.rcps = tuple(policies("rcp", level) for level in self.written_rcps)
        counts = target.kind != TRUST or self.action in ROLE_ACTIONS  # a trust speaks of assuming the role only
        self.policy = target.policy if counts else None
        self.resource = None if self.policy is None else compiled("resource", (self.policy.document,))
        self.grants = Grants(target.grants)
        found = [Doubt("resource", because) for because in target.doubts] if counts else []
        self.doors_of_their_own = target.many and keeps_its_own_door(Request(ANYBODY, action, target.arn))
        if self.doors_of_their_own:
            found.append(Doubt("resource", "the policy of each one decides, and many are meant"))
        if ours and self.service in rcp_services():
            found += [Doubt("rcp", because) for because in view.rails.unread]
        self.doubts = tuple(found)
        listed = target.strangers_doubts if self.action in OF_OBJECT_LISTS else ()
        self.strange = tuple(Doubt("grant", because) for because in listed)

    def of(self, standing: Standing) -> Judged:
        context = standing.context
        if self.target.foreign or self.target.region or self.facts:
            context = context.with_facts(self._about_target())
        return self._judged(standing.who, standing, standing.layers, standing.doubtful, context, standing.doubts)

    def names(self, who: Principal) -> bool:
        """Whether the resource's policy may let a caller in that its own policies give nothing."""
        if who.is_root or any(doubt.layer == "resource" for doubt in self.doubts):
            return True
        groups = (one for one in (self.resource, grouped(self.grants.of(who))) if one is not None)
        return any(rule.match(who) > Match.ACCOUNT for one in groups for rule in one.candidates(self.action)[0])

    def outsider(self, who: Principal) -> Judged:
        """A caller that is not of this account."""
        layers = Layers.of(identity=[FULL] if who.kind == "aws" else [])
        context = outsiders_context(self.view, who).with_facts(self._about_target())
        doubtful = layers.around(grant=levels_unread("grant", self.strange)[0]) if self.strange else layers
        return self._judged(who, None, layers, doubtful, context, self.strange)

    def strangers(self) -> Iterator[Principal]:
        """Callers from outside who may be let in, each once."""
        found: dict[tuple[str, str | None], Principal] = {}
        for one in (ANONYMOUS, ANYBODY) if self.strange else ():
            found[one.kind, one.value] = one
        own = () if self.policy is None else (self.policy,)
        for letting in (*own, *self.target.grants):
            for one in outsiders(self.view, letting.meaning, self.action):
                found.setdefault((one.kind, one.value), one)
        yield from found.values()

    def _about_target(self) -> dict[str, Known]:
        region, parts = self.target.region, self.target.arn.split(":", 5)
        facts: dict[str, Known] = {"aws:requestedregion": region} if region and region != "global" else {}
        if self.target.foreign and parts[4:] and parts[4].isdigit():
            facts["aws:resourceaccount"] = parts[4]
        return {**facts, **self.facts}

    def _judged(
        self,
        who: Principal,
        standing: Standing | None,
        layers: Layers,
        doubtful: Layers,
        context: Asking,
        doubts: tuple[Doubt, ...],
    ) -> Judged:
        asked, given = self._request(who), self.grants.of(who)
        beside = grouped(given)
        decision = decide(asked, self._around(layers, self.resource, beside, ()), context)
        answer = _answer(decision)
        mine = (*doubts, *self.doubts)
        if not mine or decision.outcome is Outcome.EXPLICITLY_DENIED:
            mine = ()
        else:
            whole = self._around(doubtful, self._resource_in_doubt(), doubtful.grant or beside, self.doubts)
            if decide(asked, whole, context).possible:
                answer = Answer.UNKNOWN
            else:
                mine = ()
        return Judged(who, standing, answer, decision, self.target, self.written_rcps, mine, given)

    def _request(self, who: Principal) -> Request:
        account = self.view.account.id
        if self.target.foreign:
            parts = self.target.arn.split(":", 5)
            account = parts[4] if len(parts) == 6 and parts[4].isdigit() else "unknown"
        return Request(who, self.written, self.target.arn, account)

    def _around(self, layers: Layers, resource: Group | None, grant: Group | None, doubts: tuple[Doubt, ...]) -> Layers:
        rcps = (*self.rcps, *levels_unread("rcp", doubts))
        return layers.around(rcps=rcps, resource=resource, grant=grant, public_is_blocked=self.target.public_is_blocked)

    def _resource_in_doubt(self) -> Group | None:
        if self.doors_of_their_own:  # at best they let the account in, and leave the rest to identity policies
            return compiled("resource", (_lets_in(self.view.account.id),))
        found = levels_unread("resource", self.doubts)
        return found[0] if found else self.resource


def _lets_in(account: str) -> dict[str, object]:
    allow = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [allow]}


def outsiders_context(view: View, who: Principal) -> Asking:
    context = request(view.account, None, **view.facts(ours=False))
    facts = {"aws:sourcearn": UNKNOWN, "aws:sourceaccount": UNKNOWN, "aws:sourceorgid": UNKNOWN}
    known = {**context.known, "aws:principalaccount": ABSENT, "aws:principalisawsservice": "false"}
    match who.kind:
        case "service":
            known |= {**facts, "aws:principalisawsservice": "true", "aws:principalservicename": who.value or ""}
            known |= dict.fromkeys(("aws:principalorgid", "aws:principalarn"), ABSENT)
        case "anonymous":
            known |= dict.fromkeys(("aws:principalorgid", "aws:principalarn", "aws:username", "aws:userid"), ABSENT)
        case "aws" if who is not ANYBODY:
            known |= {"aws:principalaccount": who.account or UNKNOWN, "aws:principalarn": who.value or UNKNOWN}
        case "aws":
            known["aws:principalaccount"] = PRESENT
    if who.kind == "federated":
        known = {key: fact for key, fact in known.items() if not key.startswith("sts:")}
        return _Federated(known, UNKNOWN, tags=None)
    return Asking(known, UNKNOWN, tags={} if who.kind in ("service", "anonymous") else None)


class _Federated(Asking):
    """Whoever signs in elsewhere brings what the other side says of it."""

    def look(self, key: str) -> object:  # type: ignore[override]
        return self.known.get(key, self.otherwise)


def outsiders(view: View, document: object, action: str) -> Iterator[Principal]:
    """Whom a resource's policy names beside the account's own principals, for an action; each once."""
    yield from strangers(view, compile_policy(document).candidates("resource", action.lower())[0])


def strangers(view: View, rules: Iterable[Rule]) -> Iterator[Principal]:
    """Whom these statements of a resource's policy name beside the account's own principals; each once."""
    here, seen = view.account.id, set[tuple[str, str | None]]()
    for rule in rules:
        named = rule.who
        found: list[Principal] = []
        if named is None or named.everyone:
            found += [ANONYMOUS, ANYBODY]
        if named is not None:
            found += [Principal("aws", f"arn:aws:iam::{one}:root") for one in sorted(named.accounts) if one != here]
            found += [who for arn in sorted(named.arns) if (who := Principal("aws", arn)).account not in (here, None)]
            found += [Principal(kind, value) for kind, value in sorted(named.others)]
        for who in found:
            if (who.kind, who.value) not in seen:
                seen.add((who.kind, who.value))
                yield who
