"""Parameters of Systems Manager: which of them speak of a secret and are not kept as one.

Limits: values are not read; the name alone decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scanners.checks.registry import Fix, check
from scanners.model import Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate

PARAMETER = "AWS::SSM::Parameter"
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
SECRET = {
    "apikey", "credential", "credentials", "passphrase", "passwd", "password", "passwords", "pwd", "secret", "secrets",
    "token", "tokens",
}  # fmt: skip
KEY = {"key", "keys"}
ABOUT_IT = {  # a name that ends so tells of the secret, or of its neighbours, and is none
    "alias", "arn", "count", "days", "email", "enabled", "endpoint", "expiry", "fingerprint", "host", "id", "length",
    "name", "path", "policy", "port", "region", "rotation", "timeout", "ttl", "type", "uri", "url", "user", "username",
    "version",
}  # fmt: skip


@check(
    "aws.ssm.plain_secret",
    on=PARAMETER,
    severity=Severity.HIGH,
    title="Secret kept as a plain parameter",
    reads=("DescribeParameters",),
    fix=Fix(
        console="Systems Manager > Parameter Store: make a new parameter of type SecureString, point its readers there,"
        " delete this one, and replace the secret: it has been readable.",
        cli="aws ssm put-parameter --name NAME --type SecureString --key-id KEY --overwrite --value VALUE",
        terraform='resource "aws_ssm_parameter" "this" { type = "SecureString", key_id = aws_kms_key.this.arn }',
    ),
)
def plain_secret(parameter: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever may read any parameter reads this one too: no key stands before it, and its history keeps old values."""
    said = parameter["DescribeParameters"]
    name, kind = said.need("Name"), said.need("Type")
    if kind.value == "SecureString":
        yield passed("The parameter is kept encrypted", kind)
    elif speaks_of_a_secret(name.text()) and not str(said["DataType"].value).startswith("aws:"):
        yield failed(f"Its name speaks of a secret, and its type is {kind.value}", name, kind)
    else:
        yield passed("Its name does not speak of a secret", name, kind)


def speaks_of_a_secret(name: str) -> bool:
    """A word for a secret anywhere in the path, or "key" in its last part, unless it ends in what is none."""
    last = [word.lower() for word in WORD.findall(name.rpartition("/")[2])]
    words = {word.lower() for word in WORD.findall(name)}
    if not last or last[-1] in ABOUT_IT:
        return False
    return bool(SECRET & words) or ("public" not in last and bool(KEY & set(last)))
