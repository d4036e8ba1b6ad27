"""Google Cloud: projects, and custom roles.

A role made in a project cannot hold what concerns folders and organisations ("Create and manage custom roles", IAM,
2026); so the whole of it is made in the organisation, and a project's own role leaves those permissions out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from posture.queries.clouds import gcp_functions
from posture.queries.clouds.cloud import Cloud, Document, Level, Remedy

ROLE, ACCOUNT_ID = "postureReads", "posture-reads"  # ids of a role take no hyphen
DIRECTORY = ("cloudidentity.",)  # given in the Admin console, not by a role of IAM
ABOVE = (
    "resourcemanager.organizations.",
    "resourcemanager.folders.",
    "iam.denypolicies.",
    "iam.principalaccessboundarypolicies.",
)
MACHINE = "MEMBER-THAT-POSTURE-RUNS-AS"  # serviceAccount:… or user:…
PROJECT, ORGANIZATION, FOLDER = "PROJECT_ID", "ORGANIZATION_ID", "FOLDER_ID"
APIS = ("cloudresourcemanager", "cloudasset", "iam")
CREDENTIALS = {"UNAUTHENTICATED", "RefreshError", "DefaultCredentialsError"}
PERIMETER = ("organization's policy", "vpcServiceControls")


def role(actions: Iterable[str]) -> Document:
    """As `gcloud iam roles create --file` takes it, without what no role of IAM can hold."""
    return {
        "title": "posture reads",
        "description": "Reads settings and policies, never data, and changes nothing.",
        "stage": "GA",
        "includedPermissions": in_organization(sorted(actions)),
    }


def roles(actions: Iterable[str]) -> list[Document]:
    return [role(actions)]


def in_organization(actions: list[str]) -> list[str]:
    """Of these what a role of IAM may hold."""
    return [action for action in actions if not action.startswith(DIRECTORY)]


def in_project(actions: list[str]) -> list[str]:
    """Of these what a role of a project may hold."""
    return [action for action in actions if not action.startswith((*ABOVE, *DIRECTORY))]


def written(document: Document) -> str:
    """YAML: every value in it is ours, and JSON's texts are YAML's."""
    lines = [f"{key}: {json.dumps(value)}" for key, value in document.items() if isinstance(value, str)]
    return "\n".join([*lines, "includedPermissions:", *(f"- {one}" for one in document["includedPermissions"])])


def create(*, organization: bool) -> str:
    where = f"--organization={ORGANIZATION}" if organization else f"--project={PROJECT}"
    return f"gcloud iam roles create {ROLE} {where} --file=posture-role.yaml"


def commands(project: str = PROJECT, machine: str = MACHINE) -> str:
    """The role, a service account that has it, and leave for this machine to become that: in one project."""
    account = f"{ACCOUNT_ID}@{project}.iam.gserviceaccount.com"
    return "\n".join(
        [
            f"gcloud iam roles create {ROLE} --project={project} --file=posture-role.yaml",
            f"gcloud iam service-accounts create {ACCOUNT_ID} --project={project}",
            f"gcloud projects add-iam-policy-binding {project} --condition=None \\",
            f"  --member=serviceAccount:{account} --role=projects/{project}/roles/{ROLE}",
            f"gcloud iam service-accounts add-iam-policy-binding {account} --project={project} \\",
            f"  --member={machine} --role=roles/iam.serviceAccountTokenCreator",
        ]
    )


def commands_above(project: str = PROJECT) -> str:
    """The same role for all projects of an organisation, with what stands above them."""
    account = f"{ACCOUNT_ID}@{project}.iam.gserviceaccount.com"
    return "\n".join(
        [
            create(organization=True),
            f"gcloud organizations add-iam-policy-binding {ORGANIZATION} --condition=None \\",
            f"  --member=serviceAccount:{account} --role=organizations/{ORGANIZATION}/roles/{ROLE}",
        ]
    )


def commands_for_all(project: str = PROJECT, machine: str = MACHINE) -> str:
    """The role made in the organisation, and a service account of some project that has it there."""
    account = f"{ACCOUNT_ID}@{project}.iam.gserviceaccount.com"
    return "\n".join(
        [
            f"gcloud services enable {' '.join(f'{one}.googleapis.com' for one in APIS)} --project={project}",
            f"gcloud iam service-accounts create {ACCOUNT_ID} --project={project}",
            commands_above(project),
            f"gcloud iam service-accounts add-iam-policy-binding {account} --project={project} \\",
            f"  --member={machine} --role=roles/iam.serviceAccountTokenCreator",
        ]
    )


def bind_folder(project: str = PROJECT) -> str:
    """Instead of in the whole organisation, in one folder and what is below it: the role is the organisation's."""
    account = f"{ACCOUNT_ID}@{project}.iam.gserviceaccount.com"
    return "\n".join(
        [
            f"gcloud resource-manager folders add-iam-policy-binding {FOLDER} --condition=None \\",
            f"  --member=serviceAccount:{account} --role=organizations/{ORGANIZATION}/roles/{ROLE}",
        ]
    )


def addition(actions: Iterable[str], account: str) -> str:
    return "\n".join(_updates(sorted(actions), account))


def _updates(actions: list[str], project: str) -> Iterator[str]:
    above = [action for action in actions if action.startswith(ABOVE)]
    here = [action for action in actions if not action.startswith((*ABOVE, *DIRECTORY))]
    for some, where in ((here, f"--project={project}"), (above, f"--organization={ORGANIZATION}")):
        if some:
            yield f"gcloud iam roles update {ROLE} {where} --add-permissions={','.join(some)}"


def denied(code: str, message: str) -> Remedy:
    if code in CREDENTIALS:
        return "The credentials of the scan were not accepted any more. Scan again with fresh ones.", False
    if code == "SERVICE_DISABLED":
        return (
            "This API is switched off in the project that the scanner's own credentials belong to. "
            "Switch it on there with gcloud services enable; no role does that.",
            False,
        )
    if any(word in message for word in PERIMETER):
        return (
            "A perimeter of VPC Service Controls keeps us out. Let the scanner in with an ingress rule; "
            "no role does that.",
            False,
        )
    return "Add this to the scanning role; a deny policy that names it would outweigh that.", True


CLOUD = Cloud(
    name="GCP",
    account="project",
    article="a",
    family="organisation or folder",
    trusts="domains",
    cli="gcloud",
    regional=False,
    closed="Its API is switched off in this project, so nothing new can be made with it.",
    written=written,
    documents=roles,
    document_name="custom role",
    measured=lambda document: f"{len(document['includedPermissions'])} permissions",
    levels={
        "organization": Level(in_organization, make=create(organization=True), lists=True),
        "project": Level(in_project, create(organization=False)),
    },
    addition=addition,
    addition_name="With gcloud",
    denied=denied,
    acts="service account",
    runs=gcp_functions.RUNS,
    open_to=gcp_functions.OPEN_TO,
)
