"""Where the code of running things comes from: who overwrites it there acts as what runs it.

Buckets are known by the names that Google's services give them, image repositories by the images that services name.

Sources: "Build process overview" (Cloud Run functions), "Use Cloud Storage" (App Engine), "Data stored in Cloud
Storage" (Cloud Composer), "Image names" (Artifact Registry), read 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scanners.access.explorer import Target
from scanners.access.gcp.bindings import RESOURCE
from scanners.access.gcp.engine import GoogleEngine
from scanners.access.gcp.kinds import BUCKET, FUNCTION, SECOND, SERVICE
from scanners.graph.ground import Thing
from scanners.model import Resource, Unread

REPOSITORY = "artifactregistry.googleapis.com/Repository"
SOURCES = re.compile(r"gcf-(?:v2-)?sources-\d+-(?P<region>[a-z0-9-]+)")
DAGS = re.compile(r"[a-z]+-[a-z]+\d-.+-[0-9a-f]{8}-bucket")
TEMPLATES = re.compile(r"dataflow-(?:staging|templates)-.+")
UNTOLD = "what is started from {} was not read"


def loaded_from(engine: GoogleEngine, above: tuple[str, ...]) -> Iterator[Thing]:
    resources = engine.deciding.tree.resources.values()
    running = [one for one in resources if one.kind in (SERVICE, FUNCTION, SECOND)]
    for resource in resources:
        if resource.kind == BUCKET:
            yield from _bucket(engine, resource, running, above)
        elif resource.kind == REPOSITORY:
            yield _repository(engine, resource, running, above)


def _bucket(engine: GoogleEngine, bucket: Resource, running: list[Resource], above: tuple[str, ...]) -> Iterator[Thing]:
    name, project = bucket.name, engine.estate.account
    target = Target(bucket.ref, name, bucket.kind, True)
    if found := SOURCES.fullmatch(name):
        here = [one for one in running if one.kind in (FUNCTION, SECOND) and one.region == found["region"]]
        yield _thing("function bucket", target, engine, here, above)
    elif name == f"staging.{project}.appspot.com":
        default = f"serviceAccount:{project}@appspot.gserviceaccount.com"
        yield Thing("app engine bucket", target, (default,), above)
    elif name.endswith(f"artifacts.{project}.appspot.com"):
        old = [one for one in running if any(f"gcr.io/{project}/" in image for image in images(one))]
        yield _thing("image bucket", target, engine, old, above)
    elif DAGS.fullmatch(name):
        yield Thing("workflow bucket", target, (), above, unsure=(UNTOLD.format(name),))
    elif TEMPLATES.fullmatch(name):
        yield Thing("template bucket", target, (), above, unsure=(UNTOLD.format(name),))


def _repository(engine: GoogleEngine, repository: Resource, running: list[Resource], above: tuple[str, ...]) -> Thing:
    """Images that are named by digest cannot be overwritten."""
    steps = repository.ref.split("/")
    target = Target(repository.ref, repository.name, repository.kind, True)
    if len(steps) < 9:
        return Thing("image repository", target, (), above)
    beginning = f"{steps[6]}-docker.pkg.dev/{engine.estate.account}/{steps[8]}/"
    pulled = [
        one for one in running if any(image.startswith(beginning) and "@sha256:" not in image for image in images(one))
    ]
    return _thing("image repository", target, engine, pulled, above)


def images(resource: Resource) -> list[str]:
    """Of a service; functions name none."""
    if resource.kind != SERVICE:
        return []
    try:
        told = [one["image"].value for one in resource[RESOURCE]["template"]["containers"]]
    except Unread:
        return []
    return [image for image in told if isinstance(image, str)]


def _thing(kind: str, target: Target, engine: GoogleEngine, running: list[Resource], above: tuple[str, ...]) -> Thing:
    identities: dict[str, None] = {}
    unsure: dict[str, None] = {}
    for one in running:
        try:
            identities.update(dict.fromkeys(who.ref for who in engine.runs_as(one)))
        except Unread:
            unsure[f"as whom {one.name} runs was not read"] = None
    return Thing(kind, target, tuple(identities), above, unsure=tuple(unsure))
