"""The account model of a stored scan: what was read is judged, what was not makes the answer unknown."""

from __future__ import annotations

import pytest

from scanners.graph.cuts import cuts
from scanners.graph.graph import build
from scanners.graph.paths import answer
from scanners.graph.stored import DETAILS, account_of
from scanners.model.estate import Estate
from tests.core.cases import NOW, refused, resource
from tests.core.graph.corpus import ACCOUNT, ADMIN, allow, arn, policy, thing_arn, trusting

KINDS = ("AWS::IAM::User", "AWS::IAM::Role", "AWS::IAM::Group", "AWS::IAM::ManagedPolicy", "AWS::Lambda::Function")
LAMBDA = trusting(Service="lambda.amazonaws.com")


def user(name, *statements, **more):
    listed = [{"PolicyName": "p", "PolicyDocument": policy(*statements)}] if statements else []
    details = {"UserName": name, "UserPolicyList": listed, "AttachedManagedPolicies": [], "GroupList": [], **more}
    return resource("AWS::IAM::User", arn("user", name), **{DETAILS: details})


def role(name, trust, *attached, **more):
    details = {
        "RoleName": name,
        "AssumeRolePolicyDocument": trust,
        "AttachedManagedPolicies": [{"PolicyName": "x", "PolicyArn": one} for one in attached],
        "InstanceProfileList": [],
        **more,
    }
    return resource("AWS::IAM::Role", arn("role", name), **{DETAILS: details})


def function(name, role_name):
    ref = thing_arn("lambda:function", name)
    return resource("AWS::Lambda::Function", ref, ListFunctions={"FunctionName": name, "Role": arn("role", role_name)})


def estate(*resources, unread=()):
    gaps = {kind: (refused("List" + kind),) for kind in unread}
    return Estate(ACCOUNT, NOW, lambda kind: [one for one in resources if one.kind == kind], gaps)


def asked(*resources, unread=(), of="mallory"):
    return answer(build(account_of(estate(*resources, unread=unread))), arn("user", of))


CODE = allow("lambda:UpdateFunctionCode")


def test_a_path_through_a_stored_function_is_found():
    found = asked(user("mallory", CODE), role("target", LAMBDA, ADMIN), function("f", "target"))

    assert found.escalates is True
    assert "lambda-003" in found.paths
    assert found.caveats == ()


def test_who_may_do_nothing_of_the_kind_is_safe():
    found = asked(user("mallory", allow("s3:*")), role("target", LAMBDA, ADMIN), function("f", "target"))

    assert found.escalates is False


@pytest.mark.parametrize("kind", KINDS[1:])
def test_what_was_not_read_is_never_taken_for_not_there(kind):
    found = asked(user("mallory", CODE), unread=(kind,))

    assert found.escalates is None
    assert any("AccessDenied" in because for because in found.unknown)


def test_functions_that_were_not_read_concern_only_who_may_change_them():
    found = asked(user("mallory", allow("s3:*")), unread=("AWS::Lambda::Function",))

    assert found.escalates is False


def test_a_kind_that_is_not_collected_is_unknown_to_who_may_use_it():
    found = asked(user("mallory", allow("apprunner:UpdateService")))

    assert found.escalates is None
    assert "it is not collected" in found.unknown


def test_a_boundary_of_the_account_is_read():
    bounds = resource(
        "AWS::IAM::ManagedPolicy",
        arn("policy", "bounds"),
        **{
            DETAILS: {
                "DefaultVersionId": "v1",
                "PolicyVersionList": [{"VersionId": "v1", "Document": policy(allow(["s3:*", "iam:PutUserPolicy"]))}],
            }
        },
    )
    bounded = {"PermissionsBoundary": {"PermissionsBoundaryArn": arn("policy", "bounds")}}

    held = asked(user("mallory", allow("iam:PutUserPolicy"), **bounded), bounds)
    free = asked(user("mallory", allow("iam:PutUserPolicy")), bounds)

    assert (held.escalates, free.escalates) == (False, True)


def test_a_role_whose_details_were_not_read_is_unknown():
    gap = resource("AWS::IAM::Role", arn("role", "target"), gaps={DETAILS: refused(DETAILS)})

    found = asked(user("mallory", allow("sts:AssumeRole")), gap)

    assert found.escalates is None


RUNS = [  # what runs as the role, what the caller may do
    (
        resource(
            "AWS::StepFunctions::StateMachine", thing_arn("states:stateMachine", "m"),
            DescribeStateMachine={"roleArn": arn("role", "target")},
        ),
        ("states:UpdateStateMachine", "states:StartExecution"),
    ),
    (
        resource(
            "AWS::CodeBuild::Project", thing_arn("codebuild:project", "b"),
            BatchGetProjects={"serviceRole": arn("role", "target")},
        ),
        ("codebuild:StartBuild",),
    ),
    (
        resource(
            "AWS::CloudFormation::Stack", thing_arn("cloudformation:stack", "s/1"),
            DescribeStacks={"RoleARN": arn("role", "target")},
        ),
        ("cloudformation:UpdateStack",),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("thing", "actions"), RUNS, ids=[thing.kind for thing, _ in RUNS])
def test_what_runs_as_an_administrator_is_a_way_in(thing, actions):
    trust = trusting(Service=["states.amazonaws.com", "codebuild.amazonaws.com", "cloudformation.amazonaws.com"])
    mallory, target = user("mallory", allow(list(actions))), role("target", trust, ADMIN)

    assert asked(mallory, target, thing).escalates is True
    assert asked(mallory, target).escalates is False


def cluster(**service):
    task = "arn:aws:ecs:eu-west-1:111122223333:task-definition/web"
    one = {"serviceArn": "arn:aws:ecs:eu-west-1:111122223333:service/c/web", "taskDefinition": f"{task}:7", **service}
    return (
        resource("AWS::ECS::Cluster", "arn:aws:ecs:eu-west-1:111122223333:cluster/c", DescribeServices={"web": [one]}),
        resource(
            "AWS::ECS::TaskDefinition", task, DescribeTaskDefinition={"family": "web", "taskRoleArn": arn("role", "t")}
        ),
    )


@pytest.mark.parametrize(("enabled", "escalates"), [(True, True), (False, None)])
def test_a_task_of_a_service_is_a_way_in_where_commands_may_be_run_in_it(enabled, escalates):
    """Without, nobody knows of tasks that were started by hand."""
    mallory = user("mallory", allow(["ecs:ExecuteCommand", "ecs:DescribeTasks"]))
    admin = role("t", trusting(Service="ecs-tasks.amazonaws.com"), ADMIN)

    found = asked(mallory, admin, *cluster(enableExecuteCommand=enabled))

    assert found.escalates is escalates


def report(**row):
    told = {"password_enabled": "false", "access_key_1_last_rotated": "N/A", "access_key_2_last_rotated": "N/A", **row}
    return resource("AWS::Account", GetCredentialReport={"boss": told})


FULL = {"access_key_1_last_rotated": "2026-01-01T00:00:00Z", "access_key_2_last_rotated": "2026-01-02T00:00:00Z"}
REPORTS = [  # what mallory may do to the administrator, the report, whether that leads anywhere
    ("iam:CreateAccessKey", report(), True),
    ("iam:CreateAccessKey", report(**FULL), False),
    ("iam:CreateLoginProfile", report(), True),
    ("iam:CreateLoginProfile", report(password_enabled="true"), False),
    ("iam:UpdateLoginProfile", report(), False),
    ("iam:UpdateLoginProfile", report(password_enabled="true"), True),
    ("iam:UpdateLoginProfile", resource("AWS::Account", gaps={"GetCredentialReport": refused("x")}), True),
]


@pytest.mark.parametrize(("action", "told", "escalates"), REPORTS)
def test_the_credential_report_tells_of_keys_and_passwords(action, told, escalates):
    boss = user("boss", AttachedManagedPolicies=[{"PolicyName": "x", "PolicyArn": ADMIN}])

    assert asked(user("mallory", allow(action)), boss, told).escalates is escalates


def test_the_cut_that_stops_most_may_be_at_the_end_of_the_way():
    ways = [user(f"u{n}", allow("lambda:UpdateFunctionCode")) for n in range(3)]

    found = cuts(build(account_of(estate(*ways, role("target", LAMBDA, ADMIN), function("f", "target")))))

    assert (found[0].at.ref, len(found[0].stops)) == (arn("role", "target"), 3)


def organisation(*denied, at="r-1", chief="999988887777"):
    """This account stands in unit ou-1 below the root r-1; a policy at `at` denies."""
    full = policy(allow("*"))
    deny = policy({**allow(list(denied)), "Effect": "Deny"})
    said = {"Id": "o-1", "MasterAccountId": chief, "FeatureSet": "ALL"}
    return [
        resource("AWS::Organizations::Organization", "arn:aws:organizations::9:organization/o-1",
                 DescribeOrganization=said),
        resource("AWS::Organizations::Account", "arn:aws:organizations::9:account/o-1/1",
                 ListAccounts={"Id": ACCOUNT, "Paths": [f"o-1/r-1/ou-1/{ACCOUNT}/"]}),
        *(
            resource("AWS::Organizations::Policy", f"arn:aws:organizations::9:policy/o-1/{name}",
                     ListPolicies={"Type": "SERVICE_CONTROL_POLICY"}, DescribePolicy={"Content": content},
                     ListTargetsForPolicy=[{"TargetId": target} for target in targets])
            for name, content, targets in (("full", full, ["r-1", "ou-1", ACCOUNT]), ("deny", deny, [at]))
        ),
    ]  # fmt: skip


GUARDED = [
    (organisation("lambda:*"), False),
    (organisation("lambda:*", at=ACCOUNT), False),
    (organisation("lambda:*", at="ou-of-others"), True),
    (organisation("s3:*"), True),
    (organisation("lambda:*", chief=ACCOUNT), True),
]


@pytest.mark.parametrize(("around", "escalates"), GUARDED)
def test_policies_of_the_organisation_bind_by_level(around, escalates):
    found = asked(user("mallory", CODE), role("target", LAMBDA, ADMIN), function("f", "target"), *around)

    assert found.escalates is escalates


def test_policies_of_the_organisation_that_were_not_read_are_a_caveat_not_an_acquittal():
    around = organisation("lambda:*")
    unread = ("AWS::Organizations::Policy",)

    found = asked(
        user("mallory", CODE), role("target", LAMBDA, ADMIN), function("f", "target"), *around[:2], unread=unread
    )

    assert found.escalates is True
    assert any("AccessDenied" in caveat for caveat in found.caveats)
