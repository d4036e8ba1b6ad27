"""True of everything that is asked of Azure: held against Microsoft's own clients, and swept over the double."""

from __future__ import annotations

import ast
import importlib
import inspect
import re

import pytest

from posture.runtime.sample.azure import spec
from posture.runtime.sample.azure.estate import KINDS, SUBSCRIPTION, TENANT
from posture.runtime.sample.azure.mistakes import EXPECTED
from posture.runtime.sample.azure.server import sample_subscription
from posture.runtime.sample.azure.trim import calls
from scanners import scan
from scanners.access.azure.engine import AzureEngine
from scanners.access.explorer import Answer
from scanners.checks.registry import checks
from scanners.collectors.azure import account
from scanners.collectors.azure.authorization import SUBSCRIPTION_KIND
from scanners.collectors.azure.permissions import by_plane
from scanners.collectors.azure.routes import places, routes
from scanners.collectors.cloud import Caller
from scanners.collectors.door import Door
from scanners.collectors.registry import collectors
from scanners.model import Outcome, Provider, State
from scanners.model.estate import Estate
from tests.core.cases import NOW
from tests.house.sweep import worsened

CALLS = calls()
AZURE = Provider.AZURE
WHO = Caller(SUBSCRIPTION, "azure", account.SAMPLE_PRINCIPAL, AZURE)
QUERY, CHAIN = "resourcegraph.resources", "above"
FAMILY = {call.name for call in scan.relations(AZURE).CALLS}  # asked of a management group, and by no collector
OF_A_SUBSCRIPTION = sorted(CALLS.keys() - FAMILY)
FIRST_ROAD = {call.name for c in collectors(AZURE) for call in [*(o.call for o in c.over), *(p for _, p in c.calls())]}
ONE_SIDED = {
    "azure.iam.owner_count",
    "azure.entra.admin_mfa",
    "azure.monitor.activity_export",
}  # one subscription, once
ARM = {name: call for name, call in CALLS.items() if call.service not in ("graph", "resourcegraph")}


class Sweep:
    def __init__(self, cloud):
        self.cloud = cloud

    def collect(self, *faults, services=()):
        self.cloud.clear()
        self.cloud.faults(list(faults))
        transport = account.connect(account.Connection(SUBSCRIPTION, endpoint=self.cloud.endpoint))
        try:
            units = scan.plan((), services, provider=AZURE)
            return {one.unit: one for one in scan.collect(transport, WHO, units, Door(b"house test")) if one}
        finally:
            transport.close()
            self.cloud.faults([])


def estate_of(seen):
    of_kind, gaps = {}, {}
    for unit in seen.values():
        for resource in unit.resources:
            of_kind.setdefault(resource.kind, []).append(resource)
        gaps.update(unit.gaps)
    return Estate(SUBSCRIPTION, NOW, lambda kind: of_kind.get(kind, []), gaps)


def answers(seen):
    decided = scan.decide(estate_of(seen), provider=AZURE)
    return {(check.id, resource.ref, verdict.subject): verdict for resource, check, verdict in decided}


def refused(name, code="AuthorizationFailed", status=403, **more):
    service, _, operation = name.partition(".")
    told = {"code": code, "status": status, "message": "not yours", **more}
    return {"service": service, "operation": operation, "error": told}


@pytest.fixture(scope="module")
def sweep():
    with sample_subscription() as cloud:
        yield Sweep(cloud)


@pytest.fixture(scope="module")
def seen(sweep):
    return sweep.collect()


@pytest.fixture(scope="module")
def before(seen):
    return answers(seen)


@pytest.fixture(scope="module")
def direct(sweep):
    """The same subscription where Resource Graph is refused."""
    return sweep.collect(refused(QUERY))


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_call_is_one_that_microsofts_client_makes(call):
    route = routes()[call.name]

    given = set(call.params)
    assert given <= {*route.query, *(place.lstrip("+") for place in places(route.path))}
    assert route.version or route.plane == "graph"
    assert (route.verb == "GET") or call.operation.startswith(("web_apps.list_", "resources", "entities."))


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_what_is_taken_from_an_answer_is_part_of_it(call):
    told = spec.resolved(spec.answer_of(call.name))
    if call.service == "resourcegraph":
        assert call.items in told["properties"]
    elif call.items:
        assert spec.resolved(told["properties"][call.items])["type"] == "array"
    else:
        assert "value" not in told["properties"] or "nextLink" not in told["properties"]


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_listing_that_answers_in_pages_is_paged(call):
    fields = spec.resolved(spec.answer_of(call.name))["properties"]

    if {"nextLink", "@odata.nextLink", "$skipToken", "odataNextLink"} & fields.keys():
        assert routes()[call.name].paging


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_call_needs_a_permission_spelled_as_azure_spells_them(call):
    plane = r"Microsoft\.Graph/[A-Z]\w+(\.[A-Z]\w+)+"
    for needed in call.permissions:
        assert re.fullmatch(rf"{plane}|Microsoft\.[A-Za-z.]+(/[A-Za-z0-9]+)+/(read|action)", needed), needed


AUTHORIZATION = [name for name in ARM if name.startswith("authorization.")]


@pytest.mark.parametrize("name", AUTHORIZATION)
def test_roles_are_asked_as_the_installed_package_asks(name):
    _, group, method = name.split(".")
    version = routes()[name].version
    folder = f"azure.mgmt.authorization.v{version.replace('-', '_')}.operations._{group}_operations"
    made = getattr(importlib.import_module(folder), f"build_{method}_request")

    constants = {one.value for one in ast.walk(ast.parse(inspect.getsource(made))) if isinstance(one, ast.Constant)}

    assert {routes()[name].path.replace("{+", "{"), version, routes()[name].verb} <= constants


def test_the_permissions_of_the_scanner_follow_from_its_calls():
    wanted = scan.permissions(AZURE)
    planes = by_plane(wanted)

    assert "Microsoft.Web/sites/config/list/action" in planes.actions
    assert "Microsoft.Storage/storageAccounts/blobServices/containers/read" in planes.actions
    assert "Application.Read.All" in planes.app_roles
    assert [one for one in planes.actions if not one.endswith("/read")] == [
        "Microsoft.Management/getEntities/action",
        "Microsoft.Web/sites/config/list/action",
    ]
    assert not [one for one in planes.app_roles if "Write" in one]
    assert len(planes.actions) + len(planes.app_roles) == len(wanted)


def test_the_double_answers_every_call_on_one_road_or_the_other(seen, direct):
    states = {name: set() for name in OF_A_SUBSCRIPTION}
    for unit in (*seen.values(), *direct.values()):
        for name, cell in unit.cells.items():
            states[name] |= cell.counts.keys()

    assert {name for name, found in states.items() if State.READ not in found} == set()
    assert {name for name, found in states.items() if found - {State.READ, State.OTHER_ROAD}} == set()


def test_both_roads_lead_to_the_same_resources(seen, direct):
    for unit, one in seen.items():
        other = {(r.kind, r.ref): r for r in direct[unit].resources}
        assert {(r.kind, r.ref, r.name, r.region) for r in one.resources} == {
            (r.kind, r.ref, r.name, r.region) for r in other.values()
        }
        for resource in one.resources:
            assert other[resource.kind, resource.ref].documents == resource.documents


def test_the_other_road_is_told_of_and_hides_nothing(direct):
    unit = next(one for one in direct.values() if one.unit.service == "web")

    assert unit.cells[QUERY].state is State.OTHER_ROAD
    assert unit.cells[QUERY].gap.code == "AuthorizationFailed"
    assert "web.web_apps.list" in unit.cells[QUERY].gap.message
    assert unit.gaps == {}


def test_with_both_roads_refused_both_are_named(sweep):
    (unit,) = sweep.collect(refused(QUERY), refused("storage.storage_accounts.list"), services=["storage"]).values()

    assert {gap.call for gap in unit.gaps["Microsoft.Storage/storageAccounts"]} == {
        QUERY,
        "storage.storage_accounts.list",
    }
    assert unit.listed == frozenset()


def test_rows_that_a_query_would_leave_out_are_asked_for_by_name(sweep):
    """A principal that may read in part of the subscription is shown that part, without a word about the rest."""
    sweep.cloud.clear()
    transport = account.connect(account.Connection(SUBSCRIPTION, endpoint=sweep.cloud.endpoint))
    transport.principal = lambda: "5ca11e50-0000-4000-8000-00000000ffff"
    try:
        units = scan.plan((), ["storage"], provider=AZURE)
        (unit,) = [one for one in scan.collect(transport, WHO, units, Door(b"x")) if one]
    finally:
        transport.close()

    assert unit.cells[QUERY].gap.code == "RowsHidden"
    assert unit.cells[QUERY].state is State.OTHER_ROAD
    assert len(unit.resources) == 3


def test_where_our_own_roles_are_not_told_a_query_is_not_trusted(sweep):
    unread = refused("authorization.role_assignments.list_for_subscription")

    (unit,) = sweep.collect(unread, services=["storage"]).values()

    assert unit.cells[QUERY].state is State.OTHER_ROAD
    assert len(unit.resources) == 3


def test_no_question_is_asked_twice(sweep):
    sweep.collect()
    asked = [(c["service"], c["operation"], c["params"]) for c in sweep.cloud.calls()]
    own = {  # of ourselves, and of groups in Graph
        "role_assignments.list_for_subscription",
        "role_definitions.list",
        "role_eligibility_schedule_instances.list_for_scope",
    }

    assert sorted({one for one in asked if asked.count(one) > 1 and one[1] not in own}) == []


def test_two_looks_at_an_unchanged_subscription_see_the_same(sweep, seen):
    again = sweep.collect()

    for unit, one in seen.items():
        assert {r.ref: r.documents for r in one.resources} == {r.ref: r.documents for r in again[unit].resources}


def test_no_value_of_a_setting_is_kept(seen):
    from posture.runtime.sample.azure.shop.sites import PARTNER_KEY

    kept = repr([r.documents for unit in seen.values() for r in unit.resources])

    assert PARTNER_KEY not in kept
    assert "Gr33nhouse" not in kept
    assert "PARTNER_API_KEY" in kept


def test_every_check_fails_and_passes_something_in_the_sample_subscription(before):
    outcomes = {}
    for (check, _, _), verdict in before.items():
        outcomes.setdefault(check, set()).add(verdict.outcome)

    assert outcomes.keys() == {check for check in checks() if check.startswith("azure.")}
    assert {check for check, found in outcomes.items() if Outcome.UNKNOWN in found} == set()
    one_sided = {check for check, found in outcomes.items() if not {Outcome.FAIL, Outcome.PASS} <= found}
    assert one_sided <= ONE_SIDED


@pytest.mark.parametrize("check", EXPECTED)
def test_planted_mistakes_are_found_and_sound_things_are_not_accused(check, seen, before):
    names = {resource.ref: resource.name for unit in seen.values() for resource in unit.resources}
    failing = {
        name
        for (found, ref, subject), verdict in before.items()
        if found == check and verdict.outcome is Outcome.FAIL
        for name in (names[ref], subject)
    }

    assert failing & set(names.values()) == EXPECTED[check].fails
    assert not EXPECTED[check].passes & failing


def test_every_planted_mistake_has_its_check():
    assert EXPECTED.keys() == {check for check in checks() if check.startswith("azure.")}


@pytest.mark.parametrize("name", OF_A_SUBSCRIPTION)
def test_a_refused_call_is_a_gap_and_changes_no_verdict_but_to_unknown(sweep, seen, direct, before, name):
    second = name not in FIRST_ROAD
    services = {c.unit_service for c in collectors(AZURE) if any(one.name == name for one in c.every_call())}
    faults = [refused(QUERY)] if second else []
    blind = sweep.collect(*faults, refused(name), services=services)
    states = {unit.cells[name].state for unit in blind.values() if name in unit.cells}

    wanted = State.OTHER_ROAD if name == QUERY else State.DENIED
    assert states <= {wanted, State.READ}
    assert wanted in states
    after = answers({**seen, **blind})
    assert worsened(before, after) == []


def test_some_verdict_rests_on_every_call(sweep, seen, before):
    resting = set()
    for name in OF_A_SUBSCRIPTION:
        services = {c.unit_service for c in collectors(AZURE) if any(one.name == name for one in c.every_call())}
        blind = sweep.collect(refused(QUERY), refused(name), services=services)
        after = answers({**seen, **blind})
        if before.keys() - after.keys() or any(v.outcome is Outcome.UNKNOWN for v in after.values()):
            resting.add(name)

    assert set(OF_A_SUBSCRIPTION) - resting == READ_FOR_ACCESS


READ_FOR_ACCESS = {  # what the access engine and the pages read, and no check of tier 1
    QUERY,  # the other road was taken
    "authorization.deny_assignments.list",
    "authorization.role_eligibility_schedule_instances.list_for_scope",
    "graph.applications.owners.list",
    "graph.role_management.directory.role_definitions.list",
    "graph.role_management.directory.role_eligibility_schedule_instances.list",
    "graph.service_principals.owners.list",
    "managementgroups.entities.list",
    "msi.federated_identity_credentials.list",
    "msi.user_assigned_identities.list_by_subscription",
    "cdn.afd_endpoints.list_by_profile",
    "cdn.afd_origin_groups.list_by_profile",
    "cdn.afd_origins.list_by_origin_group",
    "eventgrid.system_topic_event_subscriptions.list_by_system_topic",
    "eventgrid.system_topics.list_by_subscription",
    "graph.reports.authentication_methods.user_registration_details.list",  # no policy asks for a second factor here
}


def test_what_stands_above_the_subscription_is_known_or_a_gap(sweep, seen, direct):
    blind = sweep.collect(refused(QUERY), refused("managementgroups.entities.list"), services=["subscription"])
    known, other, unknown = (AzureEngine(estate_of(one)).standing.above for one in (seen, direct, blind))
    (row,) = [r for unit in blind.values() for r in unit.resources if r.kind == SUBSCRIPTION_KIND]

    assert [one.rpartition("/")[2] for one in known] == ["fernhollow-shops", "fernhollow", TENANT]
    assert other == known
    assert unknown == ()
    assert "AuthorizationFailed" in {gap.code for gap in row.gaps[CHAIN]}


def test_the_engine_knows_who_is_there_and_who_is_master(seen):
    engine = AzureEngine(estate_of(seen))

    found = engine.who_can("Microsoft.Authorization/roleAssignments/write", engine.target("Fernhollow-shop"))

    assert engine.gaps == ()
    assert {row.who.name.partition("@")[0] for row in found.rows} == {"ada", "grace", "barbara", "linus"}
    radia = engine.principal("radia")
    assert engine.decide(radia, "Microsoft.Web/sites/write", engine.target("fernhollow-orders")).possible
    assert engine.decide(radia, "microsoft.directory/users/password/update", engine.target("*")).via
    assert engine.principal("fernhollow-deploys").kind == "user-assigned identity"
    grace = engine.decide(engine.principal("grace"), ADD_SECRET, engine.target("shop-web"))
    assert grace.condition == "the eligible directory role Application Administrator is activated"


ADD_SECRET = "microsoft.directory/applications/credentials/update"
QUESTIONS = [
    ("Microsoft.Web/sites/write", "fernhollow-orders"),
    ("Microsoft.Authorization/roleAssignments/write", "*"),
    ("Microsoft.KeyVault/vaults/secrets/getSecret/action", "fernhollow-vault"),
    (ADD_SECRET, "shop-web"),
    ("microsoft.directory/servicePrincipals/credentials/update", "*"),
    ("Application.ReadWrite.All", "*"),
]


def decided(engine, people, targets):
    return {
        (who.ref, action): engine.decide(who, action, target)
        for who in people
        for (action, _), target in zip(QUESTIONS, targets, strict=True)
    }


@pytest.mark.parametrize("name", sorted(name for name in CALLS if name.startswith(("authorization.", "graph."))))
def test_a_refused_call_denies_nobody_and_allows_nobody_anything_new(sweep, seen, name):
    whole = AzureEngine(estate_of(seen))
    people, targets = whole.principals(), [whole.target(ref) for _, ref in QUESTIONS]
    services = {c.unit_service for c in collectors(AZURE) if any(one.name == name for one in c.every_call())}

    blind = AzureEngine(estate_of({**seen, **sweep.collect(refused(name), services=services)}))

    before, after = decided(whole, people, targets), decided(blind, people, targets)
    changed = {key: one for key, one in after.items() if one.answer is not before[key].answer}
    assert {one.answer for one in changed.values()} <= {Answer.UNKNOWN}
    assert all(one.unknown_because for one in changed.values())


def test_a_provider_that_is_not_registered_is_neither_empty_nor_denied(sweep):
    off = refused("containerregistry.registries.list", "MissingSubscriptionRegistration", 409)

    (unit,) = sweep.collect(refused(QUERY), off, services=["containerregistry"]).values()

    assert unit.cells["containerregistry.registries.list"].state is State.NOT_OPTED_IN
    assert unit.listed == frozenset()


def test_a_throttled_query_is_asked_again(sweep):
    slow = refused(QUERY, "RateLimiting", 429, retry_after=0.01)

    (unit,) = sweep.collect({**slow, "times": 3}, services=["storage"]).values()

    assert unit.tally.throttled == 3
    assert unit.cells[QUERY].state is State.READ


@pytest.mark.parametrize("fault", [{"truncate": True}, {"html": True}, {"reset": True}])
def test_a_bad_road_is_survived(sweep, fault):
    (unit,) = sweep.collect({"service": "resourcegraph", **fault, "times": 2}, services=["storage"]).values()

    assert unit.gaps == {}
    assert len(unit.resources) == 3


def test_every_route_is_of_a_call_that_is_made():
    assert routes().keys() == CALLS.keys()


def test_every_kind_of_the_double_is_collected():
    assert set(KINDS.values()) <= {collector.kind for collector in collectors(AZURE)}
