"""What stands in the account of the benchmark and which of it is wrong: pure, and the same for the same seed.

About 300 resources a unit of `n`, 60, 30 and 10 % of them in three regions.  Every resource has at most one flaw, so
that a class of flaws can be compared, resource by resource, with what an auditor reports.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

REGIONS = ("eu-west-1", "us-east-1", "eu-central-1")
_SHARES = (0, 0, 1, 0, 0, 1, 0, 2, 1, 0)  # of ten things, six stand in the first region, three in the second
ROLE, FUNCTION, KEY = "AWS::IAM::Role", "AWS::Lambda::Function", "AWS::KMS::Key"


@dataclass(frozen=True, slots=True)
class Item:
    """One resource to build.  `flaw` names what is wrong with it; empty: it is sound."""

    kind: str
    number: int
    name: str
    region: str
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class Flaw:
    """A class of planted defects: the check of ours that must find it, and Prowler's that come nearest."""

    name: str
    share: float
    check: str
    prowler: tuple[str, ...] = ()
    also: tuple[str, ...] = ()  # further checks, of anybody, that are right to fail on such a thing


@dataclass(frozen=True, slots=True)
class Sort:
    """So many of a kind a unit; `once`: so many in an account of any size."""

    kind: str
    noun: str
    each: float
    flaws: tuple[Flaw, ...] = ()
    everywhere: bool = True
    once: int = 0


OPEN_PORT = "ec2_securitygroup_allow_ingress_from_internet_to_"
SORTS = (
    Sort(
        "AWS::IAM::ManagedPolicy",
        "policy",
        10,
        (
            Flaw(
                "policy that allows everything",
                0.05,
                "aws.iam.policy_admin",
                (
                    "iam_customer_attached_policy_no_administrative_privileges",
                    "iam_customer_unattached_policy_no_administrative_privileges",
                ),
            ),
        ),
        everywhere=False,
    ),
    Sort("AWS::IAM::Group", "team", 2, everywhere=False),
    Sort(
        "AWS::IAM::User",
        "person",
        8,
        (
            Flaw(
                "console user without MFA",
                0.35,
                "aws.iam.user_mfa",
                ("iam_user_mfa_enabled_console_access",),
            ),
        ),
        everywhere=False,
    ),
    Sort(
        ROLE,
        "role",
        8,
        (
            Flaw(
                "role that trusts everyone",
                0.12,
                "aws.iam.trust_everyone",
            ),
        ),
        everywhere=False,
    ),
    Sort("AWS::IAM::OIDCProvider", "oidc", 0, everywhere=False, once=1),
    Sort("AWS::IAM::SAMLProvider", "saml", 0, everywhere=False, once=1),
    Sort(
        KEY,
        "key",
        5,
        (
            Flaw("key that everyone may use", 0.12, "aws.kms.public_key_policy", ("kms_key_not_publicly_accessible",)),
            Flaw("key that is not rotated", 0.15, "aws.kms.rotation", ("kms_cmk_rotation_enabled",)),
        ),
    ),
    Sort(
        "AWS::S3::Bucket",
        "bucket",
        10,
        (
            Flaw(
                "bucket that everyone may read",
                0.09,
                "aws.s3.public",
                ("s3_bucket_public_access", "s3_bucket_policy_public_write_access"),
            ),
            Flaw("bucket without versioning", 0.1, "aws.s3.versioning", ("s3_bucket_object_versioning",)),
            Flaw("bucket that takes plain HTTP", 0.1, "aws.s3.tls_only", ("s3_bucket_secure_transport_policy",)),
        ),
    ),
    Sort(
        "AWS::SecretsManager::Secret",
        "secret",
        6,
        (
            Flaw(
                "secret that everyone may read",
                0.1,
                "aws.secretsmanager.public",
                ("secretsmanager_not_publicly_accessible",),
            ),
        ),
    ),
    Sort(
        "AWS::SQS::Queue",
        "queue",
        6,
        (
            Flaw("queue open to everyone", 0.12, "aws.sqs.public", ("sqs_queues_not_publicly_accessible",)),
            Flaw(
                "queue without encryption", 0.1, "aws.sqs.unencrypted", ("sqs_queues_server_side_encryption_enabled",)
            ),
        ),
    ),
    Sort(
        "AWS::SNS::Topic",
        "topic",
        6,
        (
            Flaw("topic open to everyone", 0.12, "aws.sns.public", ("sns_topics_not_publicly_accessible",)),
            Flaw("topic without a KMS key", 0.1, "aws.sns.unencrypted", ("sns_topics_kms_encryption_at_rest_enabled",)),
        ),
    ),
    Sort(
        "AWS::DynamoDB::Table",
        "table",
        5,
        (Flaw("table that cannot be restored", 0.2, "aws.dynamodb.pitr", ("dynamodb_tables_pitr_enabled",)),),
    ),
    Sort("AWS::CertificateManager::Certificate", "certificate", 1),
    Sort(
        "AWS::EC2::VPC",
        "network",
        1,
        (Flaw("network without flow logs", 0.2, "aws.vpc.flow_logs", ("vpc_flow_logs_enabled",)),),
    ),
    Sort(
        "AWS::EC2::SecurityGroup",
        "group",
        14,
        (
            Flaw("SSH open to the internet", 0.05, "aws.ec2.sg_open_admin", (OPEN_PORT + "tcp_port_22",)),
            Flaw(
                "database port open to the internet",
                0.05,
                "aws.ec2.sg_open_data",
                (OPEN_PORT + "tcp_port_postgres_5432",),
            ),
            Flaw(
                "every port open to the internet",
                0.04,
                "aws.ec2.sg_open_all",
                (OPEN_PORT + "all_ports",),
                also=(
                    "aws.ec2.sg_open_admin",
                    "aws.ec2.sg_open_data",
                    OPEN_PORT + "tcp_port_22",
                    OPEN_PORT + "tcp_port_postgres_5432",
                ),
            ),
        ),
    ),
    Sort(
        "AWS::EC2::Instance",
        "machine",
        6,
        (
            Flaw("machine with metadata v1", 0.15, "aws.ec2.imdsv2", ("ec2_instance_imdsv2_enabled",)),
            Flaw("secret in user data", 0.1, "aws.ec2.user_data_secret", ("ec2_instance_secrets_user_data",)),
        ),
    ),
    Sort(
        "AWS::RDS::DBInstance",
        "database",
        2,
        (Flaw("database without encryption", 0.2, "aws.rds.unencrypted", ("rds_instance_storage_encrypted",)),),
    ),
    Sort(
        "AWS::RDS::DBSnapshot",
        "snapshot",
        2,
        (
            Flaw(
                "snapshot that everyone may restore", 0.15, "aws.rds.snapshot_public", ("rds_snapshots_public_access",)
            ),
        ),
    ),
    Sort(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "balancer",
        2,
        (Flaw("load balancer that serves plain HTTP", 0.2, "aws.elbv2.http_listener", ("elbv2_ssl_listeners",)),),
    ),
    Sort(
        "AWS::ECR::Repository",
        "images",
        3,
        (
            Flaw(
                "repository open to everyone",
                0.1,
                "aws.ecr.public_policy",
                ("ecr_repositories_not_publicly_accessible",),
            ),
            Flaw("image tags that can be moved", 0.2, "aws.ecr.mutable_tags", ("ecr_repositories_tag_immutability",)),
        ),
    ),
    Sort("AWS::ECS::Cluster", "cluster", 1),
    Sort(
        "AWS::ECS::TaskDefinition",
        "task",
        3,
        (
            Flaw("privileged container", 0.1, "aws.ecs.privileged", ("ecs_task_definitions_no_privileged_containers",)),
            Flaw(
                "secret in a container's variables",
                0.1,
                "aws.ecs.env_secret",
                ("ecs_task_definitions_no_environment_secrets",),
            ),
        ),
    ),
    Sort("AWS::ECS::Service", "service", 3),
    Sort(
        "AWS::EKS::Cluster",
        "kube",
        0.7,
        (
            Flaw(
                "control plane open to the internet",
                0.3,
                "aws.eks.public_endpoint",
                ("eks_cluster_not_publicly_accessible",),
            ),
        ),
    ),
    Sort(
        FUNCTION,
        "function",
        24,
        (
            Flaw(
                "function that everyone may call",
                0.06,
                "aws.lambda.public_policy",
                ("awslambda_function_not_publicly_accessible",),
                also=("awslambda_function_not_publicly_accessible",),
            ),
            Flaw(
                "function URL without sign-in",
                0.04,
                "aws.lambda.url_no_auth",
                ("awslambda_function_url_public",),
                also=("aws.lambda.public_policy", "awslambda_function_not_publicly_accessible"),
            ),
            Flaw(
                "secret in a function's variables",
                0.06,
                "aws.lambda.env_secret",
                ("awslambda_function_no_secrets_in_variables",),
            ),
            Flaw(
                "runtime past its support",
                0.05,
                "aws.lambda.runtime_deprecated",
                ("awslambda_function_using_supported_runtimes",),
            ),
            Flaw(
                "service permission tied to no source",
                0.05,
                "aws.lambda.service_principal_unscoped",
                ("awslambda_function_not_publicly_accessible",),
            ),
        ),
    ),
    Sort("AWS::Lambda::EventSourceMapping", "mapping", 3),
    Sort(
        "AWS::ApiGateway::RestApi",
        "rest",
        3,
        (
            Flaw(
                "REST method without sign-in",
                0.3,
                "aws.apigw.method_no_auth",
                ("apigateway_restapi_authorizers_enabled", "apigateway_restapi_public_with_authorizer"),
            ),
        ),
    ),
    Sort(
        "AWS::ApiGatewayV2::Api",
        "http",
        3,
        (
            Flaw(
                "HTTP route without sign-in",
                0.3,
                "aws.apigw.v2_route_no_auth",
                ("apigatewayv2_api_authorizers_enabled",),
            ),
        ),
    ),
    Sort(
        "AWS::Events::EventBus",
        "bus",
        1,
        (Flaw("event bus open to everyone", 0.2, "aws.events.bus_public", ("eventbridge_bus_exposed",)),),
    ),
    Sort(
        "AWS::Cognito::UserPool",
        "pool",
        1,
        (Flaw("user pool without MFA", 0.3, "aws.cognito.mfa", ("cognito_user_pool_mfa_enabled",)),),
    ),
    Sort(
        "AWS::AppSync::GraphQLApi",
        "graph",
        1,
        (
            Flaw(
                "GraphQL API behind an API key",
                0.3,
                "aws.appsync.api_key_auth",
                ("appsync_graphql_api_no_api_key_authentication",),
            ),
        ),
    ),
    Sort(
        "AWS::CloudFront::Distribution",
        "site",
        0.5,
        (
            Flaw(
                "viewers over plain HTTP",
                0.2,
                "aws.cloudfront.viewer_https",
                ("cloudfront_distributions_https_enabled",),
            ),
        ),
        everywhere=False,
    ),
    Sort("AWS::CloudTrail::Trail", "trail", 0, once=1, everywhere=False),
    Sort("AWS::CloudWatch::Alarm", "alarm", 5),
    Sort("AWS::Events::Rule", "rule", 2),
    Sort("AWS::StepFunctions::StateMachine", "machine-of-states", 1),
    Sort("AWS::Kinesis::Stream", "stream", 1),
    Sort("AWS::SSM::Parameter", "parameter", 3),
)


def design(n: int, seed: int) -> list[Item]:
    """The items in the order in which they can be built."""
    return [item for sort in SORTS for item in _items(sort, n, seed)]


def flaws() -> dict[str, tuple[str, Flaw]]:
    """Every class of flaws by its name, with the kind that has it."""
    return {flaw.name: (sort.kind, flaw) for sort in SORTS for flaw in sort.flaws}


def _items(sort: Sort, n: int, seed: int) -> Iterator[Item]:
    total = sort.once or max(1, round(sort.each * n))
    dice = random.Random(f"{seed} {sort.kind}")  # noqa: S311  (repeatable on purpose)
    places = dice.sample(range(total), total)
    wrong: dict[int, str] = {}
    for flaw in sort.flaws:
        for _ in range(max(1, round(total * flaw.share))):
            if len(places) > (total > 1):  # something stays sound, where there is more than one
                wrong[places.pop()] = flaw.name
    for number in range(total):
        region = REGIONS[_SHARES[number % len(_SHARES)]] if sort.everywhere else REGIONS[0]
        yield Item(sort.kind, number, f"{sort.noun}-{number:05}", region, wrong.get(number, ""))
