"""moto made fit for a sample account: its account id, a few AWS-managed policies, its clock and its dice."""

from __future__ import annotations

import importlib
import json
import random
from typing import Any

from posture.runtime.sample.emulator import ACCOUNT, clock

SERVICES = [
    "account",
    "acm",
    "apigateway",
    "apigatewayv2",
    "appsync",
    "awslambda",
    "cloudformation",
    "cloudfront",
    "cloudtrail",
    "cloudwatch",
    "codebuild",
    "cognitoidentity",
    "cognitoidp",
    "config",
    "dynamodb",
    "ec2",
    "ecr",
    "ecs",
    "efs",
    "eks",
    "elasticache",
    "elbv2",
    "events",
    "guardduty",
    "iam",
    "inspector2",
    "kafka",
    "kinesis",
    "kms",
    "logs",
    "macie2",
    "opensearch",
    "organizations",
    "rds",
    "s3",
    "s3control",
    "secretsmanager",
    "securityhub",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
    "sts",
    "vpclattice",
    "wafv2",
]
MANAGED_POLICIES = {
    "AdministratorAccess",
    "AmazonDynamoDBFullAccess",
    "AmazonDynamoDBReadOnlyAccess",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "AmazonSQSFullAccess",
    "AmazonSSMManagedInstanceCore",
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AWSLambda_FullAccess",
    "AWSXRayDaemonWriteAccess",
    "AmazonAPIGatewayPushToCloudWatchLogs",
    "Billing",
    "CloudWatchReadOnlyAccess",
    "IAMFullAccess",
    "IAMUserChangePassword",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "SecretsManagerReadWrite",
    "SecurityAudit",
    "ViewOnlyAccess",
}


def set_up() -> None:
    share_models()
    import moto.core.models

    roll_dice_from(0)
    for module in (moto.core.models, moto.core):
        vars(module)["DEFAULT_ACCOUNT_ID"] = ACCOUNT  # before anything copies it
    forget_offerings()
    for service in SERVICES:
        importlib.import_module(f"moto.{service}.responses")
    from posture.runtime.sample.emulator import neighbours

    neighbours.lend()
    lend_dice()
    load_few_policies()
    share_dice()
    clock.patch()


def share_models() -> None:
    """botocore and moto make a loader for each session and backend, and each reads the same files: half the start."""
    from botocore import loaders
    from moto import backends

    shared = loaders.create_loader()
    loaders.create_loader = lambda search_path_string=None: shared
    names = list(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: names


def forget_offerings() -> None:
    """Which instance types each zone offers: a hundred megabytes that no call of ours asks for."""
    from moto.utilities import utils as resources

    utils: Any = resources

    load = utils.load_resource

    def most(resource: str) -> Any:
        return [] if "instance_type_offerings" in resource else load(resource)

    utils.load_resource = most
    try:
        importlib.import_module("moto.ec2.models.instance_types")
    finally:
        utils.load_resource = load


def share_dice() -> None:
    """VPC Lattice rolls its own, and two starts would differ."""
    from moto.moto_api._internal import mock_random
    from moto.vpclattice import models

    lattice: Any = models
    lattice.uuid = lattice.random = mock_random


def load_few_policies() -> None:
    from moto.iam import models as iam

    models: Any = iam

    known = json.loads(models.aws_managed_policies_data)
    models.aws_managed_policies_data = ""

    def few(backend: Any) -> list[Any]:
        return [
            models.AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, known[name])
            for name in sorted(MANAGED_POLICIES & set(known))
        ]

    for name in set(known) - MANAGED_POLICIES:
        del known[name]
    models.IAMBackend._init_aws_policies = few


def roll_dice_from(seed: int) -> None:
    from moto.moto_api._internal import mock_random

    mock_random.seed(seed)
    random.seed(seed)  # what ElastiCache rolls


def lend_dice() -> None:
    """Kafka has dice of its own, which cannot be seeded."""
    from moto.kafka import models
    from moto.moto_api._internal import mock_random

    own: Any = models
    own.uuid = mock_random
