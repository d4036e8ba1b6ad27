"""Resource policies that no collector reads: whom one of them lets in, an answer does not know.

By the prefix of actions.  Sources: "AWS services that work with IAM" (IAM User Guide, the column of resource-based
policies), and the actions of the Service Authorization Reference that give such a policy; read 2026-11.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

UNREAD = frozenset({
    "acm-pca", "agent-registry", "aoss", "appsync", "aps", "aws-marketplace", "backup", "bcm-dashboards", "bedrock",
    "bedrock-agentcore", "billing", "cloudsearch", "codeartifact", "codebuild", "codeguru-profiler", "comprehend",
    "continuum", "ecr-public", "entityresolution", "fsx", "glacier", "glue", "imagebuilder", "iot", "iotsitewise",
    "kinesis", "lakeformation", "lex", "lookoutequipment", "mediaconvert", "mediapackagev2", "mediastore", "mpa",
    "omics", "organizations", "osis", "payment-cryptography", "qbusiness", "redshift-serverless", "refactor-spaces",
    "rum", "s3-object-lambda", "s3-outposts", "s3express", "s3tables", "s3vectors", "sagemaker", "schemas", "ses",
    "signer", "signin", "sms-voice", "ssm-incidents", "xray",
})  # fmt: skip
# Of services whose other resources have none, or whose other policies are read: how the last part of the ARN begins.
PARTS = (
    ("cloudtrail", "channel/*"),
    ("cloudtrail", "dashboard/*"),
    ("cloudtrail", "eventdatastore/*"),
    ("dynamodb", "table/*/stream/*"),
    ("events", "event-source/*"),
    ("lambda", "layer:*"),
    ("logs", "destination:*"),
)
# A share with other accounts (Resource Access Manager and its like), or a policy for services that write there, lets
# those in, and decides nothing inside.
SHARED = frozenset({
    "arc-region-switch", "cloudfront", "cloudhsm", "ec2", "elasticloadbalancing", "logs", "network-firewall",
    "networkmanager", "odb", "ram", "rds", "redshift", "resource-explorer-2", "resource-groups",
    "route53-recovery-control-config", "route53resolver", "servicecatalog", "servicediscovery", "ssm", "waf",
    "waf-regional", "wafv2",
})  # fmt: skip


def is_unread(service: str, rest: str) -> bool:
    """Of an ARN: its service, and its last part."""
    return service in UNREAD or any(service == one and fnmatchcase(rest, part) for one, part in PARTS)
