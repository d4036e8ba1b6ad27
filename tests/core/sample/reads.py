"""Every read call that the collectors make, on everything they would find: the answers as one flat table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

Answers = dict[tuple[str, ...], Any]

ONCE = [  # of the account
    "sts.get_caller_identity",
    "iam.get_account_authorization_details",
    "iam.get_account_summary",
    "iam.get_account_password_policy",
    "iam.generate_credential_report",
    "iam.get_credential_report",
    "iam.list_open_id_connect_providers",
    "iam.list_saml_providers",
    "iam.list_virtual_mfa_devices",
    "iam.list_server_certificates",
    "organizations.list_accounts",
    "organizations.describe_organization",
    "s3.list_buckets",
    "cloudfront.list_distributions",
]
EACH_REGION = [  # of each region
    "ec2.describe_regions",
    "ec2.describe_instances",
    "ec2.describe_security_groups",
    "ec2.describe_network_interfaces",
    "ec2.describe_network_acls",
    "ec2.describe_route_tables",
    "ec2.describe_internet_gateways",
    "ec2.describe_nat_gateways",
    "ec2.describe_vpc_endpoints",
    "ec2.describe_addresses",
    "ec2.describe_vpcs",
    "ec2.describe_subnets",
    "ec2.describe_flow_logs",
    "ec2.describe_vpc_peering_connections",
    "lambda.list_functions",
    "lambda.list_event_source_mappings",
    "lambda.list_layers",
    "apigateway.get_rest_apis",
    "apigateway.get_domain_names",
    "apigateway.get_usage_plans",
    "apigatewayv2.get_apis",
    "apigatewayv2.get_domain_names",
    "kms.list_keys",
    "kms.list_aliases",
    "secretsmanager.list_secrets",
    "sqs.list_queues",
    "sns.list_topics",
    "sns.list_subscriptions",
    "dynamodb.list_tables",
    "cloudtrail.describe_trails",
    "logs.describe_log_groups",
    "logs.describe_metric_filters",
    "logs.describe_resource_policies",
    "rds.describe_db_instances",
    "rds.describe_db_clusters",
    "rds.describe_db_snapshots",
    "rds.describe_db_cluster_snapshots",
    "elbv2.describe_load_balancers",
    "ecr.describe_repositories",
    "ecr.get_registry_scanning_configuration",
    "ecs.list_clusters",
    "ecs.list_task_definition_families",
    "eks.list_clusters",
    "appsync.list_graphql_apis",
    "events.list_event_buses",
    "accessanalyzer.list_analyzers",
    "guardduty.list_detectors",
    "codebuild.list_projects",
    "config.describe_configuration_recorders",
    "config.describe_configuration_recorder_status",
    "inspector2.list_coverage",
    "inspector2.list_findings",
    "cloudwatch.describe_alarms",
    "events.list_rules",
    "ssm.describe_parameters",
    "stepfunctions.list_state_machines",
    "cloudformation.describe_stacks",
    "kinesis.list_streams",
    "kafka.list_clusters_v2",
    "elasticache.describe_replication_groups",
    "opensearch.list_domain_names",
    "vpc-lattice.list_services",
    "vpc-lattice.list_service_networks",
]


class Reader:
    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.session = boto3.Session(aws_access_key_id="AKIAREADERREADERREAD", aws_secret_access_key="x")
        self.clients: dict[tuple[str, str], Any] = {}
        self.answers: Answers = {}

    def client(self, service: str, region: str = "eu-west-1") -> Any:
        if (service, region) not in self.clients:
            config = Config(retries={"total_max_attempts": 1})
            made = self.session.client(service, region_name=region, endpoint_url=self.endpoint, config=config)
            made.meta.events.register("before-send.s3-control.*", unprefixed)
            self.clients[service, region] = made
        return self.clients[service, region]

    def ask(self, call: str, region: str = "eu-west-1", **parameters: Any) -> dict[str, Any]:
        service, operation = call.split(".")
        try:
            answer = getattr(self.client(service, region), operation)(**parameters)
        except ClientError as error:
            answer = {"error": error.response["Error"]["Code"], "message": error.response["Error"]["Message"]}
        answer.pop("ResponseMetadata", None)
        self.answers[call, region, *(f"{key}={value}" for key, value in parameters.items())] = answer
        return answer


def unprefixed(request: Any, **_: Any) -> None:
    request.url = request.url.replace("//424242424242.", "//", 1)


def read_everything(endpoint: str, regions: tuple[str, ...]) -> Answers:
    reader = Reader(endpoint)
    for call in ONCE:
        reader.ask(call)
    for region in regions:
        for call in EACH_REGION:
            reader.ask(call, region)
        for detail in (
            of_functions,
            of_gateways,
            of_keys,
            of_messages,
            of_tables,
            of_trails,
            of_machines,
            of_platform,
            of_watch,
            of_streams,
        ):
            detail(reader, region)
    of_people(reader)
    of_buckets(reader)
    return reader.answers


def listed(reader: Reader, call: str, key: str, region: str = "eu-west-1") -> Iterator[Any]:
    yield from reader.answers[call, region].get(key, [])


def of_people(reader: Reader) -> None:
    for provider in listed(reader, "iam.list_open_id_connect_providers", "OpenIDConnectProviderList"):
        reader.ask("iam.get_open_id_connect_provider", OpenIDConnectProviderArn=provider["Arn"])
    for provider in listed(reader, "iam.list_saml_providers", "SAMLProviderList"):
        reader.ask("iam.get_saml_provider", SAMLProviderArn=provider["Arn"])
    for user in listed(reader, "iam.get_account_authorization_details", "UserDetailList"):
        for key in reader.ask("iam.list_access_keys", UserName=user["UserName"]).get("AccessKeyMetadata", []):
            reader.ask("iam.get_access_key_last_used", AccessKeyId=key["AccessKeyId"])


def of_functions(reader: Reader, region: str) -> None:
    for function in listed(reader, "lambda.list_functions", "Functions", region):
        name = {"FunctionName": function["FunctionName"]}
        aliases = reader.ask("lambda.list_aliases", region, **name).get("Aliases", [])
        versions = reader.ask("lambda.list_versions_by_function", region, **name).get("Versions", [])
        for qualifier in [
            None,
            *(a["Name"] for a in aliases),
            *(v["Version"] for v in versions if v["Version"] != "$LATEST"),
        ]:
            named = name | ({"Qualifier": qualifier} if qualifier else {})
            reader.ask("lambda.get_policy", region, **named)
            reader.ask("lambda.get_function_url_config", region, **named)
            reader.ask("lambda.get_function_event_invoke_config", region, **named)
        reader.ask("lambda.list_function_url_configs", region, **name)
        reader.ask("lambda.get_function_concurrency", region, **name)
    for layer in listed(reader, "lambda.list_layers", "Layers", region):
        version = layer["LatestMatchingVersion"]["Version"]
        reader.ask("lambda.get_layer_version_policy", region, LayerName=layer["LayerName"], VersionNumber=version)


def of_gateways(reader: Reader, region: str) -> None:
    for api in listed(reader, "apigateway.get_rest_apis", "items", region):
        reader.ask("apigateway.get_resources", region, restApiId=api["id"], embed=["methods"])
        for call in ("get_stages", "get_authorizers", "get_request_validators"):
            reader.ask(f"apigateway.{call}", region, restApiId=api["id"])
    for api in listed(reader, "apigatewayv2.get_apis", "Items", region):
        for call in ("get_routes", "get_authorizers", "get_stages", "get_integrations"):
            found = reader.ask(f"apigatewayv2.{call}", region, ApiId=api["ApiId"])
            for door in found.get("Items", []) if call == "get_authorizers" else []:
                reader.ask("apigatewayv2.get_authorizer", region, ApiId=api["ApiId"], AuthorizerId=door["AuthorizerId"])


def of_keys(reader: Reader, region: str) -> None:
    for key in listed(reader, "kms.list_keys", "Keys", region):
        reader.ask("kms.describe_key", region, KeyId=key["KeyId"])
        reader.ask("kms.get_key_policy", region, KeyId=key["KeyId"], PolicyName="default")
        reader.ask("kms.get_key_policy", region, KeyId=key["KeyId"])
        reader.ask("kms.get_key_rotation_status", region, KeyId=key["KeyId"])
        reader.ask("kms.list_grants", region, KeyId=key["KeyId"])
    for secret in listed(reader, "secretsmanager.list_secrets", "SecretList", region):
        reader.ask("secretsmanager.get_resource_policy", region, SecretId=secret["ARN"])


def of_messages(reader: Reader, region: str) -> None:
    for url in listed(reader, "sqs.list_queues", "QueueUrls", region):
        reader.ask("sqs.get_queue_attributes", region, QueueUrl=url, AttributeNames=["All"])
    for topic in listed(reader, "sns.list_topics", "Topics", region):
        reader.ask("sns.get_topic_attributes", region, TopicArn=topic["TopicArn"])


def of_tables(reader: Reader, region: str) -> None:
    for name in listed(reader, "dynamodb.list_tables", "TableNames", region):
        table = reader.ask("dynamodb.describe_table", region, TableName=name)
        reader.ask("dynamodb.describe_continuous_backups", region, TableName=name)
        reader.ask("dynamodb.get_resource_policy", region, ResourceArn=table["Table"]["TableArn"])


def of_trails(reader: Reader, region: str) -> None:
    for trail in listed(reader, "cloudtrail.describe_trails", "trailList", region):
        reader.ask("cloudtrail.get_trail_status", region, Name=trail["TrailARN"])
        reader.ask("cloudtrail.get_event_selectors", region, TrailName=trail["TrailARN"])
    for group in listed(reader, "logs.describe_log_groups", "logGroups", region):
        reader.ask("logs.describe_subscription_filters", region, logGroupName=group["logGroupName"])


def of_machines(reader: Reader, region: str) -> None:
    for reservation in listed(reader, "ec2.describe_instances", "Reservations", region):
        for machine in reservation["Instances"]:
            reader.ask(
                "ec2.describe_instance_attribute", region, InstanceId=machine["InstanceId"], Attribute="userData"
            )


def of_platform(reader: Reader, region: str) -> None:
    reader.ask("cognito-identity.list_identity_pools", region, MaxResults=60)
    for balancer in listed(reader, "elbv2.describe_load_balancers", "LoadBalancers", region):
        reader.ask("elbv2.describe_listeners", region, LoadBalancerArn=balancer["LoadBalancerArn"])
        reader.ask("wafv2.get_web_acl_for_resource", region, ResourceArn=balancer["LoadBalancerArn"])
    for repository in listed(reader, "ecr.describe_repositories", "repositories", region):
        reader.ask("ecr.get_repository_policy", region, repositoryName=repository["repositoryName"])
    for family in listed(reader, "ecs.list_task_definition_families", "families", region):
        reader.ask("ecs.describe_task_definition", region, taskDefinition=family)
    for cluster in listed(reader, "ecs.list_clusters", "clusterArns", region):
        services = reader.ask("ecs.list_services", region, cluster=cluster)["serviceArns"]
        reader.ask("ecs.describe_services", region, cluster=cluster, services=services)
    for name in listed(reader, "eks.list_clusters", "clusters", region):
        reader.ask("eks.describe_cluster", region, name=name)
    for snapshot in listed(reader, "rds.describe_db_snapshots", "DBSnapshots", region):
        reader.ask("rds.describe_db_snapshot_attributes", region, DBSnapshotIdentifier=snapshot["DBSnapshotIdentifier"])
    for pool in reader.ask("cognito-idp.list_user_pools", region, MaxResults=60)["UserPools"]:
        reader.ask("cognito-idp.describe_user_pool", region, UserPoolId=pool["Id"])
        reader.ask("cognito-idp.list_user_pool_clients", region, UserPoolId=pool["Id"], MaxResults=60)


def of_watch(reader: Reader, region: str) -> None:
    for detector in listed(reader, "guardduty.list_detectors", "DetectorIds", region):
        reader.ask("guardduty.get_detector", region, DetectorId=detector)
    for name in listed(reader, "codebuild.list_projects", "projects", region):
        reader.ask("codebuild.batch_get_projects", region, names=[name])


def of_streams(reader: Reader, region: str) -> None:
    for machine in listed(reader, "stepfunctions.list_state_machines", "stateMachines", region):
        reader.ask("stepfunctions.describe_state_machine", region, stateMachineArn=machine["stateMachineArn"])
    for name in listed(reader, "kinesis.list_streams", "StreamNames", region):
        reader.ask("kinesis.describe_stream_summary", region, StreamName=name)
    for domain in listed(reader, "opensearch.list_domain_names", "DomainNames", region):
        reader.ask("opensearch.describe_domains", region, DomainNames=[domain["DomainName"]])


def of_buckets(reader: Reader) -> None:
    calls = ("location", "encryption", "versioning", "logging", "ownership_controls", "policy", "policy_status", "acl")
    for bucket in listed(reader, "s3.list_buckets", "Buckets"):
        for call in calls:
            reader.ask(f"s3.get_bucket_{call}", Bucket=bucket["Name"])
        reader.ask("s3.get_public_access_block", Bucket=bucket["Name"])
    reader.ask("s3control.get_public_access_block", AccountId="424242424242")
