"""Whom the trust of every role lets in: services, and principals by name or by their account.

Many roles share a trust; each is read once.  A trust whose conditions speak of the caller, or that denies, is asked for
each caller by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from scanners.access.aws.context import UNKNOWN
from scanners.access.aws.policies import Rule
from scanners.access.aws.principals import Match, Principal
from scanners.access.truth import NO, YES
from scanners.graph.account import Account, Entity
from scanners.graph.callers import Request, request
from scanners.graph.sheets import Sheet, sheet

ASSUME = "sts:assumerole"
FEDERATED = "federated:"  # before the name of a provider of identities, where rules name whom a role trusts


@dataclass(frozen=True, slots=True)
class Trusting:
    """Bits of roles that let a principal in: by its own name or by everyone's, by its role's name, by its account."""

    direct: int = 0
    role: int = 0
    account: int = 0

    def __or__(self, other: Trusting) -> Trusting:
        return Trusting(self.direct | other.direct, self.role | other.role, self.account | other.account)


class Trusts:
    def __init__(self, account: Account, principals: tuple[Entity, ...]) -> None:
        self.account = account
        self.principals = principals
        self._by_trust: dict[Sheet, int] = {}
        for place, one in enumerate(principals):
            if one.kind == "role" and one.trust is not None:
                found = sheet(one.trust, "resource")
                self._by_trust[found] = self._by_trust.get(found, 0) | 1 << place
        self._services: dict[str, int] = {}
        self._accounts: dict[str, int] = {}
        self._named: dict[str, Trusting] = {}
        self._personal: list[tuple[Sheet, int]] = []
        self._sort()

    def likeness(self) -> object:
        return tuple(self._by_trust.items())

    def of_service(self, service: str) -> int:
        found = self._services.get(service)
        if found is None:
            asking, action = asker(service)
            context = service_request(self.account, asking)
            found = self._services[service] = sum(
                roles for one, roles in self._by_trust.items() if _asked(one, asking, context, action) is not Match.NO
            )
        return found

    def of(self, who: Entity) -> Trusting:
        """Roles that let a principal of the model in."""
        found = Trusting(self._everyone, 0, self._accounts.get(who.account, 0))
        found |= self._named.get(who.arn, Trusting())
        if self._personal:
            asking, context = Principal("aws", who.arn), request(self.account, who)
            for one, roles in self._personal:
                match _asked(one, asking, context):
                    case Match.DIRECT:
                        found |= Trusting(direct=roles)
                    case Match.ROLE:
                        found |= Trusting(role=roles)
                    case Match.ACCOUNT:
                        found |= Trusting(account=roles)
        return found

    def _sort(self) -> None:
        self._everyone = 0
        by_arn = {one.arn: one for one in self.principals}
        by_role = {(one.account, one.name): one for one in self.principals if one.kind == "role"}
        context = request(self.account)
        for one, roles in self._by_trust.items():
            lines = [line.rule for line in one.speaking(ASSUME, allows=True)]
            if any(True for _ in one.speaking(ASSUME, allows=False)) or any(_by_caller(rule) for rule in lines):
                self._personal.append((one, roles))
                continue
            for rule in lines:
                if rule.who is None or rule.condition.evaluate(context) == NO:
                    continue
                if rule.who.everyone:
                    self._everyone |= roles
                for number in rule.who.accounts:
                    self._accounts[number] = self._accounts.get(number, 0) | roles
                for arn in rule.who.arns:
                    self._name(arn, roles, by_arn, by_role)

    def _name(self, arn: str, roles: int, by_arn: dict[str, Entity], by_role: dict[tuple[str, str], Entity]) -> None:
        who = Principal("aws", arn)
        entity = by_arn.get(arn) or (by_role.get((who.account or "", who.name)) if who.is_role else None)
        if entity is not None:
            given = Trusting(role=roles) if who.what == "role" else Trusting(direct=roles)
            self._named[entity.arn] = self._named.get(entity.arn, Trusting()) | given


def asker(service: str) -> tuple[Principal, str]:
    """Whom a rule's `trusts` names, and the action by which it takes the role."""
    if service.startswith(FEDERATED):
        return Principal("federated", service.removeprefix(FEDERATED)), "sts:assumerolewithwebidentity"
    return Principal("service", service), ASSUME


def service_request(account: Account, asking: Principal) -> Request:
    """What a service, or who it vouches for, brings along when it takes a role of the account."""
    chosen = ("aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", f"{asking.value}:aud", f"{asking.value}:amr")
    return request(account).about(
        {
            **dict.fromkeys(chosen, UNKNOWN),
            "aws:principalisawsservice": "true",
            "aws:principalservicename": asking.value or "",
            "aws:sourceaccount": account.id,
        },
        None,
    )


def _by_caller(rule: Rule) -> bool:
    if rule.spared is not None or rule.flaw:
        return True
    return any(
        atom.key.startswith(("aws:principal", "aws:user")) or any("${" in value for value in atom.values)
        for atom in rule.condition.atoms
    )


def _asked(one: Sheet, who: Principal, context: Request, action: str = ASSUME) -> Match:
    """How closely a trust lets a caller in, if no Deny surely keeps it out."""
    for line in one.speaking(action, allows=False):
        if not line.rule.flaw and line.rule.match(who) and line.rule.condition.evaluate(context) == YES:
            return Match.NO
    best = Match.NO
    for line in one.speaking(action, allows=True):
        match = line.rule.match(who)
        if match > best and line.rule.condition.evaluate(context) != NO:
            best = match
    return best
