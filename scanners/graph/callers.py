"""What is known of a request that a caller of the account makes, and what it may choose.

Known: who it is, its tags, the account, the role it hands over.  Absent: what only services and federations bring.
Everything else (second factor, address, time where none is given, tags of the request) the caller may bring about or
not: a condition on it makes a path that holds *if*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scanners.access.aws.context import ABSENT, UNKNOWN, Context, Known
from scanners.graph.account import Account, Entity

_NEVER = (
    "aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths", "aws:principalservicename",
    "aws:principalservicenameslist", "aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "sts:sourceidentity",
)  # fmt: skip
_FEDERATED = (":sub", ":aud", ":iss", ":amr", "saml:")


@dataclass(slots=True, eq=False)
class Request(Context):
    """A context that knows all the tags of its caller, and that nobody federated asks.

    Tags are by key in lower case; None: not known.
    """

    tags: Mapping[str, str] | None = field(default=None)
    tags_of_target: Mapping[str, str] | None = field(default=None)

    def look(self, key: str) -> Known:
        if key.startswith("aws:principaltag/"):
            if self.tags is None:
                return UNKNOWN
            return self.tags.get(key.partition("/")[2], ABSENT)
        if key.startswith(("aws:resourcetag/", "iam:resourcetag/")):
            if self.tags_of_target is None:
                return UNKNOWN
            return self.tags_of_target.get(key.partition("/")[2], ABSENT)
        if key not in self.known and (key.endswith(_FEDERATED) or key.startswith("saml:")):
            return ABSENT
        return self.known.get(key, self.otherwise)

    def with_facts(self, facts: Mapping[str, Known]) -> Request:
        return self.about(facts, self.tags_of_target)

    def about(self, facts: Mapping[str, Known], tags: Mapping[str, str] | None) -> Request:
        """The same request, for one target."""
        return Request({**self.known, **facts}, UNKNOWN, tags=self.tags, tags_of_target=tags)


def request(account: Account, who: Entity | None = None, **facts: Known) -> Request:
    """`who` None: a caller of whom only the account is known.  `facts` by key, `:` written as `__`."""
    known: dict[str, Known] = dict.fromkeys(_NEVER, ABSENT)
    known |= {
        "aws:principalisawsservice": "false",
        "aws:viaawsservice": "false",
        "aws:resourceaccount": account.id,
        "aws:principalaccount": account.id,
    }
    if account.now:
        known["aws:currenttime"] = account.now
    if who:
        known |= {"aws:principalarn": who.arn, "aws:principalaccount": who.account}
        known["aws:principaltype"] = "User" if who.kind == "user" else "AssumedRole"
        known["aws:username"] = who.name if who.kind == "user" else ABSENT
    known |= {key.replace("__", ":"): fact for key, fact in facts.items()}
    return Request(known, UNKNOWN, tags=lowered(who.tags) if who else None)


def lowered(tags: Mapping[str, str] | None) -> Mapping[str, str] | None:
    return None if tags is None else {key.lower(): value for key, value in tags.items()}
