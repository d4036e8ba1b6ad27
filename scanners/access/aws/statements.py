"""Statements of resource policies as grants: whom they let in, and what narrows it.

Limits: this module answers "does this one statement open the resource to strangers?".  It does not weigh statements
against each other except for `denied_to_all`; whole decisions belong to the access engine.
Sources: "AWS JSON policy elements: Principal", "The meaning of public" (Amazon S3 user guide), read 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network

from scanners.model import Node

ACCOUNT = re.compile(r"^(?:arn:[\w-]+:(?:iam|sts)::)?(\d{12})(?::.*)?$")

# A key of this list with fixed values narrows who may come in ("The meaning of public", Amazon S3 user guide).  Not so
# what strangers choose for themselves: aws:username, and aws:PrincipalTag, which they set on users and roles of theirs.
NARROWING = {
    "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount",
    "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce",
    "aws:userid", "kms:calleraccount", "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn", "lambda:eventsourcetoken", "sns:endpoint",
}  # fmt: skip
_FIXED = re.compile(r"^(forallvalues:|foranyvalue:)?(string|arn)(equals|like|equalsignorecase)(ifexists)?$")
# Of these keys a pattern is as fixed as what stands before the separator: AROAEXAMPLE:*, o-example/r-root/*.
_BEGINNINGS = {"aws:userid": ":", "aws:principalorgpaths": "/", "aws:sourceorgpaths": "/"}
# The keys whose values name the account that callers, or the sources that services call for, belong to.
_NAMES_ACCOUNTS = {
    "aws:principalaccount", "aws:principalarn", "aws:sourceaccount", "aws:sourcearn", "aws:sourceowner",
    "kms:calleraccount", "s3:dataaccesspointaccount", "s3:dataaccesspointarn",
}  # fmt: skip
_API = re.compile(r"^(arn:[^/]*:execute-api:[^/]*|execute-api:)/")


@dataclass(frozen=True, slots=True)
class Statement:
    node: Node

    @property
    def allows(self) -> bool:
        return self.node.need("Effect").text() == "Allow"

    @property
    def denies(self) -> bool:
        return self.node.need("Effect").text() == "Deny"

    def actions(self) -> tuple[str, ...]:
        """As written; a statement with NotAction may do nearly everything and answers "*"."""
        if self.node["NotAction"].present:
            return ("*",)
        return tuple(action.text() for action in self.node["Action"])

    def may(self, action: str) -> bool:
        """Whether an action pattern of the statement covers this action.  NotAction is taken at its word."""
        if self.node["NotAction"].present:
            return not any(matches(item.text(), action) for item in self.node["NotAction"])
        return any(matches(item.text(), action) for item in self.node["Action"])

    def anyone(self) -> Node | None:
        """The place that says "*", or an Allow with NotPrincipal, which lets in all but the named."""
        if self.allows and self.node["NotPrincipal"].present:
            return self.node["NotPrincipal"]
        return _everyone(self.node["Principal"])

    def against_strangers(self) -> bool:
        """Whether a Deny is for everyone, or for everyone but those whom its NotPrincipal names."""
        spared = self.node["NotPrincipal"]
        return self.denies and (_everyone(spared) is None if spared.present else self.anyone() is not None)

    def accounts(self) -> Iterator[tuple[str, Node]]:
        """(account id, where it is named) of every AWS principal; ids of deleted principals name nobody."""
        principal = self.node["Principal"]
        if isinstance(principal.value, dict):
            for one in principal["AWS"]:
                if isinstance(one.value, str) and (found := ACCOUNT.match(one.value)):
                    yield found.group(1), one

    def accounts_of_conditions(self) -> Iterator[tuple[str, Node]]:
        """(account id, where it is named) of those that an Allow is narrowed to, or that a Deny spares."""
        for operator, key, values in self.conditions():
            if key in _NAMES_ACCOUNTS and ("not" in operator) == self.denies:
                for value in values:
                    text = str(value.value)
                    if (account := (text.split(":")[4:5] or [text])[0]).isdigit():
                        yield account, value
        spared = self.node["NotPrincipal"]
        for one in spared["AWS"] if self.denies and isinstance(spared.value, dict) else ():
            if isinstance(one.value, str) and (found := ACCOUNT.match(one.value)):
                yield found.group(1), one

    def aws_principals(self) -> Iterator[Node]:
        """Where AWS principals are named, a principal that is a text alone among them."""
        principal = self.node["Principal"]
        for one in principal["AWS"] if isinstance(principal.value, dict) else principal:
            if isinstance(one.value, str):
                yield one

    def services(self) -> Iterator[tuple[str, Node]]:
        principal = self.node["Principal"]
        if isinstance(principal.value, dict):
            for one in principal["Service"]:
                yield one.text(), one

    def conditions(self) -> Iterator[tuple[str, str, Node]]:
        """(operator, key, values), operator and key in lower case."""
        for operator, keys in self.node["Condition"].items():
            for key, values in keys.items():
                yield operator.lower(), key.lower(), values

    def narrowed(self) -> bool:
        """Whether some condition pins callers to fixed values of a key that says who or whence they are."""
        return any(pins(operator, key, values) for operator, key, values in self.conditions())

    def has_condition(self, *keys: str) -> bool:
        wanted = {key.lower() for key in keys}
        return any(key in wanted and pins(operator, key, values) for operator, key, values in self.conditions())


def statements(policy: Node) -> Iterator[Statement]:
    """The statements of a policy document; a policy proven absent has none."""
    for node in policy.need("Statement") if policy.present else ():
        yield Statement(node)


def open_to_anyone(policy: Node) -> Iterator[tuple[Statement, Node]]:
    """(statement, where it says so) of every Allow that any stranger can use."""
    for statement in statements(policy):
        if statement.allows and (who := statement.anyone()) and not statement.narrowed():
            yield statement, who


def shut_to_strangers(policy: Node, action: str) -> Node | None:
    """A Deny of the action to everyone but those whom a narrowing key names (StringNotEquals aws:PrincipalOrgID)."""
    for statement in statements(policy):
        spares_few = all(_spares_only_the_named(*condition) for condition in statement.conditions())
        if statement.against_strangers() and statement.may(action) and spares_few:
            return statement.node
    return None


def _spares_only_the_named(operator: str, key: str, values: Node) -> bool:
    if key == "aws:principalisawsservice":
        return operator.startswith("bool") and values.value in ("false", False)
    plain = affirmed(operator)
    return plain is not None and pins(plain, key, values)


def affirmed(operator: str) -> str | None:
    """What a Deny with a negated operator demands.  ForAnyValue demands nothing: it spares those without the key."""
    if "not" not in operator or operator.startswith("foranyvalue:"):
        return None
    return operator.removeprefix("forallvalues:").removesuffix("ifexists").replace("not", "", 1)


def _everyone(principal: Node) -> Node | None:
    named = principal["AWS"] if isinstance(principal.value, dict) else principal
    return next((one for one in named if one.text() == "*"), None)


def kept_out(policy: Node, allow: Statement) -> Node | None:
    """A Deny that takes from strangers all that this Allow gives: its actions, on its resources."""
    for deny in statements(policy):
        spares_few = all(_spares_only_the_named(*condition) for condition in deny.conditions())
        if deny.against_strangers() and spares_few and _takes_back(deny, allow):
            return deny.node
    return None


def _takes_back(deny: Statement, allow: Statement) -> bool:
    """A pattern that matches the text of another covers all that the other covers."""
    if deny.node["NotAction"].present or deny.node["NotResource"].present:
        return False
    denied, given = resources_of(deny), resources_of(allow)
    return all(deny.may(action) for action in allow.actions()) and all(
        any(matches(wide, narrow) for wide in denied) for narrow in given
    )


def resources_of(statement: Statement) -> list[str]:
    """As written, but of an API's own policy without the API's name, which AWS adds and people leave out."""
    named = [_API.sub("", one.text()) for one in statement.node["Resource"]]
    return named if named and not statement.node["NotResource"].present else ["*"]


def matches(pattern: str, text: str) -> bool:
    """IAM's wildcards, without regard to case, in time linear in the lengths: no pattern can make it slow."""
    pattern, text = pattern.lower(), text.lower()
    p = t = 0
    star, mark = -1, 0
    while t < len(text):
        if p < len(pattern) and pattern[p] == "*":
            star, mark, p = p, t, p + 1
        elif p < len(pattern) and pattern[p] in ("?", text[t]):
            p, t = p + 1, t + 1
        elif star >= 0:
            mark += 1
            p, t = star + 1, mark
        else:
            return False
    return all(c == "*" for c in pattern[p:])


def pins(operator: str, key: str, values: Node) -> bool:
    """Whether a condition holds callers to fixed values of a key that says who or whence they are."""
    if key == "aws:sourceip":  # with IfExists, who comes through an endpoint of a network brings no such key
        return operator in ("ipaddress", "foranyvalue:ipaddress") and all(_narrow_network(v.value) for v in values)
    if (
        key not in NARROWING
        or not _FIXED.match(operator)
        or "ifexists" in operator
        or operator.startswith("forallvalues:")
    ):
        return False  # those two also let callers pass who bring no such key at all
    return all(isinstance(v.value, (str, int)) and _fixed(str(v.value), key, operator) for v in values)


def _fixed(value: str, key: str, operator: str) -> bool:
    if ("*" not in value and "?" not in value) or operator.endswith("stringequals"):
        return "${" not in value
    if separator := _BEGINNINGS.get(key):
        beginning, found, _ = value.partition(separator)
        return bool(found) and not re.search(r"[*?$]", beginning)
    parts = value.split(":", 5)  # an ARN pattern is as fixed as the account it names
    return key.endswith("arn") and len(parts) == 6 and (parts[4].isdigit() or _names_a_bucket(parts))


def _names_a_bucket(parts: list[str]) -> bool:
    """A name is one account's alone; one that ends in a wildcard may be continued by anybody."""
    bucket = parts[5].partition("/")[0]
    return parts[2] == "s3" and bool(bucket) and not re.search(r"[*?$]", bucket)


def _narrow_network(value: object) -> bool:
    """S3 counts IPv4 ranges of /8 and narrower, IPv6 of /32 and narrower, as not public."""
    try:
        network = ip_network(str(value), strict=False)
    except ValueError:
        return False
    return network.prefixlen >= (8 if network.version == 4 else 32)
