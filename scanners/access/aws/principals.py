"""Who asks, and how a Principal element matches them.

A resource policy may name a caller itself, the role of a session, or only the account, which then decides by its own
identity policies.  An account number and the account's root ARN are the same.  The ids of deleted principals (AIDA…,
AROA…) match nobody.  Source: "AWS JSON policy elements: Principal", "… NotPrincipal" (IAM User Guide).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache

_ARN = re.compile(r"arn:(aws[\w-]*):(iam|sts)::(\d{12}):(.+)", re.DOTALL)
_ACCOUNT = re.compile(r"\d{12}")


class Match(IntEnum):
    """How closely an element names a caller, from not at all to itself."""

    NO = 0
    ACCOUNT = 1
    ROLE = 2
    DIRECT = 3


NAMES = {
    Match.NO: "NoMatch",
    Match.ACCOUNT: "AccountLevelMatch",
    Match.ROLE: "SessionRoleMatch",
    Match.DIRECT: "Match",
}


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller.  `kind` is aws, service, federated, canonical or anonymous; `value` the ARN, name or id."""

    kind: str
    value: str | None = None
    account: str | None = field(init=False, default=None)
    partition: str = field(init=False, default="aws")
    what: str = field(init=False, default="")  # of an aws principal: user, role, session, federated, root
    name: str = field(init=False, default="")  # without path; of a session its role's name

    is_root: bool = field(init=False, default=False)
    is_role: bool = field(init=False, default=False)  # or a session of one: grants to it are within its limits
    service_linked: bool = field(init=False, default=False)  # neither SCPs nor RCPs bind it

    def __post_init__(self) -> None:
        value = self.value or ""
        found = _ARN.fullmatch(value)
        account = found.group(3) if found else None
        what, name = _named(found.group(2), found.group(4)) if found and self.kind == "aws" else ("", "")
        if self.kind == "aws" and _ACCOUNT.fullmatch(value):
            account, what = value, "root"
        role = what in ("role", "session")
        linked = role and (":role/aws-service-role/" in value or name.startswith("AWSServiceRoleFor"))
        for key, fact in (
            ("account", account),
            ("partition", found.group(1) if found else "aws"),
            ("what", what),
            ("name", name),
            ("is_root", what == "root"),
            ("is_role", role),
            ("service_linked", linked),
        ):
            object.__setattr__(self, key, fact)


ANONYMOUS = Principal("anonymous")


def _named(service: str, rest: str) -> tuple[str, str]:
    kind, _, tail = rest.partition("/")
    if rest == "root" and service == "iam":
        return "root", ""
    if service == "iam" and kind in ("user", "role"):
        return kind, tail.rpartition("/")[2]
    if service == "sts" and kind == "assumed-role":
        return "session", tail.partition("/")[0]
    if service == "sts" and kind == "federated-user":
        return "federated", tail
    return "", tail


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """A Principal element, compiled."""

    everyone: bool = False
    arns: frozenset[str] = frozenset()
    roles: frozenset[tuple[str, str]] = frozenset()
    accounts: frozenset[str] = frozenset()
    others: frozenset[tuple[str, str]] = frozenset()  # (kind, value) of services, federations, canonical users
    flaw: str | None = None
    memo: dict[Principal, Match] = field(default_factory=dict)

    def match(self, who: Principal) -> Match:
        found = self.memo.get(who)
        if found is None:
            if len(self.memo) > 4096:
                self.memo.clear()
            found = self.memo[who] = self._match(who)
        return found

    def _match(self, who: Principal) -> Match:
        if self.everyone:
            return Match.DIRECT
        if who.kind != "aws":
            value = (who.value or "").lower() if who.kind == "service" else who.value or ""
            return Match.DIRECT if {(who.kind, value), (who.kind, "*")} & self.others else Match.NO
        if who.is_root:
            return Match.ACCOUNT if who.account in self.accounts else Match.NO
        if who.value in self.arns:
            return Match.DIRECT
        if who.is_role and (who.account, who.name) in self.roles:
            return Match.ROLE if who.what == "session" else Match.DIRECT
        return Match.ACCOUNT if who.account in self.accounts else Match.NO

    def spares(self, who: Principal) -> bool:
        """Whether a NotPrincipal of a Deny spares the caller: only when it names that very caller."""
        return self.match(who) is Match.DIRECT or (who.is_root and self.match(who) is Match.ACCOUNT)


_KINDS = {"service": "service", "federated": "federated", "canonicaluser": "canonical"}


def named(element: object) -> Named:
    """Compile a Principal or NotPrincipal element as JSON has it."""
    if element == "*":
        return Named(everyone=True)
    if not isinstance(element, dict):
        return Named(flaw="Principal names nobody that IAM knows")
    texts: list[tuple[str, str]] = []
    flaw = None
    for kind, values in element.items():
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, (str, int)):
                texts.append((str(kind).lower(), f"{value:012d}" if isinstance(value, int) else value))
            else:
                flaw = "a principal is no text"
        if str(kind).lower() not in ("aws", *_KINDS):
            flaw = f"{str(kind)!r} is no kind of principal"
    return _compiled(tuple(texts), flaw)


@lru_cache(maxsize=16_384)
def _compiled(texts: tuple[tuple[str, str], ...], flaw: str | None) -> Named:
    arns, roles, accounts, others = set[str](), set[tuple[str, str]](), set[str](), set[tuple[str, str]]()
    for kind, value in texts:
        if kind != "aws":
            others.add((_KINDS.get(kind, ""), value.lower() if kind == "service" else value))
            continue
        who = Principal("aws", value)
        if who.is_root and who.account:
            accounts.add(who.account)
        else:
            arns.add(value)
            if who.what == "role" and who.account:
                roles.add((who.account, who.name))
    return Named(("aws", "*") in texts, frozenset(arns), frozenset(roles), frozenset(accounts), frozenset(others), flaw)
