"""Which schema of which API the data of an asset follow, by asset type."""

BODIES: dict[str, tuple[str, str]] = {
    "run.googleapis.com/Service": ("run.v1", "Service"),
    "cloudfunctions.googleapis.com/CloudFunction": ("cloudfunctions.v1", "CloudFunction"),
    "cloudfunctions.googleapis.com/Function": ("cloudfunctions.v2", "Function"),
    "iam.googleapis.com/ServiceAccount": ("iam.v1", "ServiceAccount"),
    "iam.googleapis.com/ServiceAccountKey": ("iam.v1", "ServiceAccountKey"),
    "iam.googleapis.com/WorkloadIdentityPoolProvider": ("iam.v1", "WorkloadIdentityPoolProvider"),
    "iam.googleapis.com/Role": ("iam.v1", "Role"),
    "storage.googleapis.com/Bucket": ("storage.v1", "Bucket"),
    "bigquery.googleapis.com/Dataset": ("bigquery.v2", "Dataset"),
    "sqladmin.googleapis.com/Instance": ("sqladmin.v1", "DatabaseInstance"),
    "secretmanager.googleapis.com/Secret": ("secretmanager.v1", "Secret"),
    "cloudkms.googleapis.com/CryptoKey": ("cloudkms.v1", "CryptoKey"),
    "cloudkms.googleapis.com/KeyRing": ("cloudkms.v1", "KeyRing"),
    "pubsub.googleapis.com/Topic": ("pubsub.v1", "Topic"),
    "pubsub.googleapis.com/Subscription": ("pubsub.v1", "Subscription"),
    "compute.googleapis.com/Firewall": ("compute.v1", "Firewall"),
    "compute.googleapis.com/BackendService": ("compute.v1", "BackendService"),
    **{
        f"compute.googleapis.com/{word}": ("compute.v1", word)
        for word in (
            "ForwardingRule",
            "TargetHttpProxy",
            "TargetHttpsProxy",
            "UrlMap",
            "NetworkEndpointGroup",
            "SslPolicy",
            "Subnetwork",
        )
    },
    "compute.googleapis.com/GlobalForwardingRule": ("compute.v1", "ForwardingRule"),
    **{
        f"apigateway.googleapis.com/{word}": ("apigateway.v1", f"Apigateway{word}")
        for word in ("Api", "ApiConfig", "Gateway")
    },
    "cloudscheduler.googleapis.com/Job": ("cloudscheduler.v1", "Job"),
    "container.googleapis.com/Cluster": ("container.v1", "Cluster"),
    "artifactregistry.googleapis.com/Repository": ("artifactregistry.v1", "Repository"),
    "apikeys.googleapis.com/Key": ("apikeys.v2", "V2Key"),
}
