"""The sample estate: what stands in the account of Fernhollow, a fictional shop, and in which order it was built."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from posture.runtime.sample.emulator.moto_setup import roll_dice_from
from posture.runtime.sample.shop import (
    builds,
    family,
    functions,
    gateways,
    keys,
    messages,
    network,
    people,
    platform,
    storage,
    streams,
    trails,
    watch,
)
from posture.runtime.sample.shop.account import Account

SEED = 424242


def seed(endpoint: str, *, founded: date | None = None, inside: Any = None) -> None:
    """Build the estate through the SDK. `founded`: the day its past is counted back from (today when not given).

    `inside`: the emulator's `Inside`, when it runs in this process. Two estates founded on one day are equal, byte for
    byte, if nothing else asks the emulator meanwhile.
    """
    roll_dice_from(SEED)
    account = Account(endpoint, founded or datetime.now(UTC).date(), inside=inside)
    organisation, relative = family.build(account)
    people.build(account, organisation)
    key_arns = keys.build_keys(account)
    keys.build_secrets(account, key_arns)
    storage.build_buckets(account, key_arns)  # before the networks: their flow logs go there
    storage.build_access_points(account)
    ids = network.build(account)
    storage.build_files(account, ids)
    storage.build_disks(account)
    messages.build_queues(account, key_arns)
    messages.build_topics(account, key_arns)
    storage.build_tables(account, key_arns)
    functions.build(account, ids, relative, key_arns)
    keys.build_rotation(account)
    gateways.build(account, ids)
    trails.build(account, key_arns)
    platform.build(account, ids)
    watch.build(account)
    builds.build(account)
    streams.build(account)
