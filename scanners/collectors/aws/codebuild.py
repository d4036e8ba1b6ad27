"""CodeBuild projects: what starts them, what they build, and what their settings give away.

Kept is what is named here.  Values of variables, addresses with credentials in them and build scripts are read at the
door; a webhook's secret and a badge's address, which holds a token, are never kept.
Limits: projects that others share with this account are their owners'; a variable that names a parameter or a secret
is kept as such and not followed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail, ParseError
from scanners.collectors.door import Door
from scanners.model import Identity, Place, Resource

LIST = Call("codebuild", "ListProjects", items="projects")
DESCRIBE = Call("codebuild", "BatchGetProjects")

KEPT = (
    "arn", "artifacts", "concurrentBuildLimit", "encryptionKey", "logsConfig", "name", "projectVisibility",
    "resourceAccessRole", "serviceRole", "sourceVersion", "vpcConfig",
)  # fmt: skip
OF_SOURCE = ("auth", "insecureSsl", "sourceIdentifier", "type")
OF_ENVIRONMENT = ("computeType", "image", "privilegedMode", "registryCredential", "type")
OF_WEBHOOK = ("branchFilter", "buildType", "filterGroups", "pullRequestBuildPolicy", "scopeConfiguration")
AUTHORITY = re.compile(r"^\w[\w+.-]*://([^/]*)@")
SIGNS_IN = re.compile(r"://.*@", re.S)


def project(place: Place, name: str) -> Identity:
    return Identity(f"arn:{place.partition}:codebuild:{place.region}:{place.account}:project/{name}", name)


def listed(name: str, door: Door) -> dict[str, str]:
    return {"name": name}


def itself(project: Resource) -> dict[str, list[str]]:
    return {"names": [project["ListProjects"].need("name").text()]}


def settings(answer: Mapping[str, Any], door: Door) -> dict[str, Any]:
    projects = list(answer.get("projects") or ())
    if len(projects) != 1:
        raise ParseError("one project was asked for, and another number came")
    said = projects[0]
    kept = named(KEPT, said)
    kept["environment"] = {
        **named(OF_ENVIRONMENT, said["environment"]),
        "environmentVariables": [variable(one, door) for one in said["environment"].get("environmentVariables") or ()],
    }
    kept["source"] = source(said["source"], door)
    kept["secondarySources"] = [source(one, door) for one in said.get("secondarySources") or ()]
    if webhook := said.get("webhook"):
        kept["webhook"] = named(OF_WEBHOOK, webhook)
    return kept


def variable(item: Mapping[str, Any], door: Door) -> dict[str, Any]:
    """Of a plain one, what the door says; of one that names a parameter or a secret, only that it does."""
    kind = item.get("type", "PLAINTEXT")
    said = door.variable(item["name"], item.get("value", "")) if kind == "PLAINTEXT" else {}
    return {"name": item["name"], "type": kind, **said}


def source(item: Mapping[str, Any], door: Door) -> dict[str, Any]:
    kept = named(OF_SOURCE, item)
    if address := item.get("location"):
        kept["location"] = {"url": SIGNS_IN.sub("://", address), "secret": credential(address, door)}
    if script := item.get("buildspec"):
        kept["buildspec"] = door.text(script)
    return kept


def credential(address: str, door: Door) -> str | None:
    """The kind of secret in an address: a password before the host, or a token anywhere.  A name alone is none."""
    who = AUTHORITY.match(address)
    if kinds := [kind for part in re.split(r"[/?&=@:]", address) if (kind := door.kind_of_secret(part))]:
        return kinds[0]
    return "Basic Auth Credentials" if who and who.group(1).partition(":")[2] else None


def named(fields: tuple[str, ...], item: Mapping[str, Any]) -> dict[str, Any]:
    return {field: item[field] for field in fields if field in item}


COLLECTORS = (
    Collector(
        kind="AWS::CodeBuild::Project",
        listing=LIST,
        identify=project,
        shape=listed,
        details=(Detail(DESCRIBE, bind=itself, shape=settings),),
    ),
)
