"""What checks ask of an account is worked out once, however many checks and resources ask."""

from collections import Counter

from scanners import scan
from scanners.graph import ascent, rights
from scanners.model.estate import Estate
from tests.core.cases import ACCOUNT, NOW
from tests.core.holders import BASIC, allow, function, policy, role, user

ASKING = [
    "aws.iam.passrole_any", "aws.iam.privilege_escalation", "aws.lambda.logs_missing", "aws.lambda.role_admin",
    "aws.lambda.role_invoke_any", "aws.lambda.role_privilege_escalation", "aws.lambda.role_service_wildcard",
    "aws.lambda.role_wildcard_data",
]  # fmt: skip


def estate():
    roles = [role(allow("sqs:SendMessage"), name=f"r{n}", attached=(BASIC,)) for n in range(12)]
    functions = [function(f"f{n}", f"r{n % 12}") for n in range(36)]
    by_kind = {}
    for one in (*roles, *functions, user(allow("s3:GetObject")), policy(allow("s3:GetObject"))):
        by_kind.setdefault(one.kind, []).append(one)
    return Estate(ACCOUNT, NOW, lambda kind: by_kind.get(kind, []))


def test_the_graph_is_built_once_and_every_principal_compiled_once(monkeypatch):
    done = Counter()
    for module, name in ((ascent, "build"), (rights, "_layers"), (rights, "account_of"), (rights, "guard_rails")):
        inner = getattr(module, name)

        def counted(*given, inner=inner, name=name):
            done[name] += 1
            return inner(*given)

        monkeypatch.setattr(module, name, counted)

    verdicts = list(scan.decide(estate(), ASKING))

    assert len(verdicts) == 6 * 36 + 2 * 13
    assert done == {"build": 1, "account_of": 1, "guard_rails": 1, "_layers": 13}


def test_what_could_not_be_derived_is_not_tried_again():
    found, tried = estate(), []

    def fails():
        tried.append(1)
        raise rights.Unread

    for _ in range(3):
        try:
            found.derived("something", fails)
        except rights.Unread:
            continue

    assert tried == [1]
