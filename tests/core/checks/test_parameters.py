"""Parameters: CASES are run by tests/house/test_checks.py."""

from tests.core.cases import Case, Cases, resource


def parameter(name, kind="String", **more):
    return Case(resource("AWS::SSM::Parameter", DescribeParameters={"Name": name, "Type": kind, **more}))


SPEAKING = (
    "/db/password", "DB_PASSWORD", "dbPassword", "/prod/secrets/stripe", "github-token", "/search/api-key", "apikey",
    "signing.key", "MySQLPwd", "/app/credentials", "/tokens/partner", "service_account_key",
)  # fmt: skip
SILENT = (
    "/db/host", "/app/monkey", "/app/keyboard-layout", "/app/password-length", "/app/secret-arn", "/kms/key-id",
    "/ssh/public-key", "/app/tokenizer", "page-size", "/app/secrets/host", "/app/compass", "/keys/rotation-days", "/",
)  # fmt: skip

CASES = {
    "aws.ssm.plain_secret": Cases(
        fails=(*(parameter(name) for name in SPEAKING), parameter("/db/passwords", "StringList")),
        passes=(
            *(parameter(name) for name in SILENT),
            parameter("/db/password", "SecureString", KeyId="alias/aws/ssm"),
            parameter("/db/image-token", DataType="aws:ec2:image"),
        ),
    )
}
