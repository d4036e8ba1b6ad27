"""Builders for cases on Google Cloud: a project with what stands above it, roles, and policies."""

from __future__ import annotations

from typing import Any

from scanners.access.gcp import CUSTOM, FOLDER, MANAGER, ORGANIZATION, PREDEFINED, PROJECT
from scanners.model import Resource
from tests.core.cases import Case, resource

HERE = "europe-west1"
HOME = "projects/shop"
ROBOT = "app@shop.iam.gserviceaccount.com"
DEFAULT = "424242424242-compute@developer.gserviceaccount.com"


UNBOUNDED: dict[str, Any] = {"policyBindings": [], "principalAccessBoundaryPolicies": []}


def policy(*bindings: tuple[str, str], condition: Any = None, **more: Any) -> dict[str, Any]:
    """(role, members parted by blanks)."""
    when = {"condition": condition} if condition else {}
    return {"bindings": [{"role": role, "members": who.split(), **when} for role, who in bindings], **more}


def project(allowed: dict[str, Any] | None = None, **sections: Any) -> Resource:
    said = {"resource": {"name": "projects/42"}, "iamPolicy": allowed or {}, "policies.get": {}, "policyBindings": []}
    said |= sections
    return resource(PROJECT, f"//{MANAGER}/projects/42", region="global", **said)


def folder(allowed: dict[str, Any] | None = None, **sections: Any) -> Resource:
    said = {"iamPolicy": allowed or {}, "policies.get": {}, "policyBindings": [], **sections}
    return resource(FOLDER, f"//{MANAGER}/folders/5", region="global", **said)


def organization(allowed: dict[str, Any] | None = None, domain: str = "shop.example", **sections: Any) -> Resource:
    about = {"organizations.get": {"displayName": domain}}
    said = {"iamPolicy": allowed or {}, "policies.get": {}, **UNBOUNDED, **about, **sections}
    return resource(ORGANIZATION, f"//{MANAGER}/organizations/9", region="global", **said)


def role(name: str, held: str, **more: Any) -> Resource:
    kind = PREDEFINED if name.startswith("roles/") else CUSTOM
    body = {"name": name, "includedPermissions": held.split(), **more}
    return resource(kind, f"//iam.googleapis.com/{name}", region="global", resource=body)


ROLES = (
    role(
        "roles/owner", "resourcemanager.projects.setIamPolicy secretmanager.versions.access iam.serviceAccounts.actAs"
    ),
    role("roles/editor", "iam.serviceAccounts.actAs run.services.update"),
    role("roles/viewer", "run.services.get"),
    role("roles/run.invoker", "run.routes.invoke"),
    role("roles/run.viewer", "run.services.get"),
    role("roles/cloudfunctions.invoker", "cloudfunctions.functions.invoke"),
    role("roles/iam.serviceAccountTokenCreator", "iam.serviceAccounts.getAccessToken"),
    role("roles/iam.serviceAccountUser", "iam.serviceAccounts.actAs"),
    role("roles/secretmanager.secretAccessor", "secretmanager.versions.access"),
    role("roles/resourcemanager.projectIamAdmin", "resourcemanager.projects.setIamPolicy"),
    role("projects/shop/roles/reader", "secretmanager.versions.access"),
    role("projects/shop/roles/becomer", "iam.serviceAccounts.signBlob"),
    role("projects/shop/roles/off", "iam.serviceAccounts.signBlob run.routes.invoke", stage="DISABLED"),
)


def case(it: Resource, *around: Resource, **more: Any) -> Case:
    """In a project with nothing bound, unless another stands around; with the roles everybody knows."""
    known = {one.kind for one in (it, *around)}
    levels = [one for one in (project(), folder(), organization()) if one.kind not in known]
    return Case(it, (*around, *levels, *ROLES), **more)
