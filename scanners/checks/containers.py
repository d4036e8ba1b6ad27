"""Containers of ECS: what rights they run with, what their settings give away, and which get public addresses."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.registry import Fix, check
from scanners.model import Node, Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

TASK, CLUSTER = "AWS::ECS::TaskDefinition", "AWS::ECS::Cluster"

# "Linux capabilities" (man-pages 7): those by which a container gets at the host or its neighbours.  Read 2026-11.
STRONG = {
    "ALL", "BPF", "DAC_READ_SEARCH", "MAC_ADMIN", "MAC_OVERRIDE", "NET_ADMIN", "SYS_ADMIN", "SYS_BOOT", "SYS_MODULE",
    "SYS_PTRACE", "SYS_RAWIO", "SYS_TIME",
}  # fmt: skip
NEW_REVISION = "ECS > Task definitions > the family > Create new revision: {}; then update the services that run it."
REGISTER = "aws ecs register-task-definition --cli-input-json file://task.json"


def containers(task: Resource) -> Iterator[tuple[str, Node]]:
    for container in task["DescribeTaskDefinition"].need("containerDefinitions"):
        yield container.need("name").text(), container


@check(
    "aws.ecs.privileged",
    on=TASK,
    severity=Severity.HIGH,
    title="Container with host-level rights",
    reads=("DescribeTaskDefinition",),
    fix=Fix(
        console=NEW_REVISION.format("no privileged container, no host network, PID or IPC mode, no added capabilities"),
        cli=REGISTER,
        terraform='resource "aws_ecs_task_definition" "this" { network_mode = "awsvpc"  pid_mode = "task" }',
    ),
)
def privileged(task: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever takes over the container has the machine, and with it every other task on it and their credentials."""
    said = task["DescribeTaskDefinition"]
    modes = {"network": said["networkMode"], "PID": said["pidMode"], "IPC": said["ipcMode"]}
    found = [(f"the task shares the host's {what} space", mode) for what, mode in modes.items() if mode.value == "host"]
    fargate = [one.value for one in said["requiresCompatibilities"]] == ["FARGATE"]  # where tracing sees the task only
    for name, container in containers(task):
        if (whole := container["privileged"]).value is True:
            found.append((f"container {name} is privileged", whole))
        for added in container["linuxParameters"]["capabilities"]["add"]:
            right = added.text().upper().removeprefix("CAP_")
            if right in STRONG and not (fargate and right == "SYS_PTRACE"):
                found.append((f"container {name} is given {right}", added))
    if found:
        sentence = "; ".join(words for words, _ in found)
        yield failed(sentence[0].upper() + sentence[1:], *(node for _, node in found))
    else:
        yield passed("No container has rights over the host", said.need("containerDefinitions"), *modes.values())


@check(
    "aws.ecs.root_user",
    on=TASK,
    severity=Severity.MEDIUM,
    title="Container runs as root",
    reads=("DescribeTaskDefinition",),
    fix=Fix(
        console=NEW_REVISION.format("under each container's settings, a user that is not root"),
        cli=REGISTER,
        terraform='resource "aws_ecs_task_definition" "this" { container_definitions = jsonencode([{ name = "app",'
        ' user = "10001:10001" }]) }',
    ),
)
def root_user(task: Resource, estate: Estate) -> Iterator[Verdict]:
    """A hole in the program is root in the container, from where holes in the kernel and the settings are in reach."""
    system = task["DescribeTaskDefinition"]["runtimePlatform"]["operatingSystemFamily"]
    if system.present and system.text().upper().startswith("WINDOWS"):
        yield not_applicable("Containers of Windows know no root", system)
        return
    unnamed: list[tuple[str, Node]] = []
    root: list[tuple[str, Node]] = []
    others: list[Node] = []
    for name, container in containers(task):
        user = container["user"]
        if not user.value:
            unnamed.append((name, user))
        elif user.text().partition(":")[0].strip() in ("root", "0"):
            root.append((name, user))
        else:
            others.append(user)
    if root or unnamed:
        yield failed(_as_root(root, unnamed), *(user for _, user in root + unnamed))
    else:
        yield passed("Every container runs as a user who is not root", *others)


def _as_root(root: list[tuple[str, Node]], unnamed: list[tuple[str, Node]]) -> str:
    said = [f"Root is the user of {_names(root)}"] if root else []
    if unnamed:
        said.append(f"No user is set for {_names(unnamed)}, and an image's own is root unless it says otherwise")
    return "; ".join(said)


def _names(found: list[tuple[str, Node]]) -> str:
    return ", ".join(sorted(name for name, _ in found))


@check(
    "aws.ecs.env_secret",
    on=TASK,
    severity=Severity.CRITICAL,
    title="Secret in container environment",
    reads=("DescribeTaskDefinition",),
    fix=Fix(
        console=NEW_REVISION.format("put the value into Secrets Manager and name it as ValueFrom")
        + " Replace the secret: it has been readable.",
        cli="aws secretsmanager create-secret --name NAME; " + REGISTER,
        terraform='resource "aws_ecs_task_definition" "this" { container_definitions = jsonencode([{ name = "app",'
        ' secrets = [{ name = "DB_PASSWORD", valueFrom = aws_secretsmanager_secret.this.arn }] }]) }',
    ),
)
def env_secret(task: Resource, estate: Estate) -> Iterator[Verdict]:
    """Everyone who may look at task definitions reads the secret, and old revisions keep it."""
    environments = [(name, container["environment"]) for name, container in containers(task)]
    found = [
        (f"{variable.need('name').value} of {name} ({kind.value})", kind)
        for name, environment in environments
        for variable in environment
        if (kind := variable["secret"]).present
    ]
    if found:
        only_names = all(kind.value == "Secret by name" for _, kind in found)
        severity = Severity.HIGH if only_names else None
        yield failed(f"Secrets stand in variables: {_names(found)}", *(kind for _, kind in found), severity=severity)
    else:
        yield passed("No variable holds what looks like a secret", *(environment for _, environment in environments))


@check(
    "aws.ecs.public_ip",
    on=CLUSTER,
    severity=Severity.MEDIUM,
    title="Service gives tasks public addresses",
    reads=("DescribeServices",),
    fix=Fix(
        console="ECS > the cluster > the service > Update > Networking: private subnets, public IP turned off.",
        cli="aws ecs update-service --cluster NAME --service NAME --network-configuration"
        " awsvpcConfiguration={subnets=[PRIVATE],securityGroups=[ID],assignPublicIp=DISABLED}",
        terraform='resource "aws_ecs_service" "this" { network_configuration { assign_public_ip = false } }',
    ),
)
def public_ip(cluster: Resource, estate: Estate) -> Iterator[Verdict]:
    """Each task can be reached from the internet by itself, past the load balancer and what guards it."""
    judged = False
    for _, ten in cluster.each("DescribeServices"):
        for service in ten:
            judged = True
            yield _addresses(service)
    if not judged:
        yield not_applicable("No service runs in the cluster", cluster["DescribeServices"])


def _addresses(service: Node) -> Verdict:
    """The verdict on one service and the task sets that others deploy into it."""
    name = service.need("serviceName").text()
    networks = [one["networkConfiguration"]["awsvpcConfiguration"] for one in (service, *service["taskSets"])]
    addresses = [network["assignPublicIp"] for network in networks if network.present]
    if any(address.value == "ENABLED" for address in addresses):
        public = [address for address in addresses if address.value == "ENABLED"]
        return failed("Its tasks get public addresses", *public, subject=name)
    if addresses:
        return passed("Its tasks get private addresses only", *addresses, subject=name)
    return not_applicable("Its tasks have no addresses of their own", networks[0], subject=name)
