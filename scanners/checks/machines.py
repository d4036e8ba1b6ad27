"""Machines: whether their credentials can be lured out of them, and what their start script gives away."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.registry import Fix, check
from scanners.model import Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate

MACHINE = "AWS::EC2::Instance"


@check(
    "aws.ec2.imdsv2",
    on=MACHINE,
    severity=Severity.HIGH,
    title="Instance allows metadata v1",
    reads=("DescribeInstances",),
    fix=Fix(
        console="EC2 > Instances > the instance > Actions > Instance settings > Modify instance metadata options: "
        "set IMDSv2 to Required.",
        cli="aws ec2 modify-instance-metadata-options --instance-id ID --http-tokens required",
        terraform='resource "aws_instance" "this" { metadata_options { http_tokens = "required" } }',
    ),
)
def metadata_v1(machine: Resource, estate: Estate) -> Iterator[Verdict]:
    """One careless fetch of a URL that a visitor chose hands out the credentials of the machine's role.  Lighter where
    the machine has no role: then only its user data can be read.
    """
    described = machine["DescribeInstances"]
    options, role = described.need("MetadataOptions"), described["IamInstanceProfile"]
    endpoint, tokens, hops = options["HttpEndpoint"], options.need("HttpTokens"), options["HttpPutResponseHopLimit"]
    if endpoint.value == "disabled":
        yield passed("The metadata service is turned off", endpoint)
    elif tokens.value != "required":
        severity = Severity.HIGH if role.present else Severity.MEDIUM
        whose = "its role's credentials" if role.present else "its user data"
        yield failed(
            f"The metadata service answers without a token, and gives {whose}", tokens, role, severity=severity
        )
    elif hops.present and hops.value > 1:
        yield passed(f"A token is required, which containers can fetch too (hop limit {hops.value})", tokens, hops)
    else:
        yield passed("The metadata service requires a token", tokens)


@check(
    "aws.ec2.user_data_secret",
    on=MACHINE,
    severity=Severity.HIGH,
    title="Secret in an instance's user data",
    reads=("DescribeInstanceAttribute",),
    fix=Fix(
        console="Rotate the secret and keep it in Secrets Manager; stop the instance, then Actions > Instance settings "
        "> Edit user data: fetch it there with the instance's role.",
        cli="aws ec2 modify-instance-attribute --instance-id ID --user-data Value=file://without-secret.b64",
        terraform='resource "aws_instance" "this" { user_data = file("start.sh") }  # reads the secret when it starts',
    ),
)
def user_data_secret(machine: Resource, estate: Estate) -> Iterator[Verdict]:
    """Everyone who may describe instances, and every process on the machine, can read user data in plain text."""
    script = machine["DescribeInstanceAttribute"]["UserData"]
    found = list(script["secrets"])
    if found:
        kinds = ", ".join(f"{one['secret'].value} (line {one['line'].value})" for one in found)
        yield failed(f"User data holds what looks like a secret: {kinds}", *found)
    elif script.present:
        yield passed("Nothing in the user data looks like a secret", script)
    else:
        yield passed("The machine has no user data", script)
