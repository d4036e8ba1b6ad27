"""Roles that trust an OpenID Connect provider: the role's trust, asked for one token.

The provider must stand in the account, and takes tokens for its own audiences alone.  With accounts.google.com, which
needs none, the key `aud` holds the client that asked for the token, and `oaud` the audience.
Sources: "Available keys for AWS OIDC federation", "Creating a role for web identity" (IAM User Guide), read 2026-11.

Limits: policies of the organisation are not asked; they can only take ways away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scanners.access.aws import UNKNOWN, Context, Layers, Outcome, Request, compile_policy, decide
from scanners.access.aws import Principal as Caller
from scanners.access.aws.policies import Rule
from scanners.access.aws.words import in_words
from scanners.access.explorer import Answer, Decided, Principal, Via, Written
from scanners.graph.federation.doors import Door, Doors, Opened, told
from scanners.graph.federation.tokens import GOOGLE, HOLE, Token, issuer, token
from scanners.model import Gap, Resource, Unread
from scanners.model.estate import Estate

ROLE, PROVIDER = "AWS::IAM::Role", "AWS::IAM::OIDCProvider"
DETAILS, ABOUT = "GetAccountAuthorizationDetails", "GetOpenIDConnectProvider"
ACTION = "sts:AssumeRoleWithWebIdentity"
MARK = ":oidc-provider/"
_LIKE = ("stringlike", "stringequals", "stringequalsignorecase")


@dataclass(frozen=True, slots=True)
class RoleDoor:
    """A role, and one provider that its trust names.  `audiences` None: the issuer needs no provider."""

    target: Principal
    issuer: str
    provider: str
    trust: Any
    audiences: tuple[str, ...] | None
    unread: tuple[str, ...] = ()

    rule = "across-aws-web-identity"
    title = "A token of the issuer is exchanged for the role's session"

    def named(self) -> Iterator[Token]:
        for rule in self._rules():
            subjects = [value for key, value in self._wanted(rule) if key == "sub"]
            yield from (token(self.issuer, value) for value in subjects or [HOLE])

    def opens(self, token: Token) -> Opened | None:
        best: Decided | None = None
        for chosen in self._contexts(token):
            decided = self._decided(Context.of(chosen, otherwise=UNKNOWN))
            if decided.answer is not Answer.DENIED and (best is None or decided.answer is Answer.ALLOWED):
                best = decided
        if best is None:
            return None
        if self.unread:
            best = Decided(Answer.UNKNOWN, best.read, best.via, best.condition, best.residual, None, self.unread)
        return Opened(((ACTION, self.target.ref, best),), token.assumes)

    def _rules(self) -> Sequence[Rule]:
        allows, _ = compile_policy(self.trust).candidates("resource", ACTION.lower())
        return [rule for rule in allows if rule.match(Caller("federated", self.provider))]

    def _wanted(self, rule: Rule) -> Iterator[tuple[str, str]]:
        """(claim, value) of what a statement asks of tokens, wildcards as holes."""
        for atom in rule.condition.atoms:
            host, _, claim = atom.key.rpartition(":")
            if issuer(host) == self.issuer.casefold() and atom.name in _LIKE:
                for value in atom.values:
                    wild = atom.name == "stringlike"
                    yield claim, value.replace("*", HOLE).replace("?", HOLE) if wild else value

    def _contexts(self, token: Token) -> Iterator[dict[str, str]]:
        """What the bearer may bring: one for each audience that counts."""
        base = dict(token.claims)
        if self.audiences is None:
            wanted = [value for rule in self._rules() for key, value in self._wanted(rule) if key == "oaud"]
            base["aud"] = token.claims.get("azp", HOLE)
            made = [{**base, "oaud": value} for value in [*wanted, "any"] if HOLE not in value]
        else:
            made = [{**base, "aud": value} for value in self.audiences]
        for one in made:
            yield {
                f"{host}:{claim}": value for claim, value in one.items() for host in (self.issuer, f"{self.issuer}/")
            }

    def _decided(self, context: Context) -> Decided:
        request = Request(Caller("federated", self.provider), ACTION, self.target.ref, wildcard_only=False)
        decision = decide(request, Layers.of(resource=self.trust), context)
        if decision.outcome is Outcome.ALLOWED:
            return Decided(Answer.ALLOWED, Answer.ALLOWED, self._via(decision.because))
        if decision.outcome is Outcome.ALLOWED_IF and decision.achievable:
            left = decision.residual
            return Decided(Answer.IF, Answer.IF, self._via(decision.because), in_words(left), left)
        return Decided(Answer.DENIED, Answer.DENIED)

    def _via(self, because: list[dict[str, object]]) -> tuple[Via, ...]:
        pointer = f"/{DETAILS}/AssumeRolePolicyDocument"
        written = Written(f"trust of {self.target.name}", self.trust, self.target.ref, pointer)
        return tuple(
            Via("trust", str(one["effect"]), written, f"statement {one['statement']}", f"/Statement/{one['statement']}",
                str(one.get("sid", "")))
            for one in because
        )  # fmt: skip


def doors(estate: Estate) -> Doors:
    gaps: list[Gap] = []
    found: list[Door] = []
    roles = estate.all(ROLE)
    while True:
        try:
            role = next(roles)
        except StopIteration:
            break
        except Unread as unread:
            gaps.extend(unread.gaps)
            break
        try:
            found.extend(_of_role(role, estate))
        except Unread as unread:
            gaps.extend(unread.gaps)
    return Doors(tuple(found), told(gaps))


def _of_role(role: Resource, estate: Estate) -> Iterator[Door]:
    trust = role[DETAILS]["AssumeRolePolicyDocument"].value
    target = Principal(role.ref, role.name, "role")
    for provider in sorted(_providers(trust)):
        if provider == GOOGLE:
            yield RoleDoor(target, GOOGLE, provider, trust, None)
        elif MARK in provider:
            name = issuer(provider.partition(MARK)[2])
            try:
                one = estate.find(PROVIDER, provider)
                told_of = one[ABOUT]["ClientIDList"] if one else ()
                audiences = tuple(client.text() for client in told_of)
                if one is not None:
                    yield RoleDoor(target, name, provider, trust, audiences)
            except Unread as unread:
                asked = (*_audiences(trust), "sts.amazonaws.com")
                yield RoleDoor(target, name, provider, trust, asked, told(unread.gaps))


def _providers(trust: Any) -> set[str]:
    allows, _ = compile_policy(trust).candidates("resource", ACTION.lower())
    return {value for rule in allows if rule.who for kind, value in rule.who.others if kind == "federated"}


def _audiences(trust: Any) -> set[str]:
    """What the trust asks for: where the provider was not read, what it might take."""
    allows, _ = compile_policy(trust).candidates("resource", ACTION.lower())
    return {
        value for rule in allows for atom in rule.condition.atoms if atom.key.endswith(":aud") for value in atom.values
    }
