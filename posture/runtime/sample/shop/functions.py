"""Builds the functions of `function_table.py`, each with a role and a log group of its own."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from posture.runtime.sample.emulator import ACCOUNT
from posture.runtime.sample.shop import MAIN, STRANGER
from posture.runtime.sample.shop.account import Account, allow, policy
from posture.runtime.sample.shop.function_table import FUNCTIONS, INVOKE, OWN_LAYER, STRANGE_LAYER, Function, Grant

BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
INSIDE = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"


def package(text: str) -> bytes:
    """A zip with the same bytes every time."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.py", (2024, 1, 1, 0, 0, 0)), text)
    return held.getvalue()


def build(account: Account, ids: dict[str, str], family: str, keys: dict[str, str]) -> None:
    """`family`: an account of the same organisation."""
    given = {"keys": keys, "signing": make_signing(account)}
    stranger = account.elsewhere(STRANGER)
    stranger.client("sqs").create_queue(QueueName="risk-signals")
    layers = {OWN_LAYER: make_layer(account, OWN_LAYER), STRANGE_LAYER: make_layer(stranger, STRANGE_LAYER)}
    for age, function in enumerate(FUNCTIONS):
        with account.past(560 - 20 * age):
            make_role(account, function)
            make_function(account, function, ids, layers, given)
            for grant in function.grants:
                permit(account, function, grant, family)


def make_layer(account: Account, name: str) -> str:
    made = account.client("lambda").publish_layer_version(
        LayerName=name, Content={"ZipFile": package(name)}, CompatibleRuntimes=["python3.13"]
    )
    return str(made["LayerVersionArn"])


def make_role(account: Account, function: Function) -> None:
    if function.runs_as:
        return
    iam, name = account.client("iam"), f"{function.name}-role"
    trust = policy(*({"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"} for who in function.trusts))
    iam.create_role(RoleName=name, Path="/", AssumeRolePolicyDocument=trust, Description=f"Runs {function.name}")
    usual = () if function.silent else (INSIDE if function.inside else BASIC,)
    for arn in (*usual, *function.policies):
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    if table := function.environment.get("TABLE"):
        said = allow(
            ["dynamodb:GetItem", "dynamodb:PutItem"], f"arn:aws:dynamodb:{function.region}:{ACCOUNT}:table/{table}"
        )
        iam.put_role_policy(RoleName=name, PolicyName="own-table", PolicyDocument=policy(said))


def make_signing(account: Account) -> dict[str, str]:
    """What is done with unsigned code → the configuration that says so."""
    profile = f"arn:aws:signer:{MAIN}:{ACCOUNT}:/signing-profiles/pipeline/0000000001"
    return {
        policy: account.client("lambda").create_code_signing_config(
            Description=f"pipeline-{policy.lower()}",
            AllowedPublishers={"SigningProfileVersionArns": [profile]},
            CodeSigningPolicies={"UntrustedArtifactOnDeployment": policy},
        )["CodeSigningConfig"]["CodeSigningConfigArn"]
        for policy in ("Enforce", "Warn")
    }


def make_function(
    account: Account,
    function: Function,
    ids: dict[str, str],
    layers: dict[str, str],
    given: dict[str, dict[str, str]],
) -> None:
    client = account.client("lambda", function.region)
    extra: dict[str, Any] = {}
    if function.inside:
        extra["VpcConfig"] = {
            "SubnetIds": [ids[f"{function.network}-{place}"] for place in function.places],
            "SecurityGroupIds": [ids[function.group]],
        }
    if function.layer:
        extra["Layers"] = [layers[function.layer]]
    if function.environment:
        extra["Environment"] = {"Variables": function.environment}
    if function.mounts:
        extra["FileSystemConfigs"] = [{"Arn": ids[function.mounts], "LocalMountPath": "/mnt/files"}]
    if function.key:
        extra["KMSKeyArn"] = given["keys"][function.key]
    if function.signed:
        extra["CodeSigningConfigArn"] = given["signing"][function.signed]
    client.create_function(
        FunctionName=function.name,
        Runtime=function.runtime,
        Role=f"arn:aws:iam::{ACCOUNT}:role/{function.runs_as or function.name}-role",
        Handler="index.run",
        Code={"ZipFile": package(f"# {function.name}\n")},
        Description=function.note,
        Timeout=function.seconds,
        TracingConfig={"Mode": "Active" if function.traced else "PassThrough"},
        MemorySize=256,
        Tags={"service": function.name.split("-")[0], **function.tags},
        Publish=bool(function.alias),
        **extra,
    )
    if function.alias:
        client.create_alias(FunctionName=function.name, Name=function.alias, FunctionVersion="1")
    if function.cap:
        client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=function.cap)
    if function.url:
        client.create_function_url_config(FunctionName=function.name, **function.url)
    if function.failed_to:
        client.put_function_event_invoke_config(
            FunctionName=function.name, DestinationConfig={"OnFailure": {"Destination": function.failed_to}}
        )
    if function.source:
        client.create_event_source_mapping(FunctionName=function.name, EventSourceArn=function.source, BatchSize=10)
    keep_logs(account, function)


def keep_logs(account: Account, function: Function) -> None:
    logs, group = account.client("logs", function.region), f"/aws/lambda/{function.name}"
    logs.create_log_group(logGroupName=group)
    if function.retention:
        logs.put_retention_policy(logGroupName=group, retentionInDays=function.retention)


def permit(account: Account, function: Function, grant: Grant, family: str) -> None:
    said = {
        "SourceArn": grant.source_arn,
        "SourceAccount": grant.source_account,
        "FunctionUrlAuthType": grant.url_auth,
        "Qualifier": grant.alias,
    }
    principal = f"arn:aws:iam::{family}:root" if grant.principal == "FAMILY" else grant.principal
    account.client("lambda", function.region).add_permission(
        FunctionName=function.name,
        StatementId=grant.sid,
        Action=grant.action if grant.url_auth else INVOKE,
        Principal=principal,
        **{key: value for key, value in said.items() if value},
    )


__all__ = ["MAIN", "build"]
