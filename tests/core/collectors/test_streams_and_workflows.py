"""Streams, brokers, caches, search, workflows, stacks and parameters: what is kept, asked, refused."""

import json

import pytest

from scanners.collectors.aws import cloudformation, elasticache, kafka, kinesis, opensearch, sns, ssm, stepfunctions
from tests.core.cases import ACCOUNT, REGION
from tests.core.collectors.replies import gathered

CANARY = "ghp_" + "canary00000000000000000000000000abcd"
(PARAMETER,), (MACHINE,), (STACK,) = ssm.COLLECTORS, stepfunctions.COLLECTORS, cloudformation.COLLECTORS
(STREAM,), (BROKER,), (CACHE,), (DOMAIN,) = (
    kinesis.COLLECTORS,
    kafka.COLLECTORS,
    elasticache.COLLECTORS,
    opensearch.COLLECTORS,
)
_, SUBSCRIPTION = sns.COLLECTORS
FLOW = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:flow"


def only(seen):
    (resource,) = seen.resources
    return resource


@pytest.mark.parametrize("name", ["/db/password", "db/password"])
def test_a_parameter_has_the_arn_that_aws_gives_it(name):
    row = {"Name": name, "Type": "String", "LastModifiedDate": "now", "Version": 7, "Description": CANARY}

    parameter = only(gathered(PARAMETER, DescribeParameters={"Parameters": [row]}))

    assert parameter.ref == f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/db/password"
    assert parameter["DescribeParameters"].value == {"Name": name, "Type": "String"}


def machine(definition):
    listed = {"stateMachines": [{"stateMachineArn": FLOW, "name": "flow", "type": "STANDARD"}]}
    said = {"stateMachineArn": FLOW, "definition": definition, "status": "ACTIVE", "roleArn": "arn:role"}
    return only(gathered(MACHINE, ListStateMachines=listed, DescribeStateMachine=said))["DescribeStateMachine"]


def test_of_a_definition_the_lines_with_secrets_are_kept_and_nothing_else():
    states = {"Call": {"Parameters": {"Header": CANARY, "Body.$": "$.token", "Token": "${Given}"}}}

    kept = machine(json.dumps({"StartAt": "Call", "States": states}))

    assert kept.value.keys() == {"definition", "roleArn"}
    assert kept["definition"]["secrets"].value == [{"line": 6, "secret": "GitHub Token"}]
    assert CANARY not in json.dumps(kept.value)


@pytest.mark.parametrize("definition", ["not JSON", "[" * 100_000])
def test_a_definition_that_is_no_json_is_read_as_it_stands(definition):
    assert machine(definition)["definition"]["secrets"].value == []


def test_of_a_stack_no_value_is_kept():
    row = {
        "StackId": "arn:stack",
        "StackName": "shop",
        "StackStatus": "UPDATE_IN_PROGRESS",
        "Parameters": [
            {"ParameterKey": "DbPassword", "ParameterValue": "****"},
            {"ParameterKey": "Token", "ParameterValue": "/shop/token", "ResolvedValue": CANARY},
        ],
        "Outputs": [{"OutputKey": "Key", "OutputValue": CANARY}, {"OutputKey": "Empty"}],
    }

    kept = only(gathered(STACK, DescribeStacks={"Stacks": [row]}))["DescribeStacks"]

    hidden, given, resolved = kept["Parameters"].value
    assert hidden == {"ParameterKey": "DbPassword", "hidden": True}
    assert (given["secret"], resolved["secret"]) == (None, "GitHub Token")
    assert [one["secret"] for one in kept["Outputs"].value] == ["GitHub Token", None]
    assert CANARY not in json.dumps(kept.value)


def test_a_stream_keeps_its_settings_and_no_counters():
    said = {"StreamName": "clicks", "EncryptionType": "KMS", "OpenShardCount": 4, "StreamStatus": "UPDATING"}

    stream = only(
        gathered(
            STREAM, ListStreams={"StreamNames": ["clicks"]}, DescribeStreamSummary={"StreamDescriptionSummary": said}
        )
    )

    assert stream.ref == f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks"
    assert stream["DescribeStreamSummary"].value == {"StreamName": "clicks", "EncryptionType": "KMS"}


def test_a_cluster_keeps_how_one_connects_and_not_its_state():
    row = {
        "ClusterArn": "arn:k",
        "ClusterName": "log",
        "ClusterType": "PROVISIONED",
        "State": "HEALING",
        "Provisioned": {"ClientAuthentication": {"Tls": {"Enabled": True}}, "CustomerActionStatus": "NONE"},
    }

    kept = only(gathered(BROKER, ListClustersV2={"ClusterInfoList": [row]}))["ListClustersV2"]

    assert kept["Provisioned"].value == {"ClientAuthentication": {"Tls": {"Enabled": True}}}
    assert not kept["State"].present


def test_a_cache_keeps_no_state_of_its_nodes():
    row = {"ARN": "arn:c", "ReplicationGroupId": "c", "Status": "modifying", "AuthTokenEnabled": True}

    kept = only(gathered(CACHE, DescribeReplicationGroups={"ReplicationGroups": [row]}))["DescribeReplicationGroups"]

    assert kept.value == {"ARN": "arn:c", "ReplicationGroupId": "c", "AuthTokenEnabled": True}


def searched(*rows):
    listed = {"DomainNames": [{"DomainName": "catalog", "EngineType": "OpenSearch"}]}
    return only(gathered(DOMAIN, ListDomainNames=listed, DescribeDomains={"DomainStatusList": list(rows)}))


def test_a_domain_keeps_its_policy_as_a_document():
    row = {"DomainName": "catalog", "AccessPolicies": '{"Statement": []}', "Processing": True}

    kept = searched({**row, "AdvancedSecurityOptions": {"Enabled": True, "SAMLOptions": {"Idp": CANARY}}})

    assert kept.ref == f"arn:aws:es:{REGION}:{ACCOUNT}:domain/catalog"
    assert kept["DescribeDomains"].value == {
        "DomainName": "catalog",
        "AccessPolicies": {"Statement": []},
        "AdvancedSecurityOptions": {"Enabled": True},
    }


@pytest.mark.parametrize("rows", [(), ({"DomainName": "catalog", "AccessPolicies": "{"},)])
def test_a_domain_that_was_not_described_is_a_gap(rows):
    assert searched(*rows).gaps["DescribeDomains"][0].state == "parse_error"


def subscription(protocol, endpoint, arn="arn:aws:sns:eu-west-1:1:orders:1234"):
    row = {"SubscriptionArn": arn, "TopicArn": "arn:aws:sns:eu-west-1:1:orders"}
    return gathered(
        SUBSCRIPTION, ListSubscriptions={"Subscriptions": [{**row, "Protocol": protocol, "Endpoint": endpoint}]}
    )


ENDPOINTS = [
    ("http", f"http://me:{CANARY}@hooks.test/x?token={CANARY}", "http://hooks.test"),
    ("https", "https://hooks.test/x", "https://hooks.test"),
    ("sqs", "arn:aws:sqs:eu-west-1:1:orders", "arn:aws:sqs:eu-west-1:1:orders"),
    ("email", "alice@example.com", None),
    ("sms", "+44 20 7946 0000", None),
]


@pytest.mark.parametrize(("protocol", "endpoint", "kept"), ENDPOINTS)
def test_of_an_address_the_host_is_kept_and_of_a_person_nothing(protocol, endpoint, kept):
    seen = only(subscription(protocol, endpoint))

    assert (seen.name, seen["ListSubscriptions"]["Endpoint"].value) == ("orders", kept)


@pytest.mark.parametrize("arn", ["PendingConfirmation", "Deleted"])
def test_a_subscription_that_nobody_confirmed_is_none(arn):
    seen = subscription("http", "http://hooks.test", arn)

    assert (seen.resources, seen.gaps) == ([], {})
