"""Which action an event of CloudTrail was allowed by.

Most events are called as their action is; the tables hold what is called otherwise.  `sure` actions were asked for;
of `perhaps` one or several were, and the event does not say which.  What neither tells has no action here: callers
keep it as unmapped.
Sources, read 2026-11: "CloudTrail record contents" (AWS CloudTrail User Guide); "Required permissions for Amazon S3
API operations", "Amazon S3 CloudTrail events" (Amazon S3 User Guide); "Logging AWS Lambda API calls using AWS
CloudTrail" (AWS Lambda Developer Guide: names with the version of the API); "DynamoDB API permissions", "IAM policies
with PartiQL" (Amazon DynamoDB Developer Guide); "Amazon SQS API permissions" (Amazon SQS Developer Guide); botocore's
service models, for names of operations and of endpoints; the catalogue of actions, which a test holds the tables to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from scanners.access.aws.actions import service_actions

_SOURCE = ".amazonaws.com"
_VERSION = re.compile(r"(\d{8}|\d{4}_\d{2}_\d{2})(v\d+)?$")  # GetFunction20150331v2, CreateDistribution2020_05_31
# Where the name before .amazonaws.com is not the prefix of the actions.
SERVICES: Mapping[str, str] = {
    "amazonmq": "mq",
    "cloudcontrolapi": "cloudformation",
    "email": "ses",
    "memory-db": "memorydb",
    "monitoring": "cloudwatch",
    "pinpoint": "mobiletargeting",
    "rdsdata": "rds-data",
    "tagging": "tag",
}


@dataclass(frozen=True, slots=True)
class Meant:
    """Actions in lower case, `service:name`.  `service`: whose event it is, also where no action is known."""

    service: str
    sure: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()


_SURE: Mapping[str, str] = {  # event → actions without their service, in lower case
    "dynamodb:TransactGetItems": "getitem",
    "kms:ReEncrypt": "reencryptfrom reencryptto",
    "lambda:Invoke": "invokefunction",
    "lambda:InvokeAsync": "invokefunction",
    "lambda:InvokeExecution": "invokefunction",  # how calls by way of an event source were recorded
    "lambda:InvokeWithResponseStream": "invokefunction",
    "s3:CompleteMultipartUpload": "putobject",
    "s3:CopyObject": "getobject putobject",
    "s3:CreateMultipartUpload": "putobject",
    "s3:DeleteBucketAnalyticsConfiguration": "putanalyticsconfiguration",
    "s3:DeleteBucketCors": "putbucketcors",
    "s3:DeleteBucketEncryption": "putencryptionconfiguration",
    "s3:DeleteBucketIntelligentTieringConfiguration": "putintelligenttieringconfiguration",
    "s3:DeleteBucketInventoryConfiguration": "putinventoryconfiguration",
    "s3:DeleteBucketLifecycle": "putlifecycleconfiguration",
    "s3:DeleteBucketMetricsConfiguration": "putmetricsconfiguration",
    "s3:DeleteBucketOwnershipControls": "putbucketownershipcontrols",
    "s3:DeleteBucketPublicAccessBlock": "putbucketpublicaccessblock",
    "s3:DeleteBucketReplication": "putreplicationconfiguration",
    "s3:DeleteBucketTagging": "putbuckettagging",
    "s3:DeleteObjects": "deleteobject",
    "s3:GetBucketAccelerateConfiguration": "getaccelerateconfiguration",
    "s3:GetBucketAnalyticsConfiguration": "getanalyticsconfiguration",
    "s3:GetBucketEncryption": "getencryptionconfiguration",
    "s3:GetBucketIntelligentTieringConfiguration": "getintelligenttieringconfiguration",
    "s3:GetBucketInventoryConfiguration": "getinventoryconfiguration",
    "s3:GetBucketLifecycle": "getlifecycleconfiguration",
    "s3:GetBucketLifecycleConfiguration": "getlifecycleconfiguration",
    "s3:GetBucketMetricsConfiguration": "getmetricsconfiguration",
    "s3:GetBucketNotificationConfiguration": "getbucketnotification",
    "s3:GetBucketReplication": "getreplicationconfiguration",
    "s3:GetObjectLockConfiguration": "getbucketobjectlockconfiguration",
    "s3:HeadBucket": "listbucket",
    "s3:HeadObject": "getobject",
    "s3:ListBucketAnalyticsConfigurations": "getanalyticsconfiguration",
    "s3:ListBucketIntelligentTieringConfigurations": "getintelligenttieringconfiguration",
    "s3:ListBucketInventoryConfigurations": "getinventoryconfiguration",
    "s3:ListBucketMetricsConfigurations": "getmetricsconfiguration",
    "s3:ListBuckets": "listallmybuckets",
    "s3:ListMultipartUploads": "listbucketmultipartuploads",
    "s3:ListObjectVersions": "listbucketversions",
    "s3:ListObjects": "listbucket",
    "s3:ListObjectsV2": "listbucket",
    "s3:ListParts": "listmultipartuploadparts",
    "s3:PutBucketAccelerateConfiguration": "putaccelerateconfiguration",
    "s3:PutBucketAnalyticsConfiguration": "putanalyticsconfiguration",
    "s3:PutBucketEncryption": "putencryptionconfiguration",
    "s3:PutBucketIntelligentTieringConfiguration": "putintelligenttieringconfiguration",
    "s3:PutBucketInventoryConfiguration": "putinventoryconfiguration",
    "s3:PutBucketLifecycle": "putlifecycleconfiguration",
    "s3:PutBucketLifecycleConfiguration": "putlifecycleconfiguration",
    "s3:PutBucketMetricsConfiguration": "putmetricsconfiguration",
    "s3:PutBucketNotificationConfiguration": "putbucketnotification",
    "s3:PutBucketReplication": "putreplicationconfiguration",
    "s3:PutObjectLockConfiguration": "putbucketobjectlockconfiguration",
    "s3:SelectObjectContent": "getobject",
    "s3:UploadPart": "putobject",
    "s3:UploadPartCopy": "getobject putobject",
    "sns:PublishBatch": "publish",
    "sqs:ChangeMessageVisibilityBatch": "changemessagevisibility",
    "sqs:DeleteMessageBatch": "deletemessage",
    "sqs:SendMessageBatch": "sendmessage",
}  # fmt: skip
_PARTIQL = "partiqldelete partiqlinsert partiqlselect partiqlupdate"
_PERHAPS: Mapping[str, str] = {  # of these some, beside what is sure
    "dynamodb:BatchExecuteStatement": _PARTIQL,
    "dynamodb:ExecuteStatement": _PARTIQL,
    "dynamodb:ExecuteTransaction": _PARTIQL,
    "dynamodb:TransactWriteItems": "conditioncheckitem deleteitem putitem updateitem",
    "s3:CopyObject": "getobjectversion getobjecttagging putobjectacl putobjecttagging",
    "s3:CreateMultipartUpload": "putobjectacl putobjecttagging",
    "s3:DeleteObject": "deleteobjectversion bypassgovernanceretention",
    "s3:DeleteObjects": "deleteobjectversion bypassgovernanceretention",
    "s3:GetObject": "getobjectversion",
    "s3:GetPublicAccessBlock": "getbucketpublicaccessblock getaccountpublicaccessblock",
    "s3:HeadObject": "getobjectversion",
    "s3:PutObject": "putobjectacl putobjecttagging putobjectretention putobjectlegalhold",
    "s3:PutPublicAccessBlock": "putbucketpublicaccessblock putaccountpublicaccessblock",
}
_VERBS = {"Get": "get", "Create": "post", "Delete": "delete", "Update": "patch", "Put": "put"}  # of API Gateway


@lru_cache(maxsize=8_192)
def meant(source: str, name: str) -> Meant:
    """Of `eventSource` and `eventName` as records have them."""
    prefix = source.lower().removesuffix(_SOURCE)
    service = SERVICES.get(prefix, prefix)
    plain = _VERSION.sub("", name)
    key = f"{service}:{plain}"
    perhaps = tuple(f"{service}:{one}" for one in _PERHAPS.get(key, "").split())
    if (listed := _SURE.get(key)) is not None:
        return Meant(service, tuple(f"{service}:{one}" for one in listed.split()), perhaps)
    if service == "apigateway":
        return Meant(service, tuple(f"{service}:{to}" for verb, to in _VERBS.items() if plain.startswith(verb)))
    action = key.lower()
    known = action in service_actions(service)
    return Meant(service, (action,) if known else (), perhaps)
