"""What policies on resources have in common: the sentences on those they let in from outside."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.aws.statements import kept_out, open_to_anyone, statements
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
        for account, where in statement.accounts() if statement.allows else ():
            if account not in known:
                actions = ", ".join(statement.actions())
                yield failed(f"The {thing}'s policy allows {actions} to account {account}", where, statement.node)
