"""Keys, buckets, secrets, queues, topics, tables and databases."""

from __future__ import annotations

from typing import Any

from posture.management.benchmarks.scan.build.site import Site, arn
from posture.management.benchmarks.scan.design import KEY, Item
from posture.runtime.sample.shop.account import policy, statement
from posture.runtime.sample.shop.keys import ANYONE, OWN, READ
from posture.runtime.sample.shop.platform import PASSWORD
from posture.runtime.sample.shop.storage import READABLE, SHUT, TLS_ONLY

SENDERS = {"Service": "s3.amazonaws.com"}


def key(site: Site, item: Item) -> str:
    kms = site.client("kms", item)
    said = (OWN, ANYONE) if item.flaw == "key that everyone may use" else (OWN,)
    made: str = kms.create_key(Policy=policy(*said), Description=item.name)["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=f"alias/{item.name}", TargetKeyId=made)
    if item.flaw != "key that is not rotated":
        kms.enable_key_rotation(KeyId=made)
    return made


def bucket(site: Site, item: Item) -> str:
    s3, name = site.client("s3", item), f"posture-bench-{item.name}"
    place = {"CreateBucketConfiguration": {"LocationConstraint": item.region}} if item.region != "us-east-1" else {}
    s3.create_bucket(Bucket=name, ObjectOwnership="BucketOwnerEnforced", **place)
    public = item.flaw == "bucket that everyone may read"
    said = [] if item.flaw == "bucket that takes plain HTTP" else [TLS_ONLY]
    said += [READABLE] if public else []
    if said:
        both = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
        s3.put_bucket_policy(Bucket=name, Policy=policy(*({**one, "Resource": both} for one in said)))
    if not public:
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=SHUT)
    if item.flaw != "bucket without versioning":
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def secret(site: Site, item: Item) -> str:
    vault = site.client("secretsmanager", item)
    made: str = vault.create_secret(Name=item.name, SecretString="not-looked-at")["ARN"]
    if item.flaw:
        vault.put_resource_policy(SecretId=made, ResourcePolicy=policy(statement("Allow", "*", READ)))
    return made


def queue(site: Site, item: Item) -> str:
    own = arn("sqs", item, item.name)
    said: dict[str, str] = {"SqsManagedSseEnabled": "false" if item.flaw == "queue without encryption" else "true"}
    if item.flaw == "queue open to everyone":
        said["Policy"] = policy(statement("Allow", "*", "sqs:SendMessage", own))
    elif item.number % 2:
        source = {"aws:SourceArn": f"arn:aws:s3:::posture-bench-bucket-{item.number:05}"}
        said["Policy"] = policy(statement("Allow", SENDERS, "sqs:SendMessage", own, ArnEquals=source))
    site.client("sqs", item).create_queue(QueueName=item.name, Attributes=said)
    return own


def topic(site: Site, item: Item) -> str:
    own, sns = arn("sns", item, item.name), site.client("sns", item)
    said = {} if item.flaw == "topic without a KMS key" else {"KmsMasterKeyId": "alias/aws/sns"}
    if item.flaw == "topic open to everyone":
        said["Policy"] = policy(statement("Allow", "*", "sns:Publish", own))
    sns.create_topic(Name=item.name, Attributes=said)
    if item.number % 2 and (target := site.some("AWS::SQS::Queue", item)):
        sns.subscribe(TopicArn=own, Protocol="sqs", Endpoint=target)
    return own


def table(site: Site, item: Item) -> str:
    dynamodb = site.client("dynamodb", item)
    made = dynamodb.create_table(
        TableName=item.name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )["TableDescription"]["TableArn"]
    if not item.flaw:
        restorable = {"PointInTimeRecoveryEnabled": True}
        dynamodb.update_continuous_backups(TableName=item.name, PointInTimeRecoverySpecification=restorable)
    return str(made)


def database(site: Site, item: Item) -> str:
    made = site.client("rds", item).create_db_instance(
        DBInstanceIdentifier=item.name,
        DBInstanceClass="db.t4g.medium",
        Engine="postgres",
        AllocatedStorage=50,
        StorageEncrypted=not item.flaw,
        MasterUsername="shop",
        MasterUserPassword=PASSWORD,
    )
    return str(made["DBInstance"]["DBInstanceArn"])


def snapshot(site: Site, item: Item) -> str:
    rds: Any = site.client("rds", item)
    of = site.one("AWS::RDS::DBInstance", item).rpartition(":")[2]
    made = rds.create_db_snapshot(DBSnapshotIdentifier=item.name, DBInstanceIdentifier=of)["DBSnapshot"]
    if item.flaw:
        everyone = {"AttributeName": "restore", "ValuesToAdd": ["all"]}
        rds.modify_db_snapshot_attribute(DBSnapshotIdentifier=item.name, **everyone)
    return str(made["DBSnapshotArn"])


BUILDERS = {
    KEY: key,
    "AWS::S3::Bucket": bucket,
    "AWS::SecretsManager::Secret": secret,
    "AWS::SQS::Queue": queue,
    "AWS::SNS::Topic": topic,
    "AWS::DynamoDB::Table": table,
    "AWS::RDS::DBInstance": database,
    "AWS::RDS::DBSnapshot": snapshot,
}
