"""Buckets, tables, file systems and disks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from posture.runtime.sample.emulator import ACCOUNT
from posture.runtime.sample.shop import BACKWARDS, EDGE, LONG, MAIN, REPORTS, SCRIPT, SHOP, STRANGER
from posture.runtime.sample.shop.account import Account, policy, statement, tags

FLAGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
SHUT = dict.fromkeys(FLAGS, True)
ACCOUNT_WIDE = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": False,
    "BlockPublicPolicy": False,
    "RestrictPublicBuckets": False,
}
TLS_ONLY = statement("Deny", "*", "s3:*", Bool={"aws:SecureTransport": "false"})
READABLE = statement("Allow", "*", "s3:GetObject")
LOGS = statement(
    "Allow",
    {"Service": "logging.s3.amazonaws.com"},
    ["s3:PutObject"],
    f"arn:aws:s3:::{SHOP}-access-logs/*",
    StringEquals={"aws:SourceAccount": ACCOUNT},
)
BY_POINTS = statement("Allow", {"AWS": "*"}, "s3:GetObject", StringEquals={"s3:DataAccessPointAccount": ACCOUNT})
TRAIL = statement(
    "Allow",
    {"Service": "cloudtrail.amazonaws.com"},
    ["s3:GetBucketAcl", "s3:PutObject"],
    StringEquals={"aws:SourceAccount": ACCOUNT},
)


@dataclass(frozen=True, slots=True)
class Bucket:
    name: str
    region: str = MAIN
    shut: bool = True
    acl: str = "private"
    statements: tuple[dict[str, Any], ...] = (TLS_ONLY,)
    key: str | None = None
    versioned: bool = True
    logged: bool = True
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return f"{SHOP}-{self.name}"


BUCKETS = (
    Bucket("access-logs", statements=(LOGS, TLS_ONLY), logged=False, versioned=False),
    Bucket("audit-trail", statements=(TLS_ONLY, TRAIL), key="audit"),
    Bucket(
        "orders-archive", statements=(TLS_ONLY, BY_POINTS), key="orders", tags={"team": "orders", "data": "customers"}
    ),
    Bucket("invoices", key="payments", tags={"team": "payments"}),
    Bucket("images-original", tags={"note": SCRIPT}),
    Bucket("images-public", shut=False, statements=(TLS_ONLY, READABLE), versioned=False, tags={"owner": "catalog"}),
    Bucket(
        "press-kit",
        shut=False,
        acl="public-read",
        statements=(),
        versioned=False,
        logged=False,
        tags={"note": BACKWARDS},
    ),
    Bucket("partner-feeds", acl="public-read", logged=False),
    Bucket(
        "exports",
        shut=False,
        statements=(statement("Allow", {"AWS": f"arn:aws:iam::{STRANGER}:root"}, ["s3:GetObject", "s3:ListBucket"]),),
        logged=False,
        tags={"data": "confidential"},
    ),
    Bucket("edge-config", EDGE),
    Bucket("old-backups", EDGE, statements=(), versioned=False, logged=False, tags={"why": LONG}),
    Bucket("reports", REPORTS, key="reports", logged=False),
)


def build_buckets(account: Account, keys: dict[str, str]) -> None:
    account.client("s3control").put_public_access_block(
        AccountId=account.number, PublicAccessBlockConfiguration=ACCOUNT_WIDE
    )
    for bucket in BUCKETS:
        with account.past(700):
            make_bucket(account, bucket, keys)


def make_bucket(account: Account, bucket: Bucket, keys: dict[str, str]) -> None:
    s3, name = account.client("s3", bucket.region), bucket.full_name
    place = {} if bucket.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": bucket.region}}
    owner = "BucketOwnerEnforced" if bucket.acl == "private" else "ObjectWriter"
    s3.create_bucket(Bucket=name, ObjectOwnership=owner, **place)
    if bucket.acl != "private":
        s3.put_bucket_acl(Bucket=name, ACL=bucket.acl)
    if bucket.statements:
        both = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
        s3.put_bucket_policy(
            Bucket=name,
            Policy=policy(
                *(said if said["Resource"] != "*" else {**said, "Resource": both} for said in bucket.statements)
            ),
        )
    if bucket.shut:
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=SHUT)
    lock = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": keys[bucket.key]} if bucket.key else {"SSEAlgorithm": "AES256"}
    s3.put_bucket_encryption(
        Bucket=name,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": lock, "BucketKeyEnabled": bool(bucket.key)}]
        },
    )
    if bucket.versioned:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    if bucket.logged and bucket.region == MAIN:
        s3.put_bucket_logging(
            Bucket=name,
            BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": f"{SHOP}-access-logs", "TargetPrefix": f"{name}/"}},
        )
    if bucket.tags:
        s3.put_bucket_tagging(
            Bucket=name, Tagging={"TagSet": [{"Key": key, "Value": value} for key, value in bucket.tags.items()]}
        )


def build_access_points(account: Account) -> None:
    """Two doors to the archive: one for a partner, whom the bucket leaves to its access points, and one inside."""
    control = account.client("s3control", MAIN)
    for name, network in (("archive-partner", {}), ("archive-inside", {"VpcConfiguration": {"VpcId": "vpc-shop"}})):
        control.create_access_point(
            AccountId=account.number, Name=name, Bucket=f"{SHOP}-orders-archive",
            PublicAccessBlockConfiguration=SHUT, **network,
        )  # fmt: skip
    arn = f"arn:aws:s3:{MAIN}:{account.number}:accesspoint/archive-partner"
    control.put_access_point_policy(
        AccountId=account.number,
        Name="archive-partner",
        Policy=policy(
            statement("Allow", {"AWS": f"arn:aws:iam::{STRANGER}:role/auditor"}, "s3:GetObject", f"{arn}/object/*")
        ),
    )
    control.create_multi_region_access_point(
        ClientToken="shop-images",
        AccountId=account.number,
        Details={"Name": "shop-images", "Regions": [{"Bucket": f"{SHOP}-images-original"}]},
    )


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    region: str = MAIN
    key: str | None = None
    restorable: bool = True
    protected: bool = True
    lent_to: str | None = None


TABLES = (
    Table("orders", key="orders"),
    Table("payments", key="payments"),
    Table("carts"),
    Table("catalog"),
    Table("sessions", restorable=False, protected=False),
    Table("partner-stock", lent_to=STRANGER),
    Table("legacy-customers", EDGE, restorable=False, protected=False),
    Table("report-index", REPORTS, key="reports"),
)


def build_tables(account: Account, keys: dict[str, str]) -> None:
    for table in TABLES:
        dynamodb = account.client("dynamodb", table.region)
        lock = (
            {"SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": keys[table.key]}}
            if table.key
            else {}
        )
        with account.past(640):
            made = dynamodb.create_table(
                TableName=table.name,
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
                DeletionProtectionEnabled=table.protected,
                **lock,
            )["TableDescription"]
            if table.restorable:
                dynamodb.update_continuous_backups(
                    TableName=table.name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
                )
            if table.lent_to:
                said = statement(
                    "Allow", {"AWS": f"arn:aws:iam::{table.lent_to}:root"}, "dynamodb:GetItem", made["TableArn"]
                )
                dynamodb.put_resource_policy(ResourceArn=made["TableArn"], Policy=policy(said))


def build_files(account: Account, ids: dict[str, str]) -> None:
    """One file system, with a door to a part of it and a door to all of it."""
    efs = account.client("efs")
    system = efs.create_file_system(CreationToken="shop-files", Encrypted=True, Tags=tags("shop-files"))["FileSystemId"]
    guarded = statement("Deny", {"AWS": "*"}, "*", Bool={"aws:SecureTransport": "false"})
    efs.put_file_system_policy(FileSystemId=system, Policy=policy(guarded))
    narrow = {"PosixUser": {"Uid": 10001, "Gid": 10001}, "RootDirectory": {"Path": "/orders"}}
    for name, settings in (("orders-files", narrow), ("all-files", {})):
        made = efs.create_access_point(ClientToken=name, FileSystemId=system, Tags=tags(name), **settings)
        ids[name] = made["AccessPointArn"]


def build_disks(account: Account) -> None:
    """What is left of the old shop: a disk, a copy of it for everybody, and an image for everybody."""
    ec2, everybody = account.client("ec2", EDGE), [{"Group": "all"}]
    with account.past(900):
        disk = ec2.create_volume(AvailabilityZone=f"{EDGE}a", Size=20, Encrypted=False)["VolumeId"]
        for note in ("old shop, for the agency", "old shop"):
            copy = ec2.create_snapshot(VolumeId=disk, Description=note)["SnapshotId"]
            if note.endswith("agency"):
                ec2.modify_snapshot_attribute(
                    SnapshotId=copy, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"]
                )
        machine = ec2.describe_instances()["Reservations"][0]["Instances"][0]["InstanceId"]
        image = ec2.create_image(InstanceId=machine, Name="old-reporting")["ImageId"]
        ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": everybody})
    account.client("ec2").enable_ebs_encryption_by_default()
