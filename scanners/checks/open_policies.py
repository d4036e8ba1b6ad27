"""What policies on resources have in common: the sentences on those they let in from outside."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.aws.statements import Statement, kept_out, open_to_anyone, statements
from scanners.model import Node, Severity, Verdict, failed
from scanners.model.estate import Estate


def anyone_let_in(thing: str, policy: Node, severity: Severity | None = None) -> Iterator[Verdict]:
    """A failure for every statement that any stranger can use, and that no Deny takes back."""
    for statement, who in open_to_anyone(policy):
        if not kept_out(policy, statement):
            actions = ", ".join(statement.actions())
            yield failed(f"The {thing}'s policy allows {actions} to anyone", who, statement.node, severity=severity)


def others_let_in(thing: str, policy: Node, estate: Estate) -> Iterator[Verdict]:
    """A failure for every account that a statement lets in, and that is neither this one nor trusted by its owners."""
    known = {estate.account, *estate.trusted_accounts}
    for statement in statements(policy):
        for account, where in _let_in(policy, statement) if statement.allows else ():
            if account not in known:
                actions = ", ".join(statement.actions())
                yield failed(f"The {thing}'s policy allows {actions} to account {account}", where, statement.node)


def _let_in(policy: Node, statement: Statement) -> Iterator[tuple[str, Node]]:
    """The accounts that a statement names: as principals, or as those to whom "*" is narrowed, by it or by a Deny."""
    yield from statement.accounts()
    if statement.anyone():
        yield from statement.accounts_of_conditions()
        if not statement.narrowed() and (deny := kept_out(policy, statement)):
            yield from Statement(deny).accounts_of_conditions()


def wants_tls(statement: Statement, everything: str) -> bool:
    """A Deny of everything (as "s3:*") to everyone, under the one condition that a request came without TLS."""
    if not statement.denies or statement.anyone() is None or statement.node["NotAction"].present:
        return False
    conditions = list(statement.conditions())
    return (
        statement.may(everything)  # matched as text: "s3:*" and wider
        and len(conditions) == 1
        and all(
            operator in ("bool", "boolifexists")
            and key == "aws:securetransport"
            and all(str(value.value).lower() == "false" for value in values)
            for operator, key, values in conditions
        )
    )
