"""Effective access of every principal, as of a scan: worked out at publication, written where it changed."""

from __future__ import annotations

import zlib
from datetime import datetime

import msgspec

from posture.models import AccessGrant, AccessVersion, Account, ActionCatalogue, Resource
from posture.store.copy import copy_into, execute
from scanners.access.aws import catalogue
from scanners.graph.effects import Keeper, Kept, catalogue_digest
from scanners.graph.standing import view
from scanners.model import Provider
from scanners.model.estate import Estate

KINDS = ("AWS::Account", "AWS::IAM::Role", "AWS::IAM::User")
_json = msgspec.json.Encoder(order="sorted")
# Only what is proven gone is closed: of a principal that a refused listing hides, the last that was known stands.
_CLOSE_GONE = """
    UPDATE posture_accessversion a SET until_at = %(at)s
    FROM posture_resource r
    WHERE a.account_id = %(account)s AND a.until_at IS NULL AND r.id = a.resource_id AND r.gone_at IS NOT NULL
"""
_CLOSE = "UPDATE posture_accessversion SET until_at = %s WHERE until_at IS NULL AND resource_id = ANY(%s)"


def apply(account: Account, estate: Estate, at: datetime) -> int:
    """Inside the publication, after the inventory.  Answers how many rows are new."""
    if account.provider != Provider.AWS:
        return 0
    execute(_CLOSE_GONE, {"at": at, "account": account.pk})
    here = Resource.objects.filter(account=account, kind__in=KINDS, gone_at=None).values_list("ref", "id")
    ids = dict(here)
    known = dict(AccessVersion.objects.filter(account=account, until_at=None).values_list("resource_id", "digest"))
    keeper = Keeper()
    kept = [(ids[arn], keeper.keep(one)) for arn, one in view(estate).standings.items() if arn in ids]
    changed = [(pk, one) for pk, one in kept if pk not in known or bytes(known[pk]) != one.digest]
    if changed:
        _write(account, changed, keeper, at)
    return len(changed)


def _write(account: Account, changed: list[tuple[int, Kept]], keeper: Keeper, at: datetime) -> None:
    spoken = {bytes.fromhex(place["grant"]) for _, one in changed for place in one.stands}
    there = AccessGrant.objects.filter(account=account, digest__in=spoken).values_list("digest", flat=True)
    grants = sorted(spoken - {bytes(digest) for digest in there})
    rows = ((account.pk, digest, _json.encode(keeper.grants[digest]).decode()) for digest in grants)
    copy_into("posture_accessgrant", ("account_id", "digest", "body"), rows)
    execute(_CLOSE, [at, [pk for pk, _ in changed]])
    book = _catalogue()
    columns = (
        "resource_id",
        "account_id",
        "since_at",
        "digest",
        "catalogue_id",
        "sure",
        "possible",
        "stands",
        "doubts",
    )
    lines = (
        (pk, account.pk, at, one.digest, book, one.sure, one.possible, _packed(one), _json.encode(one.doubts).decode())
        for pk, one in changed
    )
    copy_into("posture_accessversion", columns, lines)


def _packed(one: Kept) -> bytes:
    return zlib.compress(_json.encode(one.stands))


def _catalogue() -> int:
    """The id of the catalogue of this version; written by whoever comes first."""
    names = zlib.compress("\n".join(catalogue().names).encode(), 9)
    book, _ = ActionCatalogue.objects.get_or_create(digest=catalogue_digest(), defaults={"names": names})
    return int(book.pk)
