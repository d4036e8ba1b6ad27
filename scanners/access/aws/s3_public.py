"""Whether a bucket policy is public, by Amazon S3's own definition.

A policy is public when an Allow lets in everyone and holds them to no fixed value of a listed key.  Conditions of a
statement count together; Deny statements do not make a policy less public.  An unreadable statement may be public.
Source: "Blocking public access to your Amazon S3 storage: The meaning of public" (Amazon S3 User Guide).
"""

from __future__ import annotations

import re

from scanners.access.aws.conditions import Atom
from scanners.access.aws.operators import network
from scanners.access.aws.policies import Policy, Rule
from scanners.access.aws.principals import Named

FIXING = frozenset({
    "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount", "aws:userid",
    "aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn", "aws:sourceorgid",
    "aws:sourceorgpaths", "s3:dataaccesspointarn", "s3:dataaccesspointaccount",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
})  # fmt: skip
_FIXED = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"})
_WILD = re.compile(r"[*?]|\$\{")


def is_public(policy: Policy) -> bool:
    return any(rule.allows and _lets_in_everyone(rule) for rule in policy.used_as("resource"))


def _lets_in_everyone(rule: Rule) -> bool:
    if rule.spared is None and not _everyone(rule.who):
        return False
    return bool(rule.condition.flaw) or not any(_fixes(atom) for atom in rule.condition.atoms)


def _everyone(who: Named | None) -> bool:
    """A name with a wildcard is no fixed name."""
    if who is None or who.everyone:
        return True
    return any(_WILD.search(name) for name in (*who.arns, *(value for _, value in who.others)))


def _fixes(atom: Atom) -> bool:
    """Whether every value of the condition is one that strangers cannot have."""
    if not atom.values or atom.if_exists or atom.quantifier == "forallvalues:":
        return False
    if atom.key == "aws:sourceip":
        return atom.name == "ipaddress" and all(_narrow(value) for value in atom.values)
    if atom.key not in FIXING or atom.name not in _FIXED:
        return False
    return all(_fixed(atom, value) for value in atom.values)


def _fixed(atom: Atom, value: str) -> bool:
    """Neither wildcard nor variable; of an access point's ARN the name may be a pattern when the account is fixed."""
    if not _WILD.search(value):
        return bool(value)
    if atom.key != "s3:dataaccesspointarn" or atom.name in ("stringequals", "stringequalsignorecase"):
        return False
    parts = value.split(":", 5)
    return len(parts) == 6 and parts[4].isdigit()


def _narrow(value: str) -> bool:
    """Ranges wider than /8, or /32 of IPv6, are public."""
    found = network(value)
    if found is None:
        return False
    return bin(found[2]).count("1") >= (8 if found[0] == 4 else 32)
