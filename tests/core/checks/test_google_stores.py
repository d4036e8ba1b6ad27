"""Buckets, datasets, databases, secrets and keys of Google Cloud."""

from tests.core.cases import Cases, resource
from tests.core.google import HERE, ROBOT, case, folder, organization, policy, project

EFFECTIVE = "projects.policies.getEffectivePolicy"
PREVENTED = {"storage.publicAccessPrevention": {"spec": {"rules": [{"enforce": True}]}}}
FREE = {"storage.publicAccessPrevention": {"spec": {"rules": [{"enforce": False}]}}}
ME = f"serviceAccount:{ROBOT}"


def bucket(allowed=None, *, prevention="inherited", above=FREE, uniform=True):
    config = {"publicAccessPrevention": prevention, "uniformBucketLevelAccess": {"enabled": uniform}}
    body = {"name": "b", "iamConfiguration": config if uniform is not None else {}}
    it = resource("storage.googleapis.com/Bucket", "//storage.googleapis.com/b", resource=body, iamPolicy=allowed or {})
    return case(it, project(**{EFFECTIVE: above}))


def dataset(*access):
    body = {"access": [{"role": "OWNER", "specialGroup": "projectOwners"}, *access]}
    return case(resource("bigquery.googleapis.com/Dataset", "//bigquery.googleapis.com/d", resource=body))


def database(subject, **ip):
    body = {"settings": {"ipConfiguration": ip}}
    return case(
        resource("sqladmin.googleapis.com/Instance", "//cloudsql.googleapis.com/i", resource=body), subject=subject
    )


def secret(allowed=None, *around, subject=""):
    it = resource("secretmanager.googleapis.com/Secret", "//secretmanager.googleapis.com/s", iamPolicy=allowed or {})
    return case(it, *around, subject=subject)


def key(subject, allowed=None, ring=None, **body):
    name = f"projects/p/locations/{HERE}/keyRings/r"
    said = {"name": f"{name}/cryptoKeys/k", "purpose": "ENCRYPT_DECRYPT", **body}
    around = resource("cloudkms.googleapis.com/KeyRing", f"//cloudkms.googleapis.com/{name}", iamPolicy=ring or {})
    it = resource("cloudkms.googleapis.com/CryptoKey", f"//cloudkms.googleapis.com/{said['name']}", resource=said,
                  iamPolicy=allowed or {})  # fmt: skip
    return case(it, around, subject=subject)


def reads(who):
    return policy(("roles/secretmanager.secretAccessor", who))


OPEN = policy(("roles/storage.objectViewer", "allUsers"))


def rotated(*made, plan=None):
    versions = [{"name": f"v{number}", "createTime": one} for number, one in enumerate(made)]
    body = {"name": "s", **({"rotation": {"nextRotationTime": plan}} if plan else {})}
    sections = {"resource": body, "projects.secrets.versions.list": versions}
    return case(resource("secretmanager.googleapis.com/Secret", "//x/s", **sections))


CASES = {
    "gcp.storage.public": Cases(
        fails=(
            bucket(OPEN),
            bucket(OPEN, prevention="unspecified"),
            bucket(policy(("roles/storage.legacyBucketReader", "allAuthenticatedUsers")), uniform=False),
        ),
        passes=(
            bucket(),
            bucket(policy(("roles/storage.objectViewer", "projectViewer:shop"))),
            bucket(OPEN, prevention="enforced"),
            bucket(OPEN, above=PREVENTED),
        ),
        unknown=(bucket(OPEN, above={}),),
    ),
    "gcp.storage.ubla": Cases(fails=(bucket(uniform=False), bucket(uniform=None)), passes=(bucket(),)),
    "gcp.bigquery.public": Cases(
        fails=(
            dataset({"role": "READER", "specialGroup": "allAuthenticatedUsers"}),
            dataset({"role": "READER", "iamMember": "allUsers"}),
        ),
        passes=(dataset(), dataset({"role": "READER", "specialGroup": "projectReaders"})),
    ),
    "gcp.sql.exposed": Cases(
        fails=(
            database("networks", ipv4Enabled=True, authorizedNetworks=[{"value": "0.0.0.0/0"}]),
            database(
                "networks", ipv4Enabled=True, authorizedNetworks=[{"value": "10.0.0.0/8"}, {"value": "128.0.0.0/1"}]
            ),
            database("address", ipv4Enabled=True),
            database("tls", sslMode="ALLOW_UNENCRYPTED_AND_ENCRYPTED"),
            database("tls"),
        ),
        passes=(
            database("networks", ipv4Enabled=True, authorizedNetworks=[{"value": "198.51.100.7"}]),
            database("address", ipv4Enabled=False),
            database("tls", sslMode="ENCRYPTED_ONLY"),
            database("tls", requireSsl=True),
        ),
        unknown=(database("", ipv4Enabled=True, authorizedNetworks=[{"value": "everyone"}]),),
    ),
    "gcp.secretmanager.access": Cases(
        fails=(
            secret(reads("allUsers"), subject="access"),
            secret(reads(ME), project(reads("group:g@shop.example")), subject="group:g@shop.example"),
            secret(reads(ME), folder(policy(("projects/shop/roles/reader", ME))), subject=ME),
        ),
        passes=(
            secret(reads(ME)),
            secret(reads(ME), project(policy(("roles/owner", "user:a@shop.example"), ("roles/viewer", ME)))),
            secret(reads(ME), project(policy(("roles/run.invoker", "user:a@shop.example")))),
            secret(reads(ME), organization(policy(("projects/shop/roles/becomer", ME)))),
        ),
    ),
    "gcp.kms.public_or_stale": Cases(
        fails=(
            key("access", policy(("roles/x", "allUsers"))),
            key("access", None, policy(("roles/x", "allAuthenticatedUsers"))),
            key("rotation"),
            key("rotation", rotationPeriod="7776001s"),
        ),
        passes=(key("access", policy(("roles/x", ME))), key("rotation", rotationPeriod="7776000s")),
        neutral=(
            key("rotation", purpose="ASYMMETRIC_SIGN"),
            key("rotation", importOnly=True),
            key("rotation", versionTemplate={"protectionLevel": "EXTERNAL_VPC"}),
        ),
    ),
    "gcp.secretmanager.rotation": Cases(
        fails=(
            rotated("2026-01-01T00:00:00Z"),
            rotated("2025-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00Z"),
            rotated("2026-01-01T00:00:00Z", plan="2026-11-01T00:00:00Z"),
        ),
        passes=(
            rotated("2026-11-01T00:00:00Z"),
            rotated("2026-11-01T00:00:00.5Z", "2020-01-01T00:00:00Z"),
            rotated("2026-01-01T00:00:00Z", plan="2027-01-01T00:00:00Z"),
        ),
        neutral=(rotated(),),
    ),
}


def test_a_range_in_a_database_without_a_public_address_opens_nothing():
    verdicts = database("", ipv4Enabled=False, authorizedNetworks=[{"value": "0.0.0.0/0"}]).verdicts("gcp.sql.exposed")

    assert "networks" not in {verdict.subject for verdict in verdicts}
