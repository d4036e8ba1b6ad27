"""The building site: the account's clients, and what stands there already, to be pointed at by what comes later."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from posture.management.benchmarks.scan.design import Item
from posture.runtime.sample.emulator import ACCOUNT
from posture.runtime.sample.shop.account import Account

AGE = 30  # days; what stands is neither new nor old


class Site:
    def __init__(self, account: Account) -> None:
        self._account = account
        self.ids: dict[tuple[str, str], str] = {}  # (kind, name) → its id
        self._standing: dict[tuple[str, str], list[str]] = defaultdict(list)  # (kind, region) → ids

    def client(self, service: str, item: Item) -> Any:
        return self._account.client(service, item.region)

    def stands(self, item: Item, id: str) -> None:
        self.ids[item.kind, item.name] = id
        self._standing[item.kind, item.region].append(id)

    def one(self, kind: str, item: Item) -> str:
        """The id of something of that kind in the item's region.  Raises IndexError where there is none yet."""
        standing = self._standing[kind, item.region]
        return standing[item.number % max(1, len(standing))]

    def some(self, kind: str, item: Item, within: str = "") -> str | None:
        """Like `one`, or nothing; `within`: only of those whose id ends so."""
        standing = [id for id in self._standing[kind, item.region] if id.endswith(within)]
        return standing[item.number % len(standing)] if standing else None


def arn(service: str, item: Item, rest: str) -> str:
    return f"arn:aws:{service}:{item.region}:{ACCOUNT}:{rest}"


def role(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"
