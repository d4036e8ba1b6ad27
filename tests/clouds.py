"""Projects and subscriptions for tests of pages, published as scans are."""

from __future__ import annotations

from datetime import datetime

from posture.actions import accounts
from posture.models import Account, Scan
from posture.queries import estates
from scanners.collectors.registry import by_kind
from scanners.model import Provider, Resource
from tests.core import azure, google
from tests.core.azure import a_site
from tests.core.cases import ACCOUNT, resource, without
from tests.publishing import publish, saw

RUN = "//run.googleapis.com/projects/shop/locations/europe-west1/services/"
ROBOT = "serviceAccount:app@shop.iam.gserviceaccount.com"
ANN, BOB = "user:ann@shop.example", "user:bob@shop.example"
SITE = f"{azure.SHOP}/providers/Microsoft.Web/sites/orders"


def account_of(provider: str, group: str = "shop") -> Account:
    ref, name = ("shop", "The project") if provider == "gcp" else (ACCOUNT, "The subscription")
    account = accounts.ambient(provider=provider, ref=ref, partition=provider, name=name)
    Account.objects.filter(pk=account.pk).update(group=accounts.group(group))
    account.refresh_from_db()
    return account


def scanned(account: Account, *resources: Resource, at: datetime, refused: tuple[str, ...] = ()) -> Scan:
    """One scan of everything that there are collectors for; the listings of the kinds in `refused` were denied."""
    provider = Provider(account.provider)
    service = {kind: collector.unit_service for kind, collector in by_kind(provider).items()}
    units = [
        saw(
            "global",
            name,
            *(one for one in resources if service[one.kind] == name),
            refused=tuple(kind for kind in refused if service[kind] == name),
            provider=provider,
        )
        for name in sorted(set(service.values()))
    ]
    estates.forget()
    return publish(account, *units, at=at, regions=())


# Google Cloud


def a_robot(email: str = "app@shop.iam.gserviceaccount.com") -> Resource:
    ref = f"//iam.googleapis.com/projects/shop/serviceAccounts/{email}"
    body = {"email": email, "name": f"projects/shop/serviceAccounts/{email}", "uniqueId": "1"}
    return resource("iam.googleapis.com/ServiceAccount", ref, region="global", resource=body, iamPolicy={})


def a_service(name: str = "pay", *bindings: tuple[str, str], **more: object) -> Resource:
    body = {
        "name": f"projects/shop/locations/europe-west1/services/{name}",
        "ingress": "INGRESS_TRAFFIC_ALL",
        "invokerIamDisabled": False,
        "template": {
            "serviceAccount": "app@shop.iam.gserviceaccount.com",
            "containers": [
                {"image": "shop/pay:1", "env": [{"name": "MODE", "value": {"secret": None, "digest": "d"}}]}
            ],
        },
        **more,
    }
    policy = google.policy(*bindings)
    return resource("run.googleapis.com/Service", RUN + name, region="europe-west1", resource=body, iamPolicy=policy)


def a_project(*bindings: tuple[str, str]) -> tuple[Resource, ...]:
    """With roles, nothing above it, and one service account."""
    return google.project(google.policy(*bindings)), *google.ROLES, a_robot()


# Azure


def a_subscription(*assignments: Resource) -> tuple[Resource, ...]:
    """With the roles everybody knows, and an identity called robot."""
    return azure.subscription(), *azure.KNOWN, azure.principal(), *assignments


__all__ = ["a_project", "a_robot", "a_service", "a_site", "a_subscription", "account_of", "scanned", "without"]
