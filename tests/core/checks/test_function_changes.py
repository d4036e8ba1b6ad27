"""Who may change functions: CASES are run by tests/house/test_checks.py."""

from tests.core.cases import ACCOUNT, REGION, Case, Cases
from tests.core.holders import ADMINISTRATOR, OWN, allow, deny, function, group, policy, role, user

CODE = "lambda:UpdateFunctionCode"
ITSELF, OTHER = (f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}" for name in ("orders", "other"))
LAYERS = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:*"
GONE = Case(function(role="gone"), (role(),))
EVERYBODY = (policy(allow("s3:GetObject")), group(allow("s3:ListAllMyBuckets")), user(groups=("people",)))
INSIDE = {"VpcConfig": {"VpcId": "vpc-1", "SubnetIds": ["subnet-1"]}}


def running(*statements, around=(), **held):
    return Case(function(), (role(*statements, **held), function("other", "another"), *around))


def placed(*statements, variables=(), attached=(), around=(), **said):
    environment = {"Environment": {"Variables": {key: {"secret": None, "digest": "d"} for key in variables}}}
    return Case(function(**environment, **said), (role(*statements, attached=attached), *around))


def many(*statements, count=6, **held):
    return tuple(role(*statements, name=f"one{n}", **held) for n in range(count))


BY_POLICY = running(attached=(OWN,), around=(policy(allow("lambda:GetFunction")),))

CASES = {
    "aws.lambda.role_can_change_code": Cases(
        fails=(
            running(allow(CODE)),
            running(allow("lambda:*")),
            running(allow(CODE, OTHER)),
            running(allow("lambda:UpdateFunctionConfiguration", f"arn:aws:lambda:*:{ACCOUNT}:function:*")),
            running(allow("lambda:AddPermission")),
            running(allow("lambda:PublishLayerVersion", LAYERS)),
            running(attached=(ADMINISTRATOR,)),
        ),
        passes=(
            BY_POLICY,
            running(allow("lambda:InvokeFunction")),
            running(allow(CODE, ITSELF)),
            running(allow(CODE), deny("lambda:Update*")),
            running(allow(CODE), boundary=OWN, around=(policy(allow("s3:*")),)),
            running(allow(CODE, StringEquals={"aws:ResourceTag/team": "orders"})),
        ),
        neutral=(GONE,),
    ),
    "aws.lambda.code_changers": Cases(
        fails=(
            Case(function(), many(allow(CODE))),
            Case(function(), many(allow("lambda:UpdateFunctionConfiguration", ITSELF))),
            Case(function(), (*many(allow(CODE), count=3), *many(attached=(OWN,), count=6), policy(allow("lambda:*")))),
        ),
        passes=(
            Case(function(), (*many(allow(CODE), count=3), role(attached=(OWN,)), *EVERYBODY)),
            Case(function(), many(attached=(ADMINISTRATOR,))),
            Case(function(), many(allow(CODE, OTHER))),
            Case(function(), (*many(allow(CODE), boundary=OWN), policy(allow("s3:*")))),
            Case(function(), many(allow("lambda:InvokeFunction"))),
        ),
        unknown=(Case(function(), (role(attached=("arn:aws:iam::aws:policy/NobodyKnowsThis",)),)),),
    ),
    "aws.lambda.vpc_private_data": Cases(
        fails=(
            placed(variables=("DB_HOST",)),
            placed(variables=("ORDERS_REDIS_URL", "STAGE")),
            placed(allow("rds-db:connect", f"arn:aws:rds-db:{REGION}:{ACCOUNT}:dbuser:cluster-1/app")),
            placed(allow(["elasticache:Connect"])),
        ),
        passes=(
            placed(attached=(OWN,), around=(policy(allow("s3:GetObject")),)),
            placed(variables=("DB_HOST",), **INSIDE),
            placed(variables=("TABLE", "DB_NAME", "CACHE_SECONDS")),
            placed(allow("rds-data:ExecuteStatement")),
            placed(allow()),
            placed(allow("rds-db:connect"), deny("rds-db:*")),
        ),
    ),
}
