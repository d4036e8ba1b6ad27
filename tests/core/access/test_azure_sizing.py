"""Roles by what was used: what goes, what stays, and what is said of it."""

import pytest

from scanners.access.azure.engine import AzureEngine
from scanners.access.explorer import Answer, Principal
from scanners.model import Gap, State
from scanners.model.estate import Estate
from tests.core.azure import ABOVE, HOME, KNOWN, ME, NOT_RIGHTS, OTHER, SHOP, TEAM, a_log, group, holds, may_hold, role
from tests.core.cases import NOW

WRITE, CONFIG = "microsoft.web/sites/write", "microsoft.web/sites/config/write"
VAULT = "Microsoft.KeyVault/vaults"
ACTIVITY = "Microsoft.Insights/eventtypes"


def sized(*around, gaps=None):
    return engine(*around, gaps=gaps).right_size(Principal(ME, ME, "service principal"))


def engine(*around, gaps=None):
    here = [*around, *KNOWN]
    return AzureEngine(Estate("111122223333", NOW, lambda kind: [r for r in here if r.kind == kind], gaps or {}))


def actions(found, at=0):
    return found.document["roles"][at]["permissions"][0]["actions"]


def test_what_was_written_stays_with_the_reads_and_the_rest_goes():
    found = sized(holds(ME, "Contributor"), a_log((ME, WRITE, SHOP), (ME, CONFIG, SHOP)))

    assert actions(found)[0] == "*/read"
    assert {"Microsoft.Web/sites/write", "Microsoft.Web/sites/config/write"} <= set(actions(found))
    assert found.document["roles"][0]["permissions"][0]["notActions"] == NOT_RIGHTS
    assert found.document["roles"][0]["assignableScopes"] == [HOME]
    assert found.document["assignments"] == [{"scope": HOME, "role": found.document["roles"][0]["roleName"]}]
    assert found.confidence == "medium"
    assert found.checked[1]
    assert found.before - found.after == found.removed > 100


def test_what_azure_checks_beside_a_write_stays_where_it_writes():
    writes = sized(holds(ME, "Contributor"), a_log((ME, WRITE, SHOP)))
    reads = sized(holds(ME, "Contributor", SHOP), a_log())

    assert "*/join/action" in actions(writes)
    assert reads.document == {"assignments": [{"scope": SHOP, "role": "Reader"}]}
    assert any("join, assign" in one for one in writes.unseen)


def test_who_only_reads_needs_the_role_reader():
    found = sized(holds(ME, "Owner"), a_log((OTHER, WRITE, SHOP)))

    assert found.document == {"assignments": [{"scope": HOME, "role": "Reader"}]}


def test_actions_on_data_stay_whole():
    mine = role("Mine", [f"{VAULT}/write", f"{VAULT}/read"], data={"dataActions": [f"{VAULT}/secrets/*"]})

    found = sized(mine, holds(ME, "Mine"), a_log())

    assert found.document["roles"][0]["permissions"] == [
        {"actions": [f"{VAULT}/read"], "notActions": [], "dataActions": [f"{VAULT}/secrets/*"], "notDataActions": []}
    ]
    assert {one for service in found.services for one in service.removed} == {f"{VAULT}/write"}


def test_a_role_of_which_nothing_is_left_is_assigned_no_more():
    found = sized(holds(ME, "Publisher"), a_log())

    assert (found.document, found.refused, found.checked) == (None, "", (found.removed, True))
    assert found.now == {"assignments": [{"scope": HOME, "role": "Publisher"}]}


def test_a_use_elsewhere_is_no_use_of_a_role_held_here():
    found = sized(holds(ME, "Contributor", SHOP), a_log((ME, WRITE, f"{HOME}/resourceGroups/shop-two")))

    assert found.document["assignments"][0]["role"] == "Reader"


def test_people_whom_the_log_names_otherwise_make_it_uncertain():
    found = sized(holds(ME, "Contributor"), a_log(("ada@fernhollow.example", WRITE, SHOP)))

    assert found.confidence == "low"
    assert any("1 people in the activity log" in one for one in found.unseen)


def test_on_one_resource_the_custom_role_may_be_assigned_in_its_group():
    site = f"{SHOP}/providers/Microsoft.Web/sites/it"

    found = sized(holds(ME, "Contributor", site), a_log((ME, WRITE, SHOP)))

    assert found.document["assignments"][0]["scope"] == site
    assert found.document["roles"][0]["assignableScopes"] == [SHOP]


@pytest.mark.parametrize(
    ("pattern", "kept"),
    [
        ("*", ["*/read"]),
        (f"{VAULT}/*", [f"{VAULT}/read", f"{VAULT}/*/read"]),
        ("Microsoft.KeyVault/*", ["Microsoft.KeyVault/*/read"]),
        (f"{VAULT}/secrets/read", [f"{VAULT}/secrets/read"]),
        ("*/Read", ["*/Read"]),
        (f"{VAULT}/secrets*", [f"{VAULT}/secrets*/read"]),
    ],
)
def test_of_a_pattern_the_reads_stay(pattern, kept):
    mine = role("Mine", [pattern, "Microsoft.Web/sites/write"])

    found = sized(mine, holds(ME, "Mine"), a_log())

    rows = found.document.get("roles") or [{"permissions": [{"actions": ["*/read"]}]}]
    assert rows[0]["permissions"][0]["actions"] == kept


@pytest.mark.parametrize(
    ("around", "words"),
    [
        ([holds(ME, "Contributor")], "too little of what it used is known"),
        ([holds(ME, "Contributor"), a_log(whole=("00-01", "01-07"))], "too little of what it used is known"),
        ([holds(ME, "Contributor", ABOVE), a_log()], "holds in other subscriptions as well"),
        ([holds(ME, "Unheard"), a_log()], "was not read, so it stays"),
    ],
)
def test_where_use_is_not_known_all_stays_and_it_says_why(around, words):
    found = sized(*around)

    assert (found.confidence, found.removed, found.before) == ("none", 0, found.after)
    assert any(words in one for one in found.unseen)


def test_a_log_that_was_refused_takes_nothing_away():
    gap = Gap("monitor.activity_logs.list", "x", State.DENIED, "AuthorizationFailed", "global")

    found = sized(holds(ME, "Contributor"), gaps={ACTIVITY: (gap,)})

    assert found.removed == 0
    assert any("AuthorizationFailed" in one for one in found.unseen)


def test_a_log_that_was_read_in_part_makes_it_uncertain():
    found = sized(holds(ME, "Contributor"), a_log((ME, WRITE, SHOP), whole=("00-01", "01-07", "07-30")))

    assert found.confidence == "low"
    assert any("known for 30 days back" in one for one in found.unseen)


def test_what_groups_give_and_what_may_be_activated_is_left():
    found = sized(
        holds(ME, "Contributor"), holds(TEAM, "Owner", kind="Group"), group(TEAM, ME), may_hold(ME, "Owner"), a_log()
    )

    assert found.document["assignments"] == [{"scope": HOME, "role": "Reader"}]
    assert any("through groups" in one for one in found.unseen)
    assert any("may activate" in one for one in found.unseen)
    assert found.checked == (found.removed, True)


def test_after_the_change_what_was_used_is_allowed_and_nothing_else_is_written():
    on = engine(holds(ME, "Contributor"), a_log((ME, WRITE, SHOP)))
    found = on.right_size(Principal(ME, ME, "service principal"))
    told = found.document["roles"][0]["permissions"][0]
    after = engine(role("New", told["actions"], told["notActions"]), holds(ME, "New"))

    def may(action):
        return after.decide(Principal(ME, ME, "service principal"), action, after.target(SHOP)).answer

    assert may("Microsoft.Web/sites/write") is Answer.ALLOWED
    assert may("Microsoft.Web/sites/read") is Answer.ALLOWED
    assert may("Microsoft.Web/sites/delete") is Answer.DENIED
    assert may("Microsoft.KeyVault/vaults/write") is Answer.DENIED
