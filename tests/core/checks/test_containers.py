"""Containers: CASES are run by tests/house/test_checks.py; tests of their own say what cases cannot."""

from scanners.model import Severity
from tests.core.cases import Case, Cases, resource

PLAIN = {"name": "app", "user": "10001", "environment": []}
FARGATE = {"requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc"}


def task(*containers, **said):
    found = {**said, "containerDefinitions": [{**PLAIN, **container} for container in containers or ({},)]}
    return Case(resource("AWS::ECS::TaskDefinition", DescribeTaskDefinition=found))


def given(*capabilities):
    return {"linuxParameters": {"capabilities": {"add": list(capabilities)}}}


def variable(name, secret=None):
    return {"environment": [{"name": name, "secret": secret, "digest": "d"}]}


def cluster(*services, subject="web"):
    asked = {services[0]["serviceName"]: list(services)} if services else {}
    return Case(resource("AWS::ECS::Cluster", DescribeServices=asked), subject=subject if services else "")


def service(address=None, name="web", task_sets=()):
    network = {"awsvpcConfiguration": {"subnets": ["s"], **({"assignPublicIp": address} if address else {})}}
    return {"serviceName": name, "networkConfiguration": network, "taskSets": list(task_sets)}


ON_HOSTS = {"serviceName": "web", "taskSets": []}
GUESSED = task(variable("DB_PASSWORD", "Secret by name"))
CASES = {
    "aws.ecs.privileged": Cases(
        fails=(
            task({"privileged": True}),
            task({}, {"name": "sidecar", "privileged": True}),
            task(networkMode="host"),
            task(pidMode="host"),
            task(ipcMode="host"),
            task(given("NET_BIND_SERVICE", "SYS_ADMIN")),
            task(given("ALL")),
            task(given("SYS_PTRACE"), networkMode="bridge", requiresCompatibilities=["EC2", "FARGATE"]),
        ),
        passes=(
            task(),
            task({"privileged": False}, networkMode="bridge", pidMode="task", ipcMode="none"),
            task(given("NET_BIND_SERVICE")),
            task({"linuxParameters": {"capabilities": {"drop": ["ALL"]}}}),
            task(given("SYS_PTRACE"), **FARGATE),
        ),
    ),
    "aws.ecs.root_user": Cases(
        fails=(
            task({"user": "root"}),
            task({"user": "0"}),
            task({"user": "0:10001"}),
            task({"user": "root:staff"}),
            task({"user": None}),
            task({"user": ""}),
            task({}, {"name": "sidecar", "user": None}),
        ),
        passes=(task(), task({"user": "10001:0"}), task({"user": "node"}), task({"user": "rooted"})),
        neutral=(task({"user": None}, runtimePlatform={"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}),),
    ),
    "aws.ecs.env_secret": Cases(
        fails=(task(variable("STRIPE", "Stripe Access Key")), GUESSED, task({}, variable("KEY", "AWS Access Key"))),
        passes=(task(), task(variable("LOG_LEVEL")), task({"secrets": [{"name": "DB", "valueFrom": "arn"}]})),
    ),
    "aws.ecs.public_ip": Cases(
        fails=(
            cluster(service("ENABLED")),
            cluster(service("DISABLED"), service("ENABLED", "jobs"), subject="jobs"),
            cluster(service("DISABLED", task_sets=[service("ENABLED")])),
        ),
        passes=(
            cluster(service("DISABLED")),
            cluster(service()),
            cluster(service("ENABLED", "jobs"), service("DISABLED")),
        ),
        neutral=(cluster(ON_HOSTS), cluster()),
    ),
}


def test_a_secret_that_only_its_name_gives_away_is_the_lighter_case():
    assert GUESSED.verdict("aws.ecs.env_secret").severity is Severity.HIGH


def test_a_finding_names_the_variable_and_the_container():
    sentence = task({}, {"name": "side", **variable("KEY", "AWS Access Key")}).verdict("aws.ecs.env_secret").sentence

    assert sentence == "Secrets stand in variables: KEY of side (AWS Access Key)"
