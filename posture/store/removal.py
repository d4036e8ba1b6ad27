"""An account leaves with everything that is known of it.

Whole sets at a time: Django's own cascade would load every finding and version into memory first.
"""

from __future__ import annotations

from django.db import transaction

from posture.models import Account, FindingState
from posture.store.copy import execute

# Children first.  What the table does not name falls with the account itself, row by row.
_GONE = (
    "DELETE FROM posture_findingstate WHERE account_id = %(account)s",
    "DELETE FROM posture_finding WHERE account_id = %(account)s",
    "DELETE FROM posture_tally WHERE account_id = %(account)s",
    "DELETE FROM posture_accessversion WHERE account_id = %(account)s",
    "DELETE FROM posture_accessgrant WHERE account_id = %(account)s",
    "DELETE FROM posture_resourceversion v USING posture_resource r WHERE r.id = v.resource_id"
    " AND r.account_id = %(account)s",
    "DELETE FROM posture_resource WHERE account_id = %(account)s",
    "DELETE FROM posture_coveragecell WHERE account_id = %(account)s",
    "DELETE FROM posture_stagedresource g USING posture_unit u, posture_scan s WHERE u.id = g.unit_id"
    " AND s.id = u.scan_id AND s.account_id = %(account)s",
    "DELETE FROM posture_unit u USING posture_scan s WHERE s.id = u.scan_id AND s.account_id = %(account)s",
    "DELETE FROM posture_scope WHERE account_id = %(account)s",
)
# Sentences and settings that no other account's findings rest on.
_PROOFS = """
    DELETE FROM posture_proof p WHERE id = ANY(%(proofs)s)
    AND NOT EXISTS (SELECT FROM posture_finding f WHERE f.proof_id = p.id)
    AND NOT EXISTS (SELECT FROM posture_findingstate s WHERE s.proof_id = p.id)
"""


def remove(account: Account) -> None:
    """All or nothing.  A scan of it that is running finds nothing left to write to, and stops."""
    with transaction.atomic():
        held = Account.objects.select_for_update().filter(pk=account.pk).first()
        if held is None:
            return
        proofs = list(FindingState.objects.filter(account=held).values_list("proof_id", flat=True).distinct())
        for statement in _GONE:
            execute(statement, {"account": held.pk})
        execute(_PROOFS, {"proofs": proofs})
        held.delete()
