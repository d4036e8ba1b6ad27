"""True of everything that is asked of Google Cloud: held against the discovery documents, and swept over the double."""

from __future__ import annotations

import re

import pytest

from posture.runtime.sample.gcp import spec
from posture.runtime.sample.gcp.mistakes import EXPECTED
from posture.runtime.sample.gcp.server import sample_project
from posture.runtime.sample.gcp.trim import calls
from scanners import scan
from scanners.checks.registry import checks
from scanners.collectors.cloud import Caller
from scanners.collectors.door import Door
from scanners.collectors.gcp import account
from scanners.collectors.gcp.routes import places, routes
from scanners.collectors.registry import collectors
from scanners.model import Outcome, Provider, State
from scanners.model.estate import Estate
from tests.core.cases import NOW
from tests.house.sweep import worsened

CALLS = calls()
GCP = Provider.GCP
WHO = Caller("fernhollow-shop", "gcp", "", GCP)
INVENTORY = ("assets.listResource", "assets.listIamPolicy", "searchAllResources")
COLLECTED = {call.name for collector in collectors(GCP) for call in collector.every_call()}
FAMILY = {call.name for call in scan.relations(GCP).CALLS} - COLLECTED  # asked of an organisation alone
OF_A_PROJECT = {name: call for name, call in CALLS.items() if name not in FAMILY}
FIRST_ROAD = {call.name for c in collectors(GCP) for _, call in c.calls()}
ONE_SIDED = {  # one project can only pass or fail
    "gcp.iam.unused_permissions", "gcp.logging.audit_config", "gcp.logging.sink", "gcp.essential_contacts",
}  # fmt: skip


class Sweep:
    def __init__(self, cloud):
        self.cloud = cloud

    def collect(self, *faults, services=()):
        self.cloud.clear()
        self.cloud.faults(list(faults))
        transport = account.connect(account.Connection("fernhollow-shop", endpoint=self.cloud.endpoint))
        try:
            units = scan.plan((), services, provider=GCP)
            return {one.unit: one for one in scan.collect(transport, WHO, units, Door(b"house test")) if one}
        finally:
            transport.close()
            self.cloud.faults([])


def answers(seen):
    of_kind, gaps = {}, {}
    for unit in seen.values():
        for resource in unit.resources:
            of_kind.setdefault(resource.kind, []).append(resource)
        gaps.update(unit.gaps)
    estate = Estate("fernhollow-shop", NOW, lambda kind: of_kind.get(kind, []), gaps)
    decided = scan.decide(estate, provider=GCP)
    return {(check.id, resource.ref, verdict.subject): verdict for resource, check, verdict in decided}


def refused(service, operation, code="PERMISSION_DENIED", status=403):
    return {
        "service": service,
        "operation": operation,
        "error": {"code": code, "status": status, "message": "not yours"},
    }


@pytest.fixture(scope="module")
def sweep():
    with sample_project() as cloud:
        yield Sweep(cloud)


@pytest.fixture(scope="module")
def seen(sweep):
    return sweep.collect()


@pytest.fixture(scope="module")
def before(seen):
    return answers(seen)


@pytest.fixture(scope="module")
def direct(sweep):
    """The same project where the inventory is refused."""
    return sweep.collect(*(refused("cloudasset", operation) for operation in INVENTORY))


def spelled(value):
    values = value if isinstance(value, list) else [value]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in values]


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_call_is_one_that_google_knows(call):
    route = routes()[call.name]
    method = spec.methods()[route.method]

    assert (route.verb, route.path) == (method.verb, method.path)
    known = {name for name, told in method.parameters.items()}
    assert call.params.keys() - {"body"} <= known
    in_query = {name for name, told in method.parameters.items() if told.get("location") == "query"}
    method.check_query({name: spelled(call.params[name]) for name in in_query & call.params.keys()})
    if "body" in call.params:
        spec.check(call.params["body"], method.api, method.request)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_what_is_taken_from_an_answer_is_part_of_it(call):
    method = spec.methods()[routes()[call.name].method]
    told = {"$ref": method.response}
    for step in (call.items or call.take).split(".") if call.items or call.take else ():
        told = spec.schema(method.api, told["$ref"]) if "$ref" in told else told
        told = told["additionalProperties"] if step == "*" else told["properties"][step]
    if call.items:
        assert told["type"] == "array"


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_listing_that_answers_in_pages_is_paged(call):
    method = spec.methods()[routes()[call.name].method]
    answer = spec.schema(method.api, method.response)["properties"]

    if "nextPageToken" in answer or ("metadata" in answer and "continue" in method.parameters):
        assert routes()[call.name].paging


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_call_needs_a_permission_spelled_as_google_spells_them(call):
    assert re.fullmatch(r"[a-z]+\.[a-zA-Z]+\.[a-zA-Z]+", call.needs), call.needs


def test_the_permissions_of_the_scanner_follow_from_its_calls():
    wanted = scan.permissions(GCP)

    assert "cloudasset.assets.listResource" in wanted
    assert "run.services.getIamPolicy" in wanted  # of the second road
    assert not [one for one in wanted if re.search(r"\.(create|update|delete|set\w*|actAs)$", one)]


def test_the_double_answers_every_call_on_one_road_or_the_other(seen, direct):
    states = {name: set() for name in OF_A_PROJECT}
    for unit in (*seen.values(), *direct.values()):
        for name, cell in unit.cells.items():
            states[name] |= cell.counts.keys()

    assert {name for name, found in states.items() if State.READ not in found} == {
        account.IDENTITY.name
    } - states.keys()
    assert {name for name, found in states.items() if found - {State.READ, State.ABSENT, State.OTHER_ROAD}} == set()


def test_both_roads_lead_to_the_same_resources(seen, direct):
    for unit, one in seen.items():
        other = direct[unit]
        assert {(r.kind, r.ref, r.name, r.region) for r in one.resources} == {
            (r.kind, r.ref, r.name, r.region) for r in other.resources
        }
        documents = {(r.kind, r.ref): r.documents for r in other.resources}
        for resource in one.resources:
            for section, document in resource.documents.items():
                if section == "effectiveTags":  # the other road knows those of the project alone
                    continue
                assert documents[resource.kind, resource.ref][section] == document, (resource.ref, section)


def test_the_other_road_is_told_of_and_hides_nothing(direct):
    unit = next(one for one in direct.values() if one.unit.service == "run")

    assert unit.cells["cloudasset.assets.listResource"].state is State.OTHER_ROAD
    assert unit.cells["cloudasset.assets.listResource"].gap.code == "PERMISSION_DENIED"
    assert "run.namespaces.services.list" in unit.cells["cloudasset.assets.listResource"].gap.message
    assert unit.gaps == {}
    assert unit.resources[0].calls["resource"] == "run.namespaces.services.list"


def test_with_both_roads_refused_both_are_named(sweep):
    seen = sweep.collect(
        refused("cloudasset", INVENTORY[0]), refused("run", "namespaces.services.list"), services=["run"]
    )

    (unit,) = seen.values()
    assert {gap.permission for gap in unit.gaps["run.googleapis.com/Service"]} == {
        "cloudasset.assets.listResource",
        "run.services.list",
    }
    assert unit.listed == frozenset()


def test_one_location_that_refuses_hides_what_is_there_and_nothing_else(sweep):
    ring = {**refused("cloudkms", "projects.locations.keyRings.list"), "contains": "locations/us-central1"}
    (unit,) = sweep.collect(refused("cloudasset", INVENTORY[0]), ring, services=["cloudkms"]).values()

    assert len([one for one in unit.resources if one.kind == "cloudkms.googleapis.com/CryptoKey"]) == 4
    assert unit.listed == frozenset()
    assert {gap.call for gap in unit.gaps["cloudkms.googleapis.com/CryptoKey"]} == {
        "cloudasset.assets.listResource",
        "cloudkms.projects.locations.keyRings.list",
    }


def test_policies_are_asked_one_by_one_where_only_their_listing_is_refused(sweep, seen):
    (unit,) = sweep.collect(refused("cloudasset", INVENTORY[1]), services=["run"]).values()

    assert unit.cells["cloudasset.assets.listIamPolicy"].state is State.OTHER_ROAD
    assert unit.gaps == {}
    policies = {r.ref: r["iamPolicy"].value for r in seen[unit.unit].resources}
    assert {r.ref: r["iamPolicy"].value for r in unit.resources} == policies


def listed(sweep, root, *faults):
    sweep.cloud.clear()
    sweep.cloud.faults(list(faults))
    found = scan.family(GCP, account.Connection(root=root, endpoint=sweep.cloud.endpoint))
    return {member.ref: member.state for member in found.members}, {c["operation"] for c in sweep.cloud.calls()}


@pytest.mark.parametrize("root", ["organizations/987654321012", "folders/555000111222"])
def test_both_roads_lead_to_the_same_family(sweep, root):
    found, asked = listed(sweep, root)
    walked, asked_then = listed(sweep, root, refused("cloudasset", "searchAllResources"))

    assert found == walked
    assert {f"cloudasset.{one}" for one in asked} == {"cloudasset.searchAllResources"}
    assert {"projects.list", "folders.list"} <= asked_then
    sweep.cloud.clear()


def test_no_question_is_asked_twice(sweep):
    sweep.collect()
    asked = [(c["service"], c["operation"], c["params"]) for c in sweep.cloud.calls()]

    assert sorted({one for one in asked if asked.count(one) > 1 and one[1] not in ONCE_MORE}) == []


ONCE_MORE = {"projects.get", "projects.getAncestry"}  # on arrival, and for each level of the chain


def test_two_looks_at_an_unchanged_project_see_the_same(sweep, seen):
    again = sweep.collect()

    for unit, one in seen.items():
        assert {r.ref: r.documents for r in one.resources} == {r.ref: r.documents for r in again[unit].resources}


def test_every_check_fails_and_passes_something_in_the_sample_project(before):
    outcomes = {}
    for (check, _, _), verdict in before.items():
        outcomes.setdefault(check, set()).add(verdict.outcome)

    assert outcomes.keys() == {check for check in checks() if check.startswith("gcp.")}
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

    assert EXPECTED[check].fails <= failing
    assert not EXPECTED[check].passes & failing
    if check != "gcp.org.constraints":
        assert failing & set(names.values()) == EXPECTED[check].fails


@pytest.mark.parametrize("name", sorted(OF_A_PROJECT))
def test_a_refused_call_is_a_gap_and_changes_no_verdict_but_to_unknown(sweep, seen, direct, before, name):
    call = CALLS[name]
    second = name not in FIRST_ROAD
    faults = [refused("cloudasset", operation) for operation in INVENTORY] if second else []
    method = routes()[name].method.partition(".")[2] if call.service != "cloudasset" else call.operation
    services = {c.unit_service for c in collectors(GCP) if any(one.name == name for one in c.every_call())}
    blind = sweep.collect(*faults, refused(call.service, method), services=services)
    states = {unit.cells[name].state for unit in blind.values() if name in unit.cells}

    wanted = State.OTHER_ROAD if call.operation in INVENTORY else State.DENIED
    assert (states <= {wanted, State.READ} and wanted in states) or name == account.IDENTITY.name
    assert worsened(before, answers({**seen, **blind})) == []


def test_an_api_that_is_switched_off_is_neither_empty_nor_denied(sweep, before):
    off = refused("run", "namespaces.services.list", "SERVICE_DISABLED")
    off["error"]["metadata"] = {"consumer": "projects/424242424242", "service": "run.googleapis.com"}

    (unit,) = sweep.collect(refused("cloudasset", INVENTORY[0]), off, services=["run"]).values()

    assert unit.cells["run.namespaces.services.list"].state is State.NOT_OPTED_IN
    assert unit.listed == frozenset()


def test_an_api_that_is_off_in_the_scanners_own_project_is_a_denial(sweep):
    off = refused("run", "namespaces.services.list", "SERVICE_DISABLED")
    off["error"]["metadata"] = {"consumer": "projects/999", "service": "run.googleapis.com"}

    (unit,) = sweep.collect(refused("cloudasset", INVENTORY[0]), off, services=["run"]).values()

    assert unit.cells["run.namespaces.services.list"].state is State.DENIED


def test_a_throttled_listing_is_asked_again(sweep):
    slow = refused("cloudasset", INVENTORY[0], "RESOURCE_EXHAUSTED", 429)
    slow["error"]["retry_after"] = 0.01

    (unit,) = sweep.collect({**slow, "times": 3}, services=["run"]).values()

    assert unit.tally.throttled == 3
    assert unit.cells["cloudasset.assets.listResource"].state is State.READ


@pytest.mark.parametrize("fault", [{"truncate": True}, {"html": True}, {"reset": True}])
def test_a_bad_road_is_survived(sweep, fault):
    (unit,) = sweep.collect({"service": "cloudasset", **fault, "times": 2}, services=["storage"]).values()

    assert unit.gaps == {}
    assert len(unit.resources) == 4


def test_no_path_of_a_route_lacks_a_parameter():
    for name, route in routes().items():
        method = spec.methods()[route.method]
        assert {place.lstrip("+") for place in places(route.path)} <= method.parameters.keys(), name


def test_every_route_is_of_a_call_that_is_made():
    assert routes().keys() == CALLS.keys()
