"""What holds data: buckets, datasets, databases, secrets and the keys they are encrypted with.

Limits: access lists of single objects are not read; those of a bucket stand in its policy as roles named
legacyBucket….  On the second road BigQuery lists the datasets that we may see, and is silent about others;
`bigquery.datasets.get` on the project lets us see them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanners.collectors.cloud import Detail, Over, Params
from scanners.collectors.gcp.words import PAGE, PROJECT, RESOURCE, ask, get_policy, keep, own, two_roads
from scanners.model import Resource

BUCKET, DATASET = "storage.googleapis.com/Bucket", "bigquery.googleapis.com/Dataset"
DATABASE, SECRET = "sqladmin.googleapis.com/Instance", "secretmanager.googleapis.com/Secret"
KEY, RING = "cloudkms.googleapis.com/CryptoKey", "cloudkms.googleapis.com/KeyRing"
DATASET_KEPT = keep("datasetReference", "location", "access", "defaultEncryptionConfiguration", "labels", "type")
LOCATIONS = ask(
    "cloudkms",
    "projects.locations.list",
    "cloudkms.locations.list",
    items="locations",
    params={"name": PROJECT, "pageSize": PAGE},
)
RINGS = ask(
    "cloudkms",
    "projects.locations.keyRings.list",
    "cloudkms.keyRings.list",
    items="keyRings",
    fills=RESOURCE,
    params={"pageSize": PAGE},
)
VERSIONS = ask(
    "secretmanager",
    "projects.secrets.versions.list",
    "secretmanager.versions.list",
    items="versions",
    params={"filter": "state:ENABLED", "pageSize": PAGE},
)
EVERY_LOCATION = Over(LOCATIONS, lambda location: {"parent": location["name"]})


def dataset_of(body: Mapping[str, Any]) -> tuple[str, str]:
    told = body["datasetReference"]
    return str(told["projectId"]), str(told["datasetId"])


def of_dataset(found: Resource) -> Params:
    reference = found["datasets.list"].need("datasetReference")
    return {"projectId": reference.need("projectId").text(), "datasetId": reference.need("datasetId").text()}


COLLECTORS = (
    two_roads(
        BUCKET,
        service="storage",
        types=(BUCKET,),
        policies_of=(BUCKET,),
        listing=ask(
            "storage",
            "buckets.list",
            "storage.buckets.list",
            items="items",
            fills=RESOURCE,
            params={"project": "{project}", "maxResults": PAGE},
        ),
        full_name=lambda place, body: f"//storage.googleapis.com/{body['name']}",
        short=lambda body: str(body["name"]),
        location=lambda body: str(body.get("location", "global")).lower(),
        shape=keep(
            "name",
            "location",
            "iamConfiguration.publicAccessPrevention",
            "iamConfiguration.uniformBucketLevelAccess.enabled",
            "encryption",
            "versioning",
            "logging",
            "retentionPolicy.retentionPeriod",
            "labels",
        ),
        policy=get_policy("storage", "buckets", "storage.buckets.getIamPolicy", "optionsRequestedPolicyVersion"),
        bind=lambda found: {"bucket": found[RESOURCE].need("name").text()},
    ),
    two_roads(
        DATASET,
        service="bigquery",
        types=(DATASET,),
        listing=ask(
            "bigquery",
            "datasets.list",
            "bigquery.datasets.get",
            items="datasets",
            params={"projectId": "{project}", "maxResults": PAGE, "all": True},
        ),
        listed=False,
        inspect=(
            Detail(
                ask(
                    "bigquery",
                    "datasets.get",
                    "bigquery.datasets.get",
                    fills=RESOURCE,
                    params={"accessPolicyVersion": 3, "datasetView": "FULL"},
                ),
                bind=of_dataset,
                shape=DATASET_KEPT,
            ),
        ),
        full_name=lambda place, body: "//bigquery.googleapis.com/projects/{}/datasets/{}".format(*dataset_of(body)),
        short=lambda body: dataset_of(body)[1],
        location=lambda body: str(body.get("location", "global")).lower(),
        shape=DATASET_KEPT,
    ),
    two_roads(
        DATABASE,
        service="sqladmin",
        types=(DATABASE,),
        listing=ask(
            "sqladmin",
            "instances.list",
            "cloudsql.instances.list",
            items="items",
            fills=RESOURCE,
            params={"project": "{project}", "maxResults": PAGE},
        ),
        full_name=lambda place, body: f"//cloudsql.googleapis.com/projects/{place.account}/instances/{body['name']}",
        short=lambda body: str(body["name"]),
        location=lambda body: str(body.get("region", "global")),
        shape=keep(
            "name",
            "project",
            "region",
            "databaseVersion",
            "instanceType",
            "settings.ipConfiguration",
            "settings.backupConfiguration.enabled",
            "diskEncryptionConfiguration.kmsKeyName",
            "pscServiceAttachmentLink",
        ),
    ),
    two_roads(
        SECRET,
        service="secretmanager",
        types=(SECRET,),
        policies_of=(SECRET,),
        listing=ask(
            "secretmanager",
            "projects.secrets.list",
            "secretmanager.secrets.list",
            items="secrets",
            fills=RESOURCE,
            params={"parent": PROJECT, "pageSize": PAGE},
        ),
        full_name=lambda place, body: f"//secretmanager.googleapis.com/{body['name']}",
        shape=keep("name", "labels", "rotation", "replication", "expireTime"),
        policy=get_policy("secretmanager", "projects.secrets", "secretmanager.secrets.getIamPolicy"),
        details=(
            Detail(VERSIONS, bind=lambda secret: {"parent": own(secret)}, shape=keep("name", "createTime", "state")),
        ),
    ),
    two_roads(
        RING,
        service="cloudkms",
        types=(KEY, RING),
        policies_of=(KEY, RING),
        over=(EVERY_LOCATION,),
        listing=RINGS,
        full_name=lambda place, body: f"//cloudkms.googleapis.com/{body['name']}",
        location=lambda body: str(body["name"]).split("/")[3],
        shape=keep("name"),
        policy=get_policy("cloudkms", "projects.locations.keyRings", "cloudkms.keyRings.getIamPolicy"),
    ),
    two_roads(
        KEY,
        service="cloudkms",
        types=(KEY, RING),
        policies_of=(KEY, RING),
        over=(EVERY_LOCATION, Over(RINGS, lambda ring: {"parent": ring["name"]})),
        listing=ask(
            "cloudkms",
            "projects.locations.keyRings.cryptoKeys.list",
            "cloudkms.cryptoKeys.list",
            items="cryptoKeys",
            fills=RESOURCE,
            params={"pageSize": PAGE},
        ),
        full_name=lambda place, body: f"//cloudkms.googleapis.com/{body['name']}",
        location=lambda body: str(body["name"]).split("/")[3],
        shape=keep(
            "name",
            "purpose",
            "rotationPeriod",
            "importOnly",
            "primary.state",
            "primary.algorithm",
            "versionTemplate.protectionLevel",
            "labels",
        ),
        policy=get_policy("cloudkms", "projects.locations.keyRings.cryptoKeys", "cloudkms.cryptoKeys.getIamPolicy"),
    ),
)
