"""The accounts of an organisation, as the account that manages it (or one that it delegated this to) lists them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from scanners.collectors.aws.account import Caller, caller, once
from scanners.collectors.aws.organizations import ACCOUNTS
from scanners.collectors.aws.transport import Transport
from scanners.collectors.family import Family, Member, odd, whole

CALLS = (ACCOUNTS,)
PAGES = 5_000  # of at most 20 accounts: many times the largest quota
# "Account", AWS Organizations API Reference, 2026: the management account's id, the organisation's, the account's own.
ARN = re.compile(r"arn:[a-z-]+:organizations::([0-9]{12}):account/(o-[a-z0-9]{10,32})/([0-9]{12})")


def family(transport: Transport) -> Family:
    """Raises Refusal, also for a list that broke off or was not understood: part of a family is no family."""
    who = caller(transport)
    found = [_read(item) for item in _listed(transport, who)]
    organisations = {of for of, _ in found}
    if len(organisations) != 1:
        raise odd("its accounts are of several organisations" if organisations else "it names no account")
    management, ref = organisations.pop()
    return Family(ref, whole(member for _, member in found), who, management)


def _listed(transport: Transport, who: Caller) -> Iterator[Any]:
    params: dict[str, str] = {}
    seen: set[str] = set()
    for _ in range(PAGES):
        page = once(transport, ACCOUNTS, "global", who.account, who.partition, params)
        if not isinstance(page.get("Accounts"), list):
            raise odd("it has no list")
        yield from page["Accounts"]
        token = page.get("NextToken")
        if not token:
            return
        if token in seen:
            raise odd("it sends the same page token twice")
        seen.add(token)
        params = {"NextToken": token}
    raise odd("it has no end")


def _read(item: Any) -> tuple[tuple[str, str], Member]:
    """((management account, organisation), member).  Status is what State was called until September 2026."""
    arn, state = ARN.fullmatch(str(item.get("Arn"))), item.get("State") or item.get("Status")
    if not arn or not state or item.get("Id") != arn[3]:
        raise odd("an account in it has no id or no state")
    return (arn[1], arn[2]), Member(arn[3], str(item.get("Name") or arn[3])[:200], str(state))
