"""Who is master of a subscription."""

from tests.core.azure import (
    ABOVE,
    EVERYWHERE,
    ME,
    SHOP,
    TEAM,
    case,
    denies,
    group,
    holds,
    principal,
    role,
    subscription,
)
from tests.core.cases import Cases

PEOPLE = ("p1", "p2", "p3", "p4")


def owners(*who, name="Owner", around=(), **more):
    return case(subscription(), *(holds(one, name, kind="User", **more) for one in who), *around)


def custom(actions, less=None, kind="CustomRole", **more):
    return case(role("Mine", actions, less, kind, **more))


def robot(*around, **more):
    return case(principal(**more), *around)


CASES = {
    "azure.iam.owner_count": Cases(
        fails=(
            owners(*PEOPLE),
            owners(),
            owners(*PEOPLE, scope=ABOVE),
            owners(*PEOPLE, scope="/"),
            owners("p1", "p2", around=(holds(TEAM, "Owner", kind="Group"), group(TEAM, "p3", "p4"))),
            owners(*PEOPLE, name="Own", around=(role("Own", ["*"], ["Microsoft.Billing/*"], "CustomRole"),)),
            owners("p1", name="Reader"),
        ),
        passes=(
            owners("p1"),
            owners("p1", "p2", "p3"),
            owners("p1", "p1", around=(holds("p1", "Owner", ABOVE, "User"),)),
            owners("p1", around=(holds(TEAM, "Owner", kind="Group"), group(TEAM, "p1", "p2"))),
            owners("p1", around=tuple(holds(one, "Contributor", kind="User") for one in PEOPLE)),
            owners("p1", around=tuple(holds(one, "Owner", SHOP, "User") for one in PEOPLE)),
        ),
    ),
    "azure.iam.custom_owner": Cases(
        fails=(
            custom(["*"]),
            custom(["Microsoft.Authorization/*"]),
            custom(["microsoft.authorization/roleassignments/WRITE"]),
            custom(["*"], assignableScopes=["/"]),
            custom(["*"], assignableScopes=[ABOVE]),
            custom(["*"], ["Microsoft.Authorization/*/Write"]),
        ),
        passes=(
            custom(["Microsoft.Web/sites/read"]),
            custom(["*/read"]),
            custom(["*"], assignableScopes=[SHOP]),
            custom(["Microsoft.Authorization/*"], ["Microsoft.Authorization/*"]),
        ),
    ),
    "azure.iam.sp_privileged": Cases(
        fails=(
            robot(holds(ME, "Owner")),
            robot(holds(ME, "Contributor", ABOVE)),
            robot(holds(ME, "Administrator")),
            robot(holds(TEAM, "Contributor", kind="Group"), group(TEAM, ME)),
            robot(holds(ME, "Contributor"), denies(EVERYWHERE, "*", scope=SHOP)),
        ),
        passes=(
            robot(holds(ME, "Reader")),
            robot(holds(ME, "Contributor", SHOP)),
            robot(),
            robot(holds(ME, "Contributor"), denies(EVERYWHERE, "*")),
        ),
        neutral=(robot(holds(ME, "Owner"), accountEnabled=False),),
    ),
}
