"""What an issuer says of somebody, as far as it is known.

A claim may hold a HOLE, which stands for any text: of a door that takes "repo:shop/*" it is known that it is meant for
every repository of shop, and of none in particular.  Only a pattern as wide covers a claim with a hole.
Sources: "OpenID Connect reference" (GitHub Docs), "Access token claims reference" (Microsoft identity platform),
"Obtain short-lived ID tokens" (Google Cloud), "GetCallerIdentity" (AWS STS), read 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from scanners.access.explorer import Principal

HOLE = "\ue000"
GITHUB, GOOGLE = "token.actions.githubusercontent.com", "accounts.google.com"
AWS = "aws/"  # before the number of an account: signed requests stand in for tokens
ENTRA = ("sts.windows.net/{tenant}", "login.microsoftonline.com/{tenant}/v2.0")  # of version 1 and 2
_GITHUB = re.compile(r"repo:(?P<repository>(?P<repository_owner>[^/:]+)/[^:]+)(?::(?P<rest>.*))?", re.DOTALL)
_ROLE = re.compile(r"arn:[\w-]+:sts::(\d{12}):assumed-role/([^/]+)(?:/(.+))?", re.DOTALL)
_KINDS = {GITHUB: "GitHub workflow", "gitlab.com": "GitLab job", GOOGLE: "Google account"}


@dataclass(frozen=True, slots=True)
class Token:
    """`claims` that are known; of others nothing is.  `assumes`: what the bearer must find to get such a token.

    The audience is the bearer's choice with every issuer here.
    """

    issuer: str
    claims: Mapping[str, str] = field(hash=False)
    assumes: tuple[str, ...] = ()
    label: str = ""  # for people, where the subject does not tell who it is

    @property
    def subject(self) -> str:
        return self.claims.get("sub", HOLE)

    @property
    def ref(self) -> str:
        return f"https://{self.issuer}#{self.shown}"

    @property
    def shown(self) -> str:
        return self.label or self.claims.get("arn", self.subject).replace(HOLE, "*")

    def bearer(self) -> Principal:
        """Somebody outside, for people: of whom nothing but this is known."""
        return Principal(self.ref, self.shown, _KINDS.get(self.issuer, f"identity of {self.issuer}"), outside=True)


def issuer(url: str) -> str:
    """As it is compared: without scheme and closing slash, the host in small letters.  Nonsense is an issuer too."""
    try:
        told = urlsplit(url if "//" in url else f"https://{url}")
    except ValueError:
        return url
    return f"{told.netloc.casefold()}{told.path}".rstrip("/")


def token(of: str, subject: str) -> Token:
    """Of an issuer's subject, with what the subject itself tells of other claims."""
    claims = {"sub": subject}
    if of == GITHUB and (found := _GITHUB.fullmatch(subject)):
        claims |= {key: found[key] for key in ("repository", "repository_owner") if HOLE not in found[key]}
        name, _, value = (found["rest"] or "").partition(":")
        if name in ("ref", "environment") and value and HOLE not in value:
            claims[name] = value
        if name == "pull_request":
            claims["event_name"] = name
    return Token(of, claims)


def claiming(of: str, claim: str, value: str) -> Token:
    """Of whom one claim is known: a repository, an owner of repositories, an account of AWS."""
    if claim in ("sub", "arn"):
        return named_by_aws(value) if of.startswith(AWS) else token(of, value)
    if of == GITHUB and claim in ("repository", "repository_owner"):
        return token(of, f"repo:{value}:{HOLE}" if claim == "repository" else f"repo:{value}/{HOLE}")
    return Token(of, {"sub": HOLE, claim: value}, label=f"{claim} is {value}")


def named_by_aws(arn: str) -> Token:
    """Of a session or a user, as policies of others name it; without a session's name, of any of the role's."""
    if found := _ROLE.fullmatch(arn):
        whole = arn if found[3] else f"{arn}/{HOLE}"
        return Token(f"{AWS}{found[1]}", {"arn": whole, "account": found[1]})
    account = (arn.split(":") + [""] * 5)[4]
    return Token(f"{AWS}{account}", {"arn": arn, "account": account})


def role_of(token: Token) -> tuple[str, str] | None:
    """(account, name of the role or user) of whose signed requests speak; None for other tokens."""
    arn = token.claims.get("arn", "")
    if found := _ROLE.fullmatch(arn):
        return found[1], found[2]
    parts = arn.split(":", 5)
    return (parts[4], parts[5].rpartition("/")[2]) if len(parts) == 6 and parts[5].startswith("user/") else None


def bearer_of(token: Token) -> tuple[str, str]:
    """What two tokens of one bearer have in common."""
    return role_of(token) or (token.issuer, token.shown)


def of_google(unique: str, email: str) -> Token:
    return Token(GOOGLE, {"sub": unique, "azp": unique, "email": email, "iss": f"https://{GOOGLE}"})


def of_entra(tenant: str, object_id: str, client: str) -> tuple[Token, ...]:
    """Of a service principal or a managed identity: its own object id stands for whom the token is about."""
    claims = {"sub": object_id, "oid": object_id, "tid": tenant, "idtyp": "app"}
    if client:
        claims |= {"appid": client, "azp": client}
    made_for = ("an application of the tenant stands for the audience",)
    return tuple(Token(one.format(tenant=tenant), claims, made_for) for one in ENTRA)


def of_aws(arn: str) -> Token | None:
    """What the signed request of a role or a user says; None for what is neither."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[2] != "iam":
        return None
    kind, _, name = parts[5].partition("/")
    if kind not in ("role", "user"):
        return None
    said = arn
    if kind == "role":  # a session has the role's name without its path
        said = f"arn:{parts[1]}:sts::{parts[4]}:assumed-role/{name.rpartition('/')[2]}/{HOLE}"
    return Token(f"{AWS}{parts[4]}", {"arn": said, "account": parts[4]})
