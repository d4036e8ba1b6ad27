"""What an identity can do to the things of a project.

Sources of the permissions: "IAM roles and permissions index" (IAM documentation), read 2026-11.
Limits: tables of datasets and single objects have policies of their own, which are not collected.
"""

from __future__ import annotations

from collections.abc import Mapping

from scanners.access.explorer import Principal
from scanners.access.gcp.engine import GoogleEngine
from scanners.access.gcp.kinds import ACCOUNT, BUCKET, DATASET, FUNCTION, KEY, SECOND, SECRET, SERVICE
from scanners.access.gcp.members import key_of
from scanners.access.gcp.tree import email_of
from scanners.graph.reach import Reach
from scanners.graph.reaching import Asking, Store, reach_by
from scanners.model import Resource

_FUNCTION = Store({
    "invoke": (),
    "write": ("cloudfunctions.functions.update", "cloudfunctions.functions.sourceCodeSet"),
    "delete": ("cloudfunctions.functions.delete",),
})  # fmt: skip
STORES: Mapping[str, Store] = {
    BUCKET: Store(
        {
            "read": ("storage.objects.get", "storage.objects.list"),
            "write": ("storage.objects.create", "storage.objects.update"),
            "delete": ("storage.objects.delete", "storage.buckets.delete"),
        },
        beyond="access lists of single objects in buckets",
    ),
    DATASET: Store({
        "read": ("bigquery.tables.getData", "bigquery.tables.export"),
        "write": ("bigquery.tables.updateData", "bigquery.tables.create"),
        "delete": ("bigquery.tables.delete", "bigquery.datasets.delete"),
    }),
    "sqladmin.googleapis.com/Instance": Store(
        {
            "read": ("cloudsql.instances.connect", "cloudsql.instances.login", "cloudsql.instances.export"),
            "write": ("cloudsql.instances.import", "cloudsql.users.update", "cloudsql.users.create"),
            "delete": ("cloudsql.databases.delete", "cloudsql.instances.delete"),
        },
        beyond="users and rights inside databases",
    ),
    SECRET: Store({
        "read": ("secretmanager.versions.access",),
        "write": ("secretmanager.versions.add",),
        "delete": ("secretmanager.versions.destroy", "secretmanager.secrets.delete"),
    }),
    KEY: Store({
        "read": ("cloudkms.cryptoKeyVersions.useToDecrypt",),
        "write": ("cloudkms.cryptoKeyVersions.useToEncrypt", "cloudkms.cryptoKeyVersions.useToSign"),
        "delete": ("cloudkms.cryptoKeyVersions.destroy",),
    }),
    "pubsub.googleapis.com/Topic": Store({
        "read": ("pubsub.topics.attachSubscription",),
        "write": ("pubsub.topics.publish",),
        "delete": ("pubsub.topics.delete",),
    }),
    "pubsub.googleapis.com/Subscription": Store({
        "read": ("pubsub.subscriptions.consume",),
        "delete": ("pubsub.subscriptions.delete",),
    }),
    "artifactregistry.googleapis.com/Repository": Store({
        "read": ("artifactregistry.repositories.downloadArtifacts",),
        "write": ("artifactregistry.repositories.uploadArtifacts",),
        "delete": ("artifactregistry.repositories.deleteArtifacts", "artifactregistry.repositories.delete"),
    }),
    "apikeys.googleapis.com/Key": Store({"read": ("apikeys.keys.getKeyString",)}),
    SERVICE: Store({
        "invoke": (),
        "write": ("run.services.update",),
        "delete": ("run.services.delete",),
    }),
    FUNCTION: _FUNCTION,
    SECOND: _FUNCTION,
    ACCOUNT: Store({
        "become": (
            "iam.serviceAccounts.getAccessToken",
            "iam.serviceAccounts.signBlob",
            "iam.serviceAccounts.signJwt",
            "iam.serviceAccountKeys.create",
        ),
        "attach": ("iam.serviceAccounts.actAs",),
    }),
}  # fmt: skip
BEYOND = ("Firestore, Spanner, Bigtable and other projects",)


def reach(engine: GoogleEngine, function: Resource, who: Principal) -> Reach:
    tree = engine.deciding.tree
    own = {
        one.ref
        for one in tree.resources.values()
        if one.kind == ACCOUNT and key_of(f"serviceAccount:{email_of(one)}") == key_of(who.ref)
    }
    return reach_by(Asking(engine, engine.estate, who, own | {function.ref}), STORES, BEYOND)
