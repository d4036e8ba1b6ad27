"""The organisation: CASES are run by tests/house/test_checks.py; tests of their own say what cases cannot."""

from scanners.access.aws.levels import levels
from scanners.model import Outcome
from tests.core.cases import ACCOUNT, Case, Cases, resource

CHIEF, ORG, ROOT, UNIT, BELOW = "999999999999", "o-abcdefghij", "r-ab12", "ou-ab12-11111111", "ou-ab12-22222222"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
FORBIDDEN = {"Effect": "Deny", "Action": "cloudtrail:StopLogging", "Resource": "*"}
SOME = {"Effect": "Allow", "Action": ["s3:*", "lambda:*"], "Resource": "*"}


def organisation(chief=CHIEF, features="ALL"):
    said = {"Id": ORG, "FeatureSet": features, "MasterAccountId": chief}
    return resource("AWS::Organizations::Organization", ORG, DescribeOrganization=said)


def family(number=ACCOUNT, *units, paths=True, parent=""):
    listed = {"Id": number}
    if paths:
        listed["Paths"] = ["/".join((ORG, ROOT, *units, number)) + "/"]
        return resource("AWS::Organizations::Account", number, ListAccounts=listed)
    return resource(
        "AWS::Organizations::Account", number, ListAccounts=listed, ListParents=[{"Id": parent, "Type": "ROOT"}]
    )


def root(**below):
    """`below`: unit → the unit it hangs under, or the root."""
    units = {parent: [{"Id": unit} for unit in below if below[unit] == parent] for parent in (ROOT, *below)}
    return resource("AWS::Organizations::Root", ROOT, ListRoots={"Id": ROOT}, ListOrganizationalUnitsForParent=units)


def policy(name, *statements, at=(ROOT,), kind="SERVICE_CONTROL_POLICY"):
    return resource(
        "AWS::Organizations::Policy",
        name,
        ListPolicies={"Id": "p-" + name, "Name": name, "Type": kind},
        DescribePolicy={"Content": {"Version": "2012-10-17", "Statement": list(statements)}},
        ListTargetsForPolicy=[{"TargetId": target, "Type": "ROOT"} for target in at],
    )


FULL = policy("FullAWSAccess", EVERYTHING, at=(ROOT, UNIT, BELOW, ACCOUNT, CHIEF))


def account(*around):
    return Case(resource("AWS::Account", GetAccountSummary={}), around=around)


def bound(*around):
    return account(organisation(), FULL, *around)


CASES = {
    "aws.org.member": Cases(
        fails=(
            account(),
            account(organisation(features="CONSOLIDATED_BILLING"), family()),
            bound(family()),
            bound(family(), policy("elsewhere", FORBIDDEN, at=(UNIT,))),
            bound(family(), policy("loose", FORBIDDEN, at=())),
            bound(family(), policy("beside", SOME)),
            bound(family(), policy("resources", FORBIDDEN, kind="RESOURCE_CONTROL_POLICY")),
            account(organisation(ACCOUNT), FULL, policy("mine", FORBIDDEN, at=(ACCOUNT,))),
        ),
        passes=(
            bound(family(), policy("trail", FORBIDDEN)),
            bound(family(ACCOUNT, UNIT), policy("trail", FORBIDDEN, at=(UNIT,))),
            bound(family(), policy("mine", FORBIDDEN, at=(ACCOUNT,))),
            bound(
                root(**{UNIT: ROOT, BELOW: UNIT}),
                family(paths=False, parent=BELOW),
                policy("trail", FORBIDDEN, at=(UNIT,)),
            ),
            account(organisation(), family(), policy("only", SOME), policy("Full", EVERYTHING, at=(ACCOUNT,))),
            account(organisation(ACCOUNT), FULL, policy("members", FORBIDDEN, at=(UNIT,))),
        ),
        unknown=(
            bound(family("444455556666"), policy("trail", FORBIDDEN)),
            bound(root(), family(paths=False, parent=UNIT), policy("trail", FORBIDDEN)),
            Case(
                resource("AWS::Account"),
                around=(organisation(),),
                unread=frozenset({"AWS::Organizations::Account", "AWS::Organizations::Policy"}),
            ),
        ),
    ),
}


def test_the_levels_of_an_account_are_the_same_by_its_path_and_by_the_tree():
    by_path = family(ACCOUNT, UNIT, BELOW)
    by_tree = family(paths=False, parent=BELOW)
    estate = account(root(**{BELOW: UNIT, UNIT: ROOT})).estate()

    assert levels(by_path, estate) == levels(by_tree, estate) == (ROOT, UNIT, BELOW, ACCOUNT)


def test_a_member_that_may_not_look_up_still_knows_that_it_belongs():
    case = account(organisation(features="CONSOLIDATED_BILLING"))

    assert case.verdict("aws.org.member").outcome is Outcome.FAIL
