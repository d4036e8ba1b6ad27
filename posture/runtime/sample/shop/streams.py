"""Streams, brokers, caches, search, workflows, stacks and parameters."""

from __future__ import annotations

import json
from typing import Any

from posture.runtime.sample.emulator import ACCOUNT
from posture.runtime.sample.shop import EDGE, MAIN
from posture.runtime.sample.shop.account import Account, policy, statement

FLOW_SECRET = "sk_" + "live_" + "FakeFernhollowFlow000519"  # planted
STACK_SECRET = "ghp_" + "FakeFernhollowStackToken000000000661"  # planted
CACHE_TOKEN = "Fernhollow-fake-cache-9920"  # noqa: S105 - of a cache that does not exist

PARAMETERS = (  # name, region, type
    ("/orders/database-password", MAIN, "SecureString"),
    ("/orders/page-size", MAIN, "String"),
    ("/search/api-key", MAIN, "String"),
    ("/search/api-key-arn", MAIN, "String"),
    ("legacy_ftp_password", EDGE, "String"),
)
STREAMS = (("clicks", MAIN, True), ("orders-changes", MAIN, True), ("legacy-clicks", EDGE, False))
IAM_ONLY = {"Sasl": {"Iam": {"Enabled": True}}, "Unauthenticated": {"Enabled": False}}
BROKERS: tuple[tuple[str, str, dict[str, Any], str], ...] = (  # name, region, who may connect, how
    ("order-log", MAIN, IAM_ONLY, "TLS"),
    ("legacy-log", EDGE, {"Unauthenticated": {"Enabled": True}}, "TLS_PLAINTEXT"),
)
CACHES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("sessions-cache", MAIN, {"TransitEncryptionEnabled": True, "AuthToken": CACHE_TOKEN}),
    ("catalog-cache", MAIN, {"TransitEncryptionEnabled": True, "UserGroupIds": ["catalog"]}),
    ("legacy-cache", EDGE, {"TransitEncryptionEnabled": False}),
)
SAFE: dict[str, Any] = {
    "AdvancedSecurityOptions": {"Enabled": True},
    "DomainEndpointOptions": {"EnforceHTTPS": True},
    "NodeToNodeEncryptionOptions": {"Enabled": True},
    "EncryptionAtRestOptions": {"Enabled": True},
}
OPEN = {"AccessPolicies": policy(statement("Allow", {"AWS": "*"}, "es:*"))}
DOMAINS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("catalog-search", MAIN, {**SAFE, "VPCOptions": {"SubnetIds": ["subnet-0shop"]}}),
    ("legacy-search", EDGE, OPEN),
)
MACHINES = (  # name, region, level, header sent to a partner
    ("checkout", MAIN, "ERROR", "$.reference"),
    ("legacy-import", EDGE, "OFF", FLOW_SECRET),
)
STACKS = (("shop-network", MAIN, "10.0.0.0/16"), ("legacy-tools", EDGE, STACK_SECRET))  # name, region, an output


def build(account: Account) -> None:
    with account.past(380):
        build_parameters(account)
        build_streams(account)
        build_searches(account)
        build_workflows(account)


def build_parameters(account: Account) -> None:
    for name, region, kind in PARAMETERS:
        account.client("ssm", region).put_parameter(Name=name, Type=kind, Value="Fernhollow-fake-parameter")


def build_streams(account: Account) -> None:
    for name, region, encrypted in STREAMS:
        kinesis = account.client("kinesis", region)
        kinesis.create_stream(StreamName=name, ShardCount=1)
        if encrypted:
            kinesis.start_stream_encryption(StreamName=name, EncryptionType="KMS", KeyId="alias/aws/kinesis")
    for name, region, clients, road in BROKERS:
        made = {
            "BrokerNodeGroupInfo": {"ClientSubnets": ["subnet-0shop"], "InstanceType": "kafka.m7g.large"},
            "KafkaVersion": "3.7.x",
            "NumberOfBrokerNodes": 2,
            "ClientAuthentication": clients,
            "EncryptionInfo": {"EncryptionInTransit": {"ClientBroker": road, "InCluster": True}},
        }
        account.client("kafka", region).create_cluster_v2(ClusterName=name, Provisioned=made)
    for name, region, settings in CACHES:
        account.client("elasticache", region).create_replication_group(
            ReplicationGroupId=name, ReplicationGroupDescription=name, **settings
        )


def build_searches(account: Account) -> None:
    for name, region, settings in DOMAINS:
        account.client("opensearch", region).create_domain(DomainName=name, EngineVersion="OpenSearch_2.17", **settings)


def build_workflows(account: Account) -> None:
    for name, region, level, header in MACHINES:
        group = f"arn:aws:logs:{region}:{ACCOUNT}:log-group:/aws/vendedlogs/{name}:*"
        kept = {"destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}]} if level != "OFF" else {}
        account.client("stepfunctions", region).create_state_machine(
            name=name,
            definition=json.dumps(flow(header)),
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/{name.rpartition('-')[2]}-flow",
            loggingConfiguration={"level": level, **kept},
        )
    for name, region, output in STACKS:
        template = {
            "Parameters": {"Stage": {"Type": "String", "Default": "production"}},
            "Resources": {"Kept": {"Type": "AWS::CloudFormation::WaitConditionHandle"}},
            "Outputs": {"Shared": {"Value": output}},
        }
        account.client("cloudformation", region).create_stack(StackName=name, TemplateBody=json.dumps(template))


def flow(header: str) -> dict[str, Any]:
    call = {"Type": "Pass", "Result": {"Header": header}, "End": True}
    return {"StartAt": "Call", "States": {"Call": call}}
