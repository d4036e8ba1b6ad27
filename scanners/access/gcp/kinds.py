"""Kinds of resources as access sees them: where their policy stands, what is within them, how conditions name them.

Sources: "Resource types that accept allow policies", "Resource attributes for IAM Conditions" (IAM documentation),
read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scanners.access.gcp.bindings import CUSTOM, FOLDER, MANAGER, ORGANIZATION, PROJECT

ACCOUNT = "iam.googleapis.com/ServiceAccount"
FUNCTION, SECOND = "cloudfunctions.googleapis.com/CloudFunction", "cloudfunctions.googleapis.com/Function"
SERVICE = "run.googleapis.com/Service"
BUCKET, DATASET = "storage.googleapis.com/Bucket", "bigquery.googleapis.com/Dataset"
SECRET = "secretmanager.googleapis.com/Secret"  # noqa: S105  (a kind)
KEY, RING = "cloudkms.googleapis.com/CryptoKey", "cloudkms.googleapis.com/KeyRing"
POLICED = (
    ACCOUNT,
    FUNCTION,
    SECOND,
    SERVICE,
    BUCKET,
    DATASET,
    SECRET,
    RING,
    KEY,
    "pubsub.googleapis.com/Topic",
    "pubsub.googleapis.com/Subscription",
    "artifactregistry.googleapis.com/Repository",
)
BARE = (  # policies stand above them alone
    "sqladmin.googleapis.com/Instance",
    "container.googleapis.com/Cluster",
    "apikeys.googleapis.com/Key",
    CUSTOM,
    "iam.googleapis.com/WorkloadIdentityPoolProvider",
    "compute.googleapis.com/Firewall",
)
ELSE = ("compute.googleapis.com/BackendService",)  # have policies of their own, which are not collected
KINDS = (*POLICED, *BARE, *ELSE)
LEVELS = (PROJECT, FOLDER, ORGANIZATION)


@dataclass(frozen=True, slots=True)
class Within:
    """What a permission on something inside a resource speaks of: its type, and how its name goes on."""

    type: str
    step: str


WITHIN: Mapping[tuple[str, str], Within] = {  # (kind, the permission's own resource)
    (BUCKET, "objects"): Within("storage.googleapis.com/Object", "/objects/"),
    (BUCKET, "managedFolders"): Within("storage.googleapis.com/ManagedFolder", "/managedFolders/"),
    (SECRET, "versions"): Within("secretmanager.googleapis.com/SecretVersion", "/versions/"),
    (KEY, "cryptoKeyVersions"): Within("cloudkms.googleapis.com/CryptoKeyVersion", "/cryptoKeyVersions/"),
    (RING, "cryptoKeys"): Within(KEY, "/cryptoKeys/"),
    (RING, "cryptoKeyVersions"): Within("cloudkms.googleapis.com/CryptoKeyVersion", "/cryptoKeys/"),
    (DATASET, "tables"): Within("bigquery.googleapis.com/Table", "/tables/"),
    (DATASET, "routines"): Within("bigquery.googleapis.com/Routine", "/routines/"),
    (DATASET, "models"): Within("bigquery.googleapis.com/Model", "/models/"),
}
LISTED = frozenset(  # what access lists of objects may give ("Access control lists", Cloud Storage, read 2026-11)
    f"storage.objects.{verb}" for verb in ("get", "getIamPolicy", "setIamPolicy", "update")
)
ON_THE_WHOLE = frozenset({"storage.objects.list"})  # is asked of the bucket, whatever its name says
RECOGNISED = frozenset(  # services whose resources have a name and a type in conditions
    f"{name}.googleapis.com"
    for name in (
        "apigee", "apihub", "backupdr", "bigquery", "bigqueryreservation", "bigtableadmin", "binaryauthorization",
        "ces", "clouddeploy", "cloudkms", "cloudresourcemanager", "compute", "connectors", "container", "dataform",
        "dns", "firestore", "iap", "integrations", "logging", "networksecurity", "pubsublite", "secretmanager",
        "spanner", "sqladmin", "storage",
    )
)  # fmt: skip
BY_NUMBER, BY_ID = frozenset({"secretmanager"}), frozenset({"bigquery", "compute", "container", "sqladmin"})
FULL_NAME = {"cloudresourcemanager": "resourcemanager"}  # a service's own name → its name in permissions
DATASET_ROLES = {
    "READER": "roles/bigquery.dataViewer",
    "WRITER": "roles/bigquery.dataEditor",
    "OWNER": "roles/bigquery.dataOwner",
}
SPECIAL_GROUPS = {
    "projectOwners": "projectOwner",
    "projectWriters": "projectEditor",
    "projectReaders": "projectViewer",
    "allAuthenticatedUsers": "allAuthenticatedUsers",
    "allUsers": "allUsers",
}


def path_of(ref: str) -> str:
    """A full resource name without its service: "projects/p/secrets/s"."""
    return ref.removeprefix("//").partition("/")[2]


def service_of(ref: str) -> str:
    """ "storage.googleapis.com" """
    return ref.removeprefix("//").partition("/")[0]


def own_name(ref: str) -> str:
    """How conditions name a resource; of a bucket, "projects/_/buckets/b"."""
    path = path_of(ref)
    if service_of(ref) == "storage.googleapis.com" and not path.startswith("projects/"):
        bucket, _, inside = path.partition("/")
        return f"projects/_/buckets/{bucket}" + (f"/{inside}" if inside else "")
    return path


def level_name(ref: str) -> str:
    """ "projects/42" of a level, the full name of anything else."""
    return ref.removeprefix(f"//{MANAGER}/")
