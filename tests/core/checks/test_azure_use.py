"""Assignments that nobody uses."""

from tests.core.azure import ABOVE, HOME, ME, OTHER, SHOP, TEAM, a_log, case, group, holds, role
from tests.core.cases import Cases

WRITE = "microsoft.web/sites/write"
OLD, NEW = "2025-04-01T09:00:00Z", "2026-10-01T09:00:00Z"
CONTAINERS = "Microsoft.Storage/storageAccounts/blobServices/containers"
BLOBS = role("Blobs", [f"{CONTAINERS}/write"], data={"dataActions": [f"{CONTAINERS}/blobs/write"]})


def held(name="Contributor", scope=HOME, *around, log=None, made=OLD, **more):
    return case(holds(ME, name, scope, createdOn=made, **more), a_log() if log is None else log, *around)


def team(*members, log):
    return case(holds(TEAM, "Contributor", kind="Group", createdOn=OLD), group(TEAM, *members), log)


CASES = {
    "azure.iam.unused_assignment": Cases(
        fails=(
            held(),
            held(made=None),
            held(log=a_log((OTHER, WRITE, HOME))),
            held(log=a_log((ME, "microsoft.authorization/roleassignments/write", HOME))),
            held("Publisher", log=a_log((ME, WRITE, HOME))),
            held(scope=SHOP, log=a_log((ME, WRITE, f"{HOME}/resourceGroups/shop-two"))),
            team("m1", "m2", log=a_log((OTHER, WRITE, HOME))),
            team(log=a_log()),
        ),
        passes=(
            held(log=a_log((ME, WRITE, HOME))),
            held(scope=SHOP, log=a_log((ME, WRITE, SHOP.upper()))),
            held(scope=f"{SHOP}/providers/Microsoft.Web/sites/it", log=a_log((ME, WRITE, SHOP))),
            held(log=a_log((ME, WRITE, SHOP), whole=("00-01",))),
            team("m1", "m2", log=a_log(("m2", WRITE, SHOP))),
        ),
        neutral=(
            held("Reader"),
            held(scope=ABOVE),
            held(scope="/"),
            held(made=NEW),
            held("Blobs", HOME, BLOBS),
            held(principalType="ForeignGroup"),
        ),
        unknown=(
            held(log=a_log(whole=("00-01", "01-07"))),
            held(log=a_log(whole=("00-01", "07-30", "30-60", "60-89"))),
            held("Unheard"),
        ),
    ),
}  # fmt: skip
