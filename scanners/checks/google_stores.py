"""What holds data in Google Cloud: buckets, datasets, databases, secrets and keys, and who may come to it.

Limits: lists on single objects are not read; `gcp.storage.ubla` says where they count.  Who owns a project reads its
secrets; that is `gcp.iam.basic_roles`'s question, and passed over here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from scanners.access.gcp import (
    BASIC,
    CUSTOM,
    EVERYONE,
    FOLDER,
    ORGANIZATION,
    POLICY,
    PREDEFINED,
    PROJECT,
    RESOURCE,
    Grant,
    inherited,
    may,
    open_to_everyone,
)
from scanners.checks.projects import EFFECTIVE, enforced
from scanners.checks.registry import Fix, check
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate
from scanners.model.ranges import is_internet

PREVENTION = "storage.publicAccessPrevention"
READS_SECRETS = ("secretmanager.versions.access",)
SYMMETRIC, OFTEN = "ENCRYPT_DECRYPT", 90 * 86_400  # seconds
RING = "cloudkms.googleapis.com/KeyRing"
VERSIONS = "projects.secrets.versions.list"


def let_in(policy: Node, estate: Estate, thing: str, severity: Severity | None = None) -> Iterator[Verdict]:
    """A failure for every binding of a thing's own policy that lets everyone in."""
    for grant in open_to_everyone(policy, estate):
        yield failed(_sentence(grant, thing), grant.member, grant.binding, subject="access", severity=severity)


def _sentence(grant: Grant, thing: str) -> str:
    return f"The {thing}'s policy gives {grant.role} to {EVERYONE[grant.who]}{grant.words}"


@check(
    "gcp.storage.public",
    on="storage.googleapis.com/Bucket",
    severity=Severity.CRITICAL,
    title="Bucket open to everyone",
    reads=(RESOURCE, POLICY),
    joins=((PROJECT, EFFECTIVE),),
    fix=Fix(
        console="Cloud Storage > the bucket > Permissions > Prevent public access; remove allUsers and"
        " allAuthenticatedUsers.",
        cli="gcloud storage buckets update gs://NAME --public-access-prevention",
        terraform='resource "google_storage_bucket" "this" { public_access_prevention = "enforced" }',
    ),
)
def bucket_public(bucket: Resource, estate: Estate) -> Iterator[Verdict]:
    """Buckets are found by guessing names, day and night; what is open is copied by strangers within hours."""
    prevention = bucket[RESOURCE]["iamConfiguration"]["publicAccessPrevention"]
    if prevention.value == "enforced":
        yield passed("Public access is prevented, whatever its policy says", prevention)
        return
    policy = bucket[POLICY]
    found = list(open_to_everyone(policy, estate))
    if found and (rule := _prevented_above(estate)):
        yield passed("An organisation policy prevents public access, whatever its own policy says", rule, prevention)
        return
    for grant in found:
        yield failed(_sentence(grant, "bucket"), grant.member, grant.binding, prevention)
    yield passed("No binding of its policy lets everyone in", policy)


def _prevented_above(estate: Estate) -> Node | None:
    for project in estate.all(PROJECT):
        for constraint, told in project.each(EFFECTIVE):
            if constraint == PREVENTION:
                return enforced(told["spec"]["rules"])
    call = "orgpolicy.projects.policies.getEffectivePolicy"
    raise Unread(Gap(call, "orgpolicy.policy.get", State.SKIPPED, "NotAsked", "global"))


@check(
    "gcp.storage.ubla",
    on="storage.googleapis.com/Bucket",
    severity=Severity.MEDIUM,
    title="Object ACLs still active",
    reads=(RESOURCE,),
    fix=Fix(
        console="Cloud Storage > the bucket > Permissions > Access control: switch to uniform.",
        cli="gcloud storage buckets update gs://NAME --uniform-bucket-level-access",
        terraform='resource "google_storage_bucket" "this" { uniform_bucket_level_access = true }',
    ),
)
def uniform(bucket: Resource, estate: Estate) -> Iterator[Verdict]:
    """Every object has a list of its own that can open it to everyone, and no policy of the bucket shows it."""
    enabled = bucket[RESOURCE]["iamConfiguration"]["uniformBucketLevelAccess"]["enabled"]
    if enabled.value is True:
        yield passed("Its policy alone says who may come in", enabled)
    else:
        yield failed("Lists on single objects count beside its policy", enabled)


@check(
    "gcp.bigquery.public",
    on="bigquery.googleapis.com/Dataset",
    severity=Severity.CRITICAL,
    title="Dataset open to everyone",
    reads=(RESOURCE,),
    fix=Fix(
        console="BigQuery > the dataset > Sharing > Permissions: remove allUsers and allAuthenticatedUsers.",
        cli="bq update --source dataset.json PROJECT:DATASET",
        terraform='resource "google_bigquery_dataset_iam_member" "this" { role = "roles/bigquery.dataViewer"  member ='
        ' "group:analysts@example.com" }',
    ),
)
def dataset_public(dataset: Resource, estate: Estate) -> Iterator[Verdict]:
    """Anyone can query the tables; what was copied once is never gone."""
    access = dataset[RESOURCE].need("access")
    for entry in access:
        who = entry["specialGroup"] if entry["specialGroup"].value in EVERYONE else entry["iamMember"]
        if who.value in EVERYONE:
            yield failed(f"{entry.need('role').text()} is held by {EVERYONE[who.text()]}", who, entry)
    yield passed("No entry lets everyone in", access)


@check(
    "gcp.sql.exposed",
    on="sqladmin.googleapis.com/Instance",
    severity=Severity.CRITICAL,
    title="Database open to the internet",
    reads=(RESOURCE,),
    fix=Fix(
        console="Cloud SQL > the instance > Connections > Networking: private IP, no 0.0.0.0/0; Security: SSL only.",
        cli="gcloud sql instances patch NAME --no-assign-ip --clear-authorized-networks --ssl-mode ENCRYPTED_ONLY",
        terraform='resource "google_sql_database_instance" "this" { settings { ip_configuration { ipv4_enabled = false'
        '  ssl_mode = "ENCRYPTED_ONLY" } } }',
    ),
)
def database_exposed(database: Resource, estate: Estate) -> Iterator[Verdict]:
    """A database that answers the internet is one weak password away from being copied.

    Graver where everyone may try, lighter for a public address alone and for connections in the clear.
    """
    ip = database[RESOURCE].need("settings").need("ipConfiguration")
    public, mode = ip["ipv4Enabled"], ip["sslMode"]
    for network in ip["authorizedNetworks"]:
        if public.value is True and is_internet(network.need("value")):
            yield failed(f"{network['value'].value} may connect", network["value"], public, subject="networks")
    if public.value is True:
        yield failed("It has a public address", public, subject="address", severity=Severity.MEDIUM)
        yield passed("No authorized network is the internet", ip["authorizedNetworks"], subject="networks")
    else:
        yield passed("It has no public address", public, subject="address")
    in_clear = mode.value == "ALLOW_UNENCRYPTED_AND_ENCRYPTED" or (not mode.present and not ip["requireSsl"].value)
    if in_clear:
        yield failed("It takes connections in the clear", mode, subject="tls", severity=Severity.MEDIUM)
    else:
        yield passed("It takes encrypted connections only", mode, ip["requireSsl"], subject="tls")


@check(
    "gcp.secretmanager.access",
    on="secretmanager.googleapis.com/Secret",
    severity=Severity.HIGH,
    title="Secret readable too widely",
    reads=(POLICY,),
    joins=((PROJECT, POLICY), (FOLDER, POLICY), (ORGANIZATION, POLICY), (PREDEFINED, RESOURCE), (CUSTOM, RESOURCE)),
    fix=Fix(
        console="Secret Manager > the secret > Permissions: bind the one account that needs it; IAM: remove the"
        " accessor role from the project.",
        cli="gcloud secrets add-iam-policy-binding NAME --member serviceAccount:EMAIL --role"
        " roles/secretmanager.secretAccessor",
        terraform='resource "google_secret_manager_secret_iam_member" "this" { secret_id ='
        ' google_secret_manager_secret.this.id  role = "roles/secretmanager.secretAccessor"  member ='
        " google_service_account.this.member }",
    ),
)
def secret_access(secret: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever may read every secret of the project needs but one foothold to have them all."""
    policy = secret[POLICY]
    yield from let_in(policy, estate, "secret", Severity.CRITICAL)
    for grant in inherited(estate):
        if grant.role not in BASIC and may(grant, READS_SECRETS, estate):
            sentence = f"{grant.who} reads every secret below {grant.level}, by {grant.role}{grant.words}"
            yield failed(sentence, grant.member, grant.binding, subject=grant.who)
    yield passed("Those who may read it are named on the secret itself", policy)


@check(
    "gcp.secretmanager.rotation",
    on="secretmanager.googleapis.com/Secret",
    severity=Severity.LOW,
    title="Secret without rotation",
    reads=(RESOURCE, VERSIONS),
    fix=Fix(
        console="Secret Manager > the secret > Edit > Rotation: a period and a topic; add a new version, and disable"
        " the old one.",
        cli="gcloud secrets update NAME --next-rotation-time TIME --rotation-period 7776000s --add-topics TOPIC",
        terraform='resource "google_secret_manager_secret" "this" { rotation { rotation_period = "7776000s"'
        '  next_rotation_time = "TIME" } }',
    ),
)
def secret_rotation(secret: Resource, estate: Estate) -> Iterator[Verdict]:
    """A value that leaked long ago still opens what it opens."""
    made = [one.need("createTime") for one in secret[VERSIONS]]
    newest = max(made, key=_moment, default=None)
    planned = secret[RESOURCE]["rotation"]["nextRotationTime"]
    if newest is None:
        yield not_applicable("No version of it is enabled", secret[VERSIONS])
    elif estate.now - _moment(newest) <= timedelta(seconds=OFTEN):
        yield passed(f"Its newest version is of {_moment(newest).date()}", newest)
    elif planned.present and _moment(planned) >= estate.now:
        yield passed("Its next version is planned", planned)
    elif planned.present:
        yield failed(f"The version planned for {_moment(planned).date()} was not made", planned, newest)
    else:
        yield failed(f"Its newest version is of {_moment(newest).date()}, and no other is planned", newest, planned)


def _moment(told: Node) -> datetime:
    return datetime.fromisoformat(told.text().replace("Z", "+00:00"))


@check(
    "gcp.kms.public_or_stale",
    on="cloudkms.googleapis.com/CryptoKey",
    severity=Severity.HIGH,
    title="Key open or not rotated",
    reads=(RESOURCE, POLICY),
    joins=((RING, POLICY),),
    fix=Fix(
        console="Key Management > the key ring > the key > Permissions: remove allUsers and allAuthenticatedUsers; Edit"
        " rotation period: 90 days.",
        cli="gcloud kms keys update NAME --keyring RING --location LOCATION --rotation-period 90d"
        " --next-rotation-time TIME",
        terraform='resource "google_kms_crypto_key" "this" { rotation_period = "7776000s" }',
    ),
)
def key_open_or_stale(key: Resource, estate: Estate) -> Iterator[Verdict]:
    """Encrypting with a key that everyone may use protects nothing; the longer one version is used, the more is lost
    with it.
    """
    yield from let_in(key[POLICY], estate, "key", Severity.CRITICAL)
    yield _rotation(key[RESOURCE])
    ring = estate.find(RING, key.ref.rpartition("/cryptoKeys/")[0])
    if ring is None:
        code = "its key ring is not in the list"
        raise Unread(Gap("cloudkms.keyRings", "cloudkms.keyRings.list", State.SKIPPED, code, key.region))
    yield from let_in(ring[POLICY], estate, "key ring", Severity.CRITICAL)
    yield passed(
        "Neither its policy nor its key ring's lets everyone use it", key[POLICY], ring[POLICY], subject="access"
    )


def _rotation(told: Node) -> Verdict:
    """KMS rotates symmetric keys whose material it made by itself ("Key rotation", Cloud KMS, read 2026-11)."""
    purpose, period = told.need("purpose"), told["rotationPeriod"]
    level = told["versionTemplate"]["protectionLevel"]
    if purpose.value != SYMMETRIC:
        return not_applicable(f"KMS does not rotate keys for {purpose.value}", purpose, subject="rotation")
    if told["importOnly"].value is True or str(level.value).startswith("EXTERNAL"):
        return not_applicable("KMS does not rotate key material from elsewhere", told["importOnly"], level,
                              subject="rotation")  # fmt: skip
    if not period.present:
        return failed("Nothing rotates the key", period, subject="rotation", severity=Severity.LOW)
    if float(period.text().removesuffix("s")) > OFTEN:
        return failed(f"It is rotated every {period.value} only", period, subject="rotation", severity=Severity.LOW)
    return passed(f"It is rotated every {period.value}", period, subject="rotation")
