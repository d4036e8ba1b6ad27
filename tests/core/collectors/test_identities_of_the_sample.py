"""Lambda and IAM against the emulator, which answers as AWS does: what is read, asked, refused and found."""

from __future__ import annotations

import json
from collections import Counter, defaultdict

import pytest

from posture.runtime.sample.mistakes import FUNCTIONS, PEOPLE
from scanners import scan
from scanners.checks.registry import checks
from scanners.collectors.aws import cloudtrail, credentials, functions, iam
from scanners.collectors.aws.account import Connection, connect
from scanners.collectors.door import Door
from scanners.model import Outcome
from scanners.model.estate import Estate
from tests.core.cases import NOW

COLLECTORS = [c for m in (functions, iam, credentials, cloudtrail) for c in m.COLLECTORS]
CANARIES = ("4eC39HqLyjWDarjtT1zdp7dc", "Fernhollow-fake-8813")
MINE = {check: found for check, found in {**FUNCTIONS, **PEOPLE}.items() if check != "aws.lambda.log_retention"}
NOT_COMPLETE = {"aws.lambda.no_concurrency_limit", "aws.iam.kms_decrypt_all"}
MOST_CALLS_OF_IAM = 15


@pytest.fixture
def look(cloud, monkeypatch):
    """All units of these services, read anew: (who we are, units)."""
    monkeypatch.setattr(
        scan, "of_unit", lambda service, provider: tuple(c for c in COLLECTORS if c.unit_service == service)
    )

    def read():
        transport = connect(Connection(endpoint=cloud.endpoint))
        try:
            arrival = scan.arrive(transport)
            units = [scan.Unit("global", "iam")]
            units += [scan.Unit(r, service) for r in arrival.regions.enabled for service in ("lambda", "cloudtrail")]
            return [one for one in scan.collect(transport, arrival.who, units, Door(b"key")) if one]
        finally:
            transport.close()

    yield read
    cloud.clear()


def resources(units):
    return [resource for unit in units for resource in unit.resources]


def judged(units, account, trusted=frozenset()):
    """check id → outcome → names of resources."""
    found = resources(units)
    gaps = defaultdict(tuple)
    for unit in units:
        for kind, missing in unit.gaps.items():
            gaps[kind] += missing
    estate = Estate(account, NOW, lambda kind: [r for r in found if r.kind == kind], gaps, trusted)
    told = {check: defaultdict(set) for check in MINE}
    for resource, check, verdict in scan.decide(estate, [check for check in MINE if check in checks()]):
        told[check.id][verdict.outcome].add(resource.name)
    return told


def test_everything_is_read_without_a_gap_and_nothing_is_asked_twice(cloud, look):
    cloud.clear()
    units = look()

    assert not [(unit.unit, cell.gap) for unit in units for cell in unit.cells.values() if cell.gap]
    assert {c.kind for c in COLLECTORS} <= {resource.kind for resource in resources(units)}
    asked = Counter(json.dumps(call, sort_keys=True) for call in cloud.calls() if call["service"] in ("iam", "lambda"))
    assert set(asked.values()) == {1}
    of_iam = [call for call in asked if '"service": "iam"' in call]
    reports = [call for call in of_iam if "ServiceLastAccessedDetails" in call]
    roles = sum(resource.kind == "AWS::IAM::Role" for resource in resources(units))
    assert len(of_iam) - len(reports) <= MOST_CALLS_OF_IAM
    assert 0 < len(reports) <= 2 * roles


def test_no_secret_of_an_environment_is_kept(look):
    kept = json.dumps([resource.documents for resource in resources(look())])

    assert "Stripe Access Key" in kept
    assert not [canary for canary in CANARIES if canary in kept]


def test_a_second_look_at_an_unchanged_cloud_is_equal(look):
    first, second = (
        sorted((r.ref, json.dumps(r.documents, sort_keys=True)) for r in resources(look())) for _ in range(2)
    )

    assert first == second


def test_the_mistakes_of_the_sample_are_found_and_no_others(cloud, look):
    units = look()
    policy = next(r.documents["GetPolicy"]["$LATEST"] for r in resources(units) if r.name == "fraud-score")
    family = {statement["Principal"]["AWS"].split(":")[4] for statement in policy["Statement"]}

    told = judged(units, cloud.account, frozenset(family))

    for check, wanted in MINE.items():
        failed = told[check][Outcome.FAIL] & wanted.fails if check in NOT_COMPLETE else told[check][Outcome.FAIL]
        assert (check, failed) == (check, wanted.fails)
        assert wanted.passes <= told[check][Outcome.PASS], check
        assert not told[check][Outcome.UNKNOWN], check


def test_a_refused_policy_is_a_gap_and_every_answer_that_rests_on_it_unknown(cloud, look):
    refusal = {"code": "AccessDeniedException", "status": 403}
    cloud.faults([{"service": "lambda", "operation": "GetPolicy", "error": refusal}])

    units = look()

    policies = [r for r in resources(units) if r.kind == "AWS::Lambda::Function"]
    assert {r.gaps["GetPolicy"][0].code for r in policies} == {"AccessDeniedException"}
    assert {json.dumps(r.documents["GetPolicy"]) for r in policies} == {"{}"}
    told = judged(units, cloud.account)
    assert told["aws.lambda.public_policy"].keys() == {Outcome.UNKNOWN}
    assert told["aws.lambda.cross_account_invoke"].keys() == {Outcome.UNKNOWN}


def test_without_the_credential_report_nobody_passes_for_it(cloud, look):
    refusal = {"code": "AccessDenied", "status": 403}
    cloud.faults([{"service": "iam", "operation": "GetCredentialReport", "error": refusal}])

    told = judged(look(), cloud.account)

    assert told["aws.iam.user_mfa"].keys() == {Outcome.UNKNOWN}
    assert told["aws.iam.root_recent_use"].keys() == {Outcome.UNKNOWN}
