"""Organizations: paths of accounts and units, and who may ask: moto tells everything to everybody."""

from __future__ import annotations

from typing import Any

from moto.organizations.models import OrganizationsBackend, organizations_backends

from posture.runtime.sample.emulator.answers.kinds import Answer, MotoSays
from posture.runtime.sample.emulator.wire import Call, Refused

ALONE = Refused("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
DENIED = Refused("AccessDeniedException", "You don't have permissions to access this resource.")


def for_the_chief(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    chief(call)
    return moto_says()


def chief(call: Call) -> OrganizationsBackend:
    """The backend of whoever asks, when that is a management account; raises Refused for all others."""
    backend = organizations_backends[call.account]["aws"]
    if backend.org is None:
        raise DENIED if call.account in organizations_backends.master_accounts else ALONE
    return backend


def accounts(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    backend = chief(call)
    answer = moto_says()
    for row in answer["Accounts"]:
        row["Paths"] = [f"{path(backend, backend.get_account_by_id(row['Id']).parent_id)}{row['Id']}/"]
    return answer


def units(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    backend = chief(call)
    answer = moto_says()
    for row in answer["OrganizationalUnits"]:
        row["Path"] = path(backend, row["Id"])
    return answer


def path(backend: OrganizationsBackend, unit: str) -> str:
    """ "o-abcdefghij/r-ab12/ou-ab12-11111111/"."""
    steps: list[str] = []
    while unit:
        steps.insert(0, unit)
        unit = backend.get_organizational_unit_by_id(unit).parent_id or ""
    return "/".join([str(backend.org.id) if backend.org else "", *steps, ""])


ANSWERS: dict[tuple[str, str], Answer] = {
    ("organizations", "ListAccounts"): accounts,
    ("organizations", "ListOrganizationalUnitsForParent"): units,
    **{
        ("organizations", operation): for_the_chief
        for operation in ("ListRoots", "ListParents", "ListPolicies", "DescribePolicy", "ListTargetsForPolicy")
    },
}
