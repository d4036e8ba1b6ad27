"""What only the account that manages an organisation is told, lent to the estates of its members.

A member's scan says of these kinds that they are told elsewhere.  Where the management account is connected, what its
own last scan saw stands in their place, gaps and all; which account that is, AWS told the member.  Who may see an
account may see what binds it, the names of its organisation's policies among that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from posture.models import Account
from scanners.model import Gap, Resource, State, Unread
from scanners.model.estate import NOT_SCANNED

ORGANISATION = "AWS::Organizations::Organization"
Gaps = Mapping[str, tuple[Gap, ...]]
Load = Callable[[str], Iterable[Resource]]


def lent(
    account: Account, gaps: Gaps, load: Load, told_to: Callable[[Account], tuple[Gaps, Load]]
) -> tuple[Gaps, Load]:
    """The account's gaps and loader, with what its management account knows.  `told_to` gives that one's own."""
    wanted = {
        kind for kind, missing in gaps.items() if missing and all(gap.state == State.ELSEWHERE for gap in missing)
    }
    chief = _chief(account, load) if wanted else None
    if chief is None:
        return gaps, load
    theirs, show = told_to(chief)
    own = {kind: missing for kind, missing in gaps.items() if kind not in wanted}
    lack = {kind: tuple(map(_of_the_chief, theirs[kind])) for kind in wanted & theirs.keys()}
    return {**own, **lack}, lambda kind: show(kind) if kind in wanted else load(kind)


def _chief(account: Account, load: Load) -> Account | None:
    for organisation in load(ORGANISATION):
        try:
            ref = organisation["DescribeOrganization"].need("MasterAccountId").text()
        except Unread:
            continue
        there = Account.objects.filter(provider=account.provider, ref=ref, sample=account.sample, left_at=None)
        return there.exclude(pk=account.pk).first()
    return None


def _of_the_chief(gap: Gap) -> Gap:
    if gap.code != NOT_SCANNED:
        return gap
    return replace(gap, state=State.ELSEWHERE, message="the management account has not been scanned")
