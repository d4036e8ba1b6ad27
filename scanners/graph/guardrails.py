"""What binds an account from above: the policies of its organisation by level, root first.

Source: "How SCP evaluation works", "Resource control policies" (AWS Organizations user guide), read 2026-11: every
level from the root to the account must allow; the management account is bound by none of them; where a type of policy
is not enabled there is nothing attached anywhere, and nothing binds.
Limit: an account that may not ask its organisation knows only that it belongs to one.
"""

from __future__ import annotations

from dataclasses import dataclass

from scanners.access.aws.levels import ACCOUNT, ORGANISATION, attached, levels
from scanners.access.explorer import Written
from scanners.model import Gap, Node, Resource, State, Unread
from scanners.model.estate import Estate

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"


Levels = tuple[tuple[Written, ...], ...]


@dataclass(frozen=True, slots=True)
class GuardRails:
    """`unread` names why the levels are not known; they are then empty."""

    organisation: str | None = None  # its id; None: there is none, or nobody knows
    path: str | None = None  # as aws:PrincipalOrgPaths has it
    management: bool = False
    scps: Levels = ()
    rcps: Levels = ()
    unread: tuple[str, ...] = ()
    alone: bool = False  # proven to belong to no organisation


def guard_rails(estate: Estate) -> GuardRails:
    """Never raises: what was not read is said in `unread`."""
    try:
        found = next(iter(estate.all(ORGANISATION)), None)
    except Unread as gaps:
        return GuardRails(unread=because(gaps))
    if found is None:
        return GuardRails(alone=True)
    try:
        return _within(estate, found["DescribeOrganization"])
    except Unread as gaps:
        return GuardRails(organisation=found.name, unread=because(gaps))


def _within(estate: Estate, said: Node) -> GuardRails:
    organisation = said.need("Id").text()
    if said.need("MasterAccountId").value == estate.account:
        return GuardRails(organisation, management=True)
    if said.need("FeatureSet").value != "ALL":
        return GuardRails(organisation)
    steps = levels(_account(estate), estate)
    path = "/".join((organisation, *steps[:-1], ""))
    return GuardRails(organisation, path, scps=_levels(SCP, steps, estate), rcps=_levels(RCP, steps, estate))


def _account(estate: Estate) -> Resource:
    for one in estate.all(ACCOUNT):
        if one["ListAccounts"].need("Id").value == estate.account:
            return one
    call = "organizations.ListAccounts"
    raise Unread(Gap(call, call.replace(".", ":"), State.SKIPPED, "AccountNotListed", "global"))


def _levels(kind: str, steps: tuple[str, ...], estate: Estate) -> Levels:
    found: dict[str, list[Written]] = {step: [] for step in steps}
    enabled = False
    for policy, target in attached(kind, estate):
        enabled = True
        place = target.need("TargetId").text()
        if place in found:
            said = policy["DescribePolicy"].need("Content")
            found[place].append(Written(policy.name, said.value, policy.ref, said.pointer, place))
    return tuple(tuple(found[step]) for step in steps) if enabled else ()


def because(unread: Unread) -> tuple[str, ...]:
    """One sentence a gap, none twice."""
    return tuple(dict.fromkeys(f"{gap.call} was not read ({gap.code})" for gap in unread.gaps))
