"""Workload identity pools: a provider takes tokens, maps their claims, and makes identities that policies may name.

A door leads to an identity that some policy names ("principalSet://…/attribute.repository/shop/web"); what that one may
do, and as which service account it may act, the project's own engine tells.
Sources: "Workload Identity Federation", "Configure Workload Identity Federation with AWS or Azure", "… with deployment
pipelines", "Principal identifiers" (IAM documentation), read 2026-11.

Limits: pools are not collected: one that is switched off with its providers on is taken for one that works.  SAML and
X.509 providers are not looked at.  The audience is the bearer's choice with every issuer that is known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from scanners.access.explorer import Answer, Decided, Principal, Via, Written
from scanners.access.gcp.cel import Context, evaluate, text_of
from scanners.access.gcp.values import exactly
from scanners.access.truth import MAYBE, NO
from scanners.graph.federation.doors import Door, Doors, Opened, told
from scanners.graph.federation.tokens import AWS, HOLE, Token, claiming, issuer
from scanners.model import Gap, Node, Resource, Unread
from scanners.model.estate import Estate

PROVIDER, RESOURCE = "iam.googleapis.com/WorkloadIdentityPoolProvider", "resource"
NAMES = {"subject": "google.subject", "group": "google.groups"}  # as policies name them, and as mappings do
# What a provider of AWS maps when it says nothing ("Attribute mapping": default mapping).
OF_AWS = {
    "google.subject": "assertion.arn",
    "attribute.aws_role": "assertion.arn.contains('assumed-role') ? assertion.arn.extract('{account_arn}assumed-role/')"
    " + 'assumed-role/' + assertion.arn.extract('assumed-role/{role_name}/') : assertion.arn",
}
_MEMBER = re.compile(
    r"principal(?:Set)?://iam\.googleapis\.com/(projects/[^/]+/locations/global/workloadIdentityPools/[^/]+)/(.+)"
)
_INDEX = re.compile(r"""assertion\[["']([A-Za-z_]\w*)["']\]""")
_CLAIM = re.compile(r"assertion\.(\w+)")


@dataclass(frozen=True, slots=True)
class PoolDoor:
    """One provider, and one identity of its pool.  `rest` is what the policy names of it: "subject/…", "*"."""

    target: Principal
    issuer: str
    rest: str
    mapping: tuple[tuple[str, str], ...]
    condition: object
    written: Written
    now: datetime

    rule = "across-gcp-workload-identity"
    title = "A token of the issuer is exchanged for an identity of the pool"

    def named(self) -> Iterator[Token]:
        kind, _, value = self.rest.partition("/")
        source = dict(self.mapping).get(NAMES.get(kind, kind), "")
        if self.rest != "*" and not source:
            return
        if found := _CLAIM.fullmatch(source):
            yield claiming(self.issuer, found[1], value)
        elif kind == "attribute.aws_role":
            yield claiming(self.issuer, "arn", value)
        else:
            label = "whoever the provider lets in" if value in ("", "*") else f"{kind} is {value}"
            yield Token(self.issuer, {"sub": HOLE}, label=label)

    def opens(self, token: Token) -> Opened | None:
        context = self._known(token)
        outcome = evaluate(self.condition, context)
        if outcome.truth == NO:
            return None
        via = (Via("workload identity", "Allow", self.written, "the provider"),)
        entered = Decided(Answer.ALLOWED, Answer.ALLOWED, via)
        if outcome.truth == MAYBE:
            words = outcome.words or f"the provider's condition holds: {outcome.left}"
            why = (outcome.flaw,) if outcome.flaw else ()
            answer = Answer.UNKNOWN if why else Answer.IF
            entered = Decided(answer, Answer.IF, via, words, outcome.left, unknown_because=why)
        meant = self._meant(context)
        if meant is None:
            return None
        taken = Decided(Answer.IF, Answer.IF, via, meant) if meant else Decided(Answer.ALLOWED, Answer.ALLOWED, via)
        return Opened(
            (("the provider", self.written.ref, entered), ("the mapping", self.target.ref, taken)), token.assumes
        )

    def _known(self, token: Token) -> Context:
        """The claims, and what the mapping makes of them."""
        facts = {f"assertion.{claim}": exactly(value) for claim, value in token.claims.items()}
        plain = Context(self.now, facts)
        for name, source in self.mapping:
            made = text_of(source, plain)
            if made is not None:
                facts = {**facts, name: exactly(made)}
        return Context(self.now, facts)

    def _meant(self, context: Context) -> str | None:
        """On what condition the identity is the one that the policy names; empty: surely.  None: it is another."""
        kind, _, wanted = self.rest.partition("/")
        name = NAMES.get(kind, kind)
        if self.rest == "*":
            return ""
        if name not in dict(self.mapping):
            return None
        known = context.facts.get(name)
        if known is None:
            return f"{kind} of the token is {wanted}"
        return "" if known.equals(wanted) else None


def doors(estate: Estate, principals: Iterable[Principal]) -> Doors:
    """`principals` as the project's engine lists them: whoever policies name."""
    by_pool: dict[str, list[tuple[Principal, str]]] = {}
    for one in principals:
        if found := _MEMBER.fullmatch(one.ref):
            by_pool.setdefault(found[1], []).append((one, found[2]))
    gaps: list[Gap] = []
    made: list[Door] = []
    try:
        for row in estate.all(PROVIDER):
            try:
                made.extend(_of_provider(row, by_pool, estate.now))
            except Unread as unread:
                gaps.extend(unread.gaps)
    except Unread as unread:
        gaps.extend(unread.gaps)
    return Doors(tuple(made), told(gaps))


def _of_provider(row: Resource, by_pool: Mapping[str, list[tuple[Principal, str]]], now: datetime) -> Iterator[Door]:
    said = row[RESOURCE]
    if said["disabled"].value is True or said["state"].value not in (None, "ACTIVE"):
        return
    pool = said.need("name").text().rpartition("/providers/")[0]
    trusted = _trusted(said)
    if not trusted:
        return
    mapping = {key: _INDEX.sub(r"assertion.\1", one.text()) for key, one in said["attributeMapping"].items()}
    condition = said["attributeCondition"].value
    if isinstance(condition, str):
        condition = _INDEX.sub(r"assertion.\1", condition)
    written = Written(f"provider {row.name}", said.value, row.ref, said.pointer)
    chosen = tuple((mapping or (OF_AWS if trusted.startswith(AWS) else {})).items())
    for who, rest in by_pool.get(pool, ()):
        yield PoolDoor(who, trusted, rest, chosen, condition, written, now)


def _trusted(said: Node) -> str:
    if said["aws"].present:
        return f"{AWS}{said['aws'].need('accountId').text()}"
    uri = said["oidc"]["issuerUri"]
    return issuer(uri.text()) if uri.present else ""
