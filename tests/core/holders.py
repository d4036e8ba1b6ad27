"""Users, roles, groups and policies of a stored account, for cases of checks that ask who may do what."""

from tests.core.cases import ACCOUNT, REGION, resource

ROLE, USER = "AWS::IAM::Role", "AWS::IAM::User"
GROUP, POLICY = "AWS::IAM::Group", "AWS::IAM::ManagedPolicy"
FUNCTION = "AWS::Lambda::Function"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
OWN = f"arn:aws:iam::{ACCOUNT}:policy/own"


def allow(action="*", on="*", effect="Allow", **condition):
    said = {"Effect": effect, "Action": action, "Resource": on}
    return said | ({"Condition": condition} if condition else {})


def deny(action="*", on="*", **condition):
    return allow(action, on, "Deny", **condition)


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trusting(*services, **principal):
    who = principal or {"Service": list(services or ("lambda.amazonaws.com",))}
    return document({"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"})


def role(*statements, name="worker", path="", attached=(), boundary=None, trust=None, tags=None):
    arn = f"arn:aws:iam::{ACCOUNT}:role/{path}{name}"
    return resource(
        ROLE,
        arn,
        region="global",
        GetAccountAuthorizationDetails={
            "Arn": arn,
            "RoleName": name,
            "CreateDate": "2024-01-01T00:00:00Z",
            "AssumeRolePolicyDocument": trust or trusting(),
            "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": document(*statements)}] if statements else [],
            **_more(attached, boundary, tags),
        },
    )


def user(*statements, name="dev", attached=(), boundary=None, groups=(), tags=None):
    arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
    return resource(
        USER,
        arn,
        region="global",
        GetAccountAuthorizationDetails={
            "Arn": arn,
            "UserName": name,
            "GroupList": list(groups),
            "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": document(*statements)}] if statements else [],
            **_more(attached, boundary, tags),
        },
    )


def group(*statements, name="people", attached=()):
    arn = f"arn:aws:iam::{ACCOUNT}:group/{name}"
    own = [{"PolicyName": "own", "PolicyDocument": document(*statements)}] if statements else []
    said = {"Arn": arn, "GroupName": name, "GroupPolicyList": own, **_more(attached, None, None)}
    return resource(GROUP, arn, region="global", GetAccountAuthorizationDetails=said)


def policy(*statements, name="own"):
    arn = f"arn:aws:iam::{ACCOUNT}:policy/{name}"
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": document(*statements)}
    said = {"Arn": arn, "PolicyName": name, "DefaultVersionId": "v1", "PolicyVersionList": [version]}
    return resource(POLICY, arn, region="global", GetAccountAuthorizationDetails=said)


def function(name="orders", role="worker", *, region=REGION, **said):
    arn = f"arn:aws:lambda:{region}:{ACCOUNT}:function:{name}"
    listed = {"FunctionName": name, "FunctionArn": arn, "Role": f"arn:aws:iam::{ACCOUNT}:role/{role}", **said}
    return resource(FUNCTION, arn, region=region, ListFunctions=listed)


def _more(attached, boundary, tags):
    found = {"AttachedManagedPolicies": [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in attached]}
    if boundary:
        found["PermissionsBoundary"] = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary}
    if tags:
        found["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    return found
