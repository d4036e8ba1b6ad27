"""Federated credentials of applications and of user-assigned identities: issuer, subject and audience, word for word.

A credential has one subject, or an expression over claims ("flexible federated identity credentials", a preview), of
which the plain forms are read: claims['sub'] matches '…' or eq '…', joined by `and`.
Sources: "Overview of federated identity credentials in Microsoft Entra ID", "Flexible federated identity credentials",
read 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from scanners.access.azure import APPLICATION, PRINCIPAL, RESOURCE
from scanners.access.explorer import Answer, Decided, Principal, Via, Written
from scanners.graph.federation.doors import Door, Doors, Opened, told
from scanners.graph.federation.tokens import HOLE, Token, issuer, token
from scanners.model import Gap, Node, Resource, Unread
from scanners.model.estate import Estate

TRUSTED = "applications.federated_identity_credentials.list"
IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
TRUSTED_BY_IDENTITY = "federated_identity_credentials.list"
_TERM = re.compile(r"\s*claims\['(?P<claim>\w+)'\]\s+(?P<how>matches|eq)\s+'(?P<value>[^']*)'\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CredentialDoor:
    """One federated credential.  `asks`: (claim, pattern) that must all hold; None: what it asks was not understood."""

    target: Principal
    issuer: str
    asks: tuple[tuple[str, str], ...] | None
    audiences: tuple[str, ...]
    written: Written

    rule = "across-azure-federated-credential"
    title = "A token of the issuer is exchanged for one of the identity"

    def named(self) -> Iterator[Token]:
        subjects = [pattern for claim, pattern in self.asks or () if claim == "sub"]
        yield from (token(self.issuer, one) for one in subjects or [HOLE])

    def opens(self, token: Token) -> Opened | None:
        if not self.audiences:
            return None
        via = (Via("federated credential", "Allow", self.written, "the credential"),)
        if self.asks is None:
            why = ("what the credential asks of tokens was not understood",)
            decided = Decided(Answer.UNKNOWN, Answer.IF, via, unknown_because=why)
        else:
            missing = [claim for claim, _ in self.asks if claim not in token.claims]
            if not all(_holds(pattern, token.claims[claim]) for claim, pattern in self.asks if claim in token.claims):
                return None
            words = " and ".join(f"the claim {claim} is as asked" for claim in missing)
            answer = Answer.IF if missing else Answer.ALLOWED
            decided = Decided(answer, answer, via, words)
        return Opened((("federated credential", self.written.ref, decided),))


def _holds(pattern: str, value: str) -> bool:
    if HOLE not in pattern:
        return pattern == value
    parts = [re.escape(part) for part in pattern.split(HOLE)]
    return re.fullmatch(".*?".join(parts), value, re.DOTALL) is not None


def doors(estate: Estate) -> Doors:
    gaps: list[Gap] = []
    found = [*_of_applications(estate, gaps), *_of_identities(estate, gaps)]
    return Doors(tuple(found), told(gaps))


def _of_identities(estate: Estate, gaps: list[Gap]) -> Iterator[Door]:
    for row in _seen(estate, IDENTITY, gaps):
        try:
            who = Principal(
                row[RESOURCE]["properties"].need("principalId").text().casefold(), row.name, "managed identity"
            )
            for one in row[TRUSTED_BY_IDENTITY]:
                yield _door(who, row, one["properties"], one["name"])
        except Unread as unread:
            gaps.extend(unread.gaps)


def _of_applications(estate: Estate, gaps: list[Gap]) -> Iterator[Door]:
    principals = _principals(estate, gaps)
    for application in _seen(estate, APPLICATION, gaps):
        try:
            client = application[RESOURCE].need("appId").text().casefold()
            trusted = list(application[TRUSTED])
        except Unread as unread:
            gaps.extend(unread.gaps)
            continue
        for who in principals.get(client, ()):
            for one in trusted:
                try:
                    yield _door(who, application, one, one["name"])
                except Unread as unread:
                    gaps.extend(unread.gaps)


def _principals(estate: Estate, gaps: list[Gap]) -> dict[str, list[Principal]]:
    """By application; those that are switched off get no token."""
    found: dict[str, list[Principal]] = {}
    for one in _seen(estate, PRINCIPAL, gaps):
        try:
            said = one[RESOURCE]
            if said["accountEnabled"].value is False:
                continue
            client, id = said.need("appId").text().casefold(), said.need("id").text().casefold()
            name = str(said["displayName"].value or id)
        except Unread as unread:
            gaps.extend(unread.gaps)
            continue
        found.setdefault(client, []).append(Principal(id, name, "service principal"))
    return found


def _seen(estate: Estate, kind: str, gaps: list[Gap]) -> Iterator[Resource]:
    try:
        yield from estate.all(kind)
    except Unread as unread:
        gaps.extend(unread.gaps)


def _door(who: Principal, holder: Resource, told_of: Node, name: Node) -> Door:
    audiences = tuple(one.text() for one in told_of["audiences"])
    written = Written(str(name.value or "federated credential"), told_of.value, holder.ref, told_of.pointer)
    return CredentialDoor(who, issuer(told_of.need("issuer").text()), _asks(told_of), audiences, written)


def _asks(told_of: Node) -> tuple[tuple[str, str], ...] | None:
    subject = told_of["subject"].value
    if isinstance(subject, str) and subject:
        return (("sub", subject),)
    expression = told_of["claimsMatchingExpression"]["value"].value
    if not isinstance(expression, str) or len(expression) > 4_000:
        return None
    asked = []
    for part in re.split(r"\band\b", expression, flags=re.IGNORECASE):
        term = _TERM.fullmatch(part)
        if term is None:
            return None
        wild = partial(term["value"].replace, "*", HOLE)
        asked.append((term["claim"], wild() if term["how"].casefold() == "matches" else term["value"]))
    return tuple(asked)
