"""Databases, load balancers, the CDN, containers and sign-in: what is kept, asked, refused."""

from __future__ import annotations

import asyncio
import json

import pytest

from scanners.collectors.asker import Asker
from scanners.collectors.aws import appsync, cloudfront, cognito, ecr, ecs, eks, elbv2, events, rds
from scanners.collectors.gather import gather
from scanners.model import Place, Unit
from tests.core.cases import ACCOUNT, REGION
from tests.core.collectors.replies import DOOR, Replies, gathered

CANARY = "sk_" + "live_" + "canary0000000000000000aa"
INSTANCE, CLUSTER, SNAPSHOT, CLUSTER_SNAPSHOT, GROUP, CLUSTER_GROUP = rds.COLLECTORS
(BALANCER,), (DISTRIBUTION,), (API,) = elbv2.COLLECTORS, cloudfront.COLLECTORS, appsync.COLLECTORS
REPOSITORY, REGISTRY = ecr.COLLECTORS
SHIPS, TASK = ecs.COLLECTORS
ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}"


def only(seen):
    (resource,) = seen.resources
    return resource


def asked(collector, **answers):
    """The questions that a collector puts, as (operation, parameters)."""
    replies = Replies(answers)
    unit = Unit(REGION, collector.unit_service)
    asyncio.run(gather(unit, (collector,), Asker(replies, Place(ACCOUNT, REGION), {}), DOOR))
    return replies.asked


def snapshots(*kinds):
    rows = [{"DBSnapshotIdentifier": kind, "DBSnapshotArn": f"arn:{kind}", "SnapshotType": kind} for kind in kinds]
    return {"DescribeDBSnapshots": {"DBSnapshots": rows}}


RESTORE = {"DBSnapshotAttributesResult": {"DBSnapshotAttributes": [{"AttributeName": "restore"}]}}


def test_a_database_keeps_its_settings_and_nothing_that_moves():
    row = {
        "DBInstanceIdentifier": "orders",
        "DBInstanceArn": "arn:orders",
        "StorageEncrypted": True,
        "LatestRestorableTime": "now",
        "DBInstanceStatus": "backing-up",
        "PendingModifiedValues": {"MasterUserPassword": CANARY},
    }

    database = only(gathered(INSTANCE, DescribeDBInstances={"DBInstances": [row]}))

    assert (database.ref, database.name) == ("arn:orders", "orders")
    assert database["DescribeDBInstances"].value.keys() == {"DBInstanceIdentifier", "DBInstanceArn", "StorageEncrypted"}


def test_only_snapshots_that_can_be_shared_are_asked_about_sharing():
    answers = snapshots("manual", "awsbackup", "automated") | {"DescribeDBSnapshotAttributes": RESTORE}
    seen = gathered(SNAPSHOT, **answers)

    assert {snapshot.name: set(snapshot.documents) for snapshot in seen.resources} == {
        "manual": {"DescribeDBSnapshots", "DescribeDBSnapshotAttributes"},
        "awsbackup": {"DescribeDBSnapshots"},
    }
    assert seen.listed == {"AWS::RDS::DBSnapshot"}


def test_a_snapshot_without_attributes_is_not_a_private_snapshot():
    seen = gathered(SNAPSHOT, **snapshots("manual"), DescribeDBSnapshotAttributes={"DBSnapshotAttributesResult": {}})

    assert only(seen).gaps["DescribeDBSnapshotAttributes"][0].state == "parse_error"


REFUSED = [
    # collector, what answers, what refuses, the permission it needs
    (SNAPSHOT, snapshots("manual"), "DescribeDBSnapshotAttributes", "rds:DescribeDBSnapshotAttributes"),
    (
        CLUSTER_SNAPSHOT,
        {
            "DescribeDBClusterSnapshots": {
                "DBClusterSnapshots": [
                    {"DBClusterSnapshotIdentifier": "a", "DBClusterSnapshotArn": "arn", "SnapshotType": "manual"}
                ]
            }
        },
        "DescribeDBClusterSnapshotAttributes",
        "rds:DescribeDBClusterSnapshotAttributes",
    ),
    (
        BALANCER,
        {
            "DescribeLoadBalancers": {
                "LoadBalancers": [{"LoadBalancerArn": "arn", "LoadBalancerName": "a", "Type": "x"}]
            }
        },
        "DescribeListeners",
        "elasticloadbalancing:DescribeListeners",
    ),
    (
        REPOSITORY,
        {"DescribeRepositories": {"repositories": [{"repositoryArn": "arn", "repositoryName": "a"}]}},
        "GetRepositoryPolicy",
        "ecr:GetRepositoryPolicy",
    ),
    (SHIPS, {"ListClusters": {"clusterArns": [f"{ARN}:cluster/a"]}}, "ListServices", "ecs:ListServices"),
    (TASK, {"ListTaskDefinitionFamilies": {"families": ["a"]}}, "DescribeTaskDefinition", "ecs:DescribeTaskDefinition"),
    (eks.COLLECTORS[0], {"ListClusters": {"clusters": ["a"]}}, "DescribeCluster", "eks:DescribeCluster"),
    (
        cognito.COLLECTORS[0],
        {"ListUserPools": {"UserPools": [{"Id": "eu_1", "Name": "a"}]}},
        "DescribeUserPool",
        "cognito-idp:DescribeUserPool",
    ),
]


@pytest.mark.parametrize(("collector", "answers", "operation", "permission"), REFUSED, ids=[r[2] for r in REFUSED])
def test_a_refused_detail_is_a_gap_and_no_empty_document(collector, answers, operation, permission):
    resource = only(gathered(collector, **answers, **{operation: "AccessDeniedException"}))

    (gap,) = resource.gaps[operation]
    assert (gap.permission, gap.code) == (permission, "AccessDeniedException")
    assert operation not in resource.documents


def balancer(kind, **more):
    row = {"LoadBalancerArn": "arn:b", "LoadBalancerName": "b", "Type": kind, "State": {"Code": "provisioning"}}
    return {"DescribeLoadBalancers": {"LoadBalancers": [row]}, "DescribeListeners": {"Listeners": []}, **more}


def test_only_a_balancer_that_takes_a_web_firewall_is_asked_for_one():
    wall = {"WebACL": {"ARN": "arn:w", "Name": "w", "Rules": [1], "Capacity": 9}}

    walled = only(gathered(BALANCER, **balancer("application", GetWebACLForResource=wall)))
    bare = only(gathered(BALANCER, **balancer("application", GetWebACLForResource={"WebACL": None})))
    network = only(gathered(BALANCER, **balancer("network")))

    assert walled["GetWebACLForResource"].value == {"WebACL": {"ARN": "arn:w", "Name": "w"}}
    assert not bare["GetWebACLForResource"]["WebACL"].present
    assert "GetWebACLForResource" not in network.documents | network.gaps
    assert "State" not in walled["DescribeLoadBalancers"].value


def test_the_secret_of_a_listener_that_signs_people_in_is_not_kept():
    listener = {"DefaultActions": [{"Type": "authenticate-oidc", "AuthenticateOidcConfig": {"ClientSecret": CANARY}}]}

    seen = gathered(BALANCER, **balancer("network") | {"DescribeListeners": {"Listeners": [listener]}})

    assert CANARY not in json.dumps(only(seen).documents)


def test_of_headers_that_a_distribution_adds_no_value_is_kept():
    headers = {"Quantity": 1, "Items": [{"HeaderName": "x-key", "HeaderValue": CANARY}]}
    row = {
        "Id": "E1",
        "ARN": "arn:E1",
        "Aliases": {"Items": ["www.example", "a.example"]},
        "Origins": {"Items": [{"Id": "o", "CustomHeaders": headers}, {"Id": "s3"}]},
    }

    distribution = only(gathered(DISTRIBUTION, ListDistributions={"DistributionList": {"Items": [row]}}))

    kept = distribution["ListDistributions"]["Origins"]["Items"][0]["CustomHeaders"]["x-key"]
    assert distribution.name == "a.example"
    assert kept["secret"].value == "Stripe Access Key"
    assert CANARY not in json.dumps(distribution.documents)


def test_no_value_passes_out_of_a_task_definition():
    container = {
        "name": "app",
        "environment": [{"name": "KEY", "value": CANARY}, {"name": "KEY", "value": "other"}],
        "command": ["serve", f"--token={CANARY}"],
        "entryPoint": [CANARY],
        "dockerLabels": {"token": CANARY},
        "logConfiguration": {"logDriver": "splunk", "options": {"splunk-token": CANARY}},
        "healthCheck": {"command": [CANARY]},
    }
    task = {
        "family": "a",
        "containerDefinitions": [container],
        "volumes": [{"name": "v", "dockerVolumeConfiguration": {"driverOpts": {"password": CANARY}}}],
    }

    family = only(
        gathered(TASK, ListTaskDefinitionFamilies={"families": ["a"]}, DescribeTaskDefinition={"taskDefinition": task})
    )

    said = family["DescribeTaskDefinition"]["containerDefinitions"][0]
    assert family.ref == f"{ARN}:task-definition/a"
    assert [variable["secret"].value for variable in said["environment"]] == ["Stripe Access Key", None]
    assert said["command"]["secrets"][0]["secret"].value == "Stripe Access Key"
    assert CANARY not in json.dumps(family.documents)


def test_services_are_described_ten_at_a_time():
    services = [f"{ARN}:service/shop/s{n:02}" for n in range(23)]
    answers = {
        "ListClusters": {"clusterArns": [f"{ARN}:cluster/shop"]},
        "ListServices": {"serviceArns": services},
        "DescribeServices": {"services": [{"serviceName": "s", "events": ["moves"], "runningCount": 3}]},
    }

    questions = [params for operation, params in asked(SHIPS, **answers) if operation == "DescribeServices"]
    kept = only(gathered(SHIPS, **answers))["DescribeServices"][services[10]]

    assert [len(params["services"]) for params in questions] == [10, 10, 3]
    assert {params["cluster"] for params in questions} == {f"{ARN}:cluster/shop"}
    assert kept.value == [{"serviceName": "s", "taskSets": [], "serviceConnect": []}]


def test_a_service_that_was_not_described_is_a_gap_unless_it_is_gone():
    def described(reason):
        answers = {
            "ListClusters": {"clusterArns": [f"{ARN}:cluster/shop"]},
            "ListServices": {"serviceArns": ["a"]},
            "DescribeServices": {"services": [], "failures": [{"arn": "a", "reason": reason}]},
        }
        return only(gathered(SHIPS, **answers))

    assert described("MISSING")["DescribeServices"].value == {"a": []}
    assert described("ACCESS").gaps["DescribeServices"][0].state == "parse_error"


def test_what_a_registry_scans_is_a_thing_of_its_region():
    answer = {"registryId": ACCOUNT, "scanningConfiguration": {"scanType": "BASIC", "rules": []}}

    registry = only(gathered(REGISTRY, GetRegistryScanningConfiguration=answer))

    assert registry.ref == f"arn:aws:ecr:{REGION}:{ACCOUNT}:registry"
    assert registry["GetRegistryScanningConfiguration"]["scanningConfiguration"]["rules"].value == []


def test_a_repository_has_no_policy_only_when_the_answer_says_so():
    listed = {"DescribeRepositories": {"repositories": [{"repositoryArn": "arn", "repositoryName": "a"}]}}

    without = only(gathered(REPOSITORY, **listed, GetRepositoryPolicy="RepositoryPolicyNotFoundException"))
    gone = only(gathered(REPOSITORY, **listed, GetRepositoryPolicy="RepositoryNotFoundException"))

    assert without["GetRepositoryPolicy"].value is None
    assert gone.gaps["GetRepositoryPolicy"][0].code == "RepositoryNotFoundException"


def test_a_pool_keeps_no_counter_and_is_known_by_its_arn():
    said = {"Id": "eu_1", "MfaConfiguration": "ON", "EstimatedNumberOfUsers": 7}
    listed = {"ListUserPools": {"UserPools": [{"Id": "eu_1", "Name": "staff"}]}}

    pool = only(gathered(cognito.COLLECTORS[0], **listed, DescribeUserPool={"UserPool": said}))

    assert pool.ref == f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/eu_1"
    assert pool["DescribeUserPool"].value == {"Id": "eu_1", "MfaConfiguration": "ON"}


def test_a_bus_keeps_its_policy_as_a_document():
    row = {"Name": "orders", "Arn": "arn:orders", "Policy": '{"Statement": []}', "LastModifiedTime": "now"}

    bus = only(gathered(events.COLLECTORS[0], ListEventBuses={"EventBuses": [row]}))

    assert bus["ListEventBuses"].value == {"Name": "orders", "Arn": "arn:orders", "Policy": {"Statement": []}}


def test_an_api_and_a_cluster_are_known_by_their_arns():
    api = only(gathered(API, ListGraphqlApis={"graphqlApis": [{"arn": "arn:a", "name": "catalog"}]}))
    cluster = only(
        gathered(eks.COLLECTORS[0], ListClusters={"clusters": ["c"]}, DescribeCluster={"cluster": {"status": "ACTIVE"}})
    )

    assert (api.ref, api.name) == ("arn:a", "catalog")
    assert cluster.ref == f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/c"
    assert cluster["DescribeCluster"].value == {}
