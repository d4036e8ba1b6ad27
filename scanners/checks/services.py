"""Services of ECS: who may open a shell in their containers unseen, and how they talk to each other.

Limits: of a family it is the latest revision that is looked at; a service may still run an older one.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.containers import CLUSTER, TASK, containers
from scanners.checks.registry import Fix, check
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

PLACES = ("cloudWatchLogGroupName", "s3BucketName")


def services(cluster: Resource) -> Iterator[tuple[str, Node]]:
    for _, ten in cluster.each("DescribeServices"):
        for service in ten:
            yield service.need("serviceName").text(), service


@check(
    "aws.ecs.exec_enabled",
    on=CLUSTER,
    severity=Severity.LOW,
    title="Interactive shell open in production",
    reads=("DescribeServices", "DescribeClusters"),
    joins=((TASK, "DescribeTaskDefinition"),),
    fix=Fix(
        console="ECS > Clusters > the cluster > Update > ECS Exec: log sessions to a group or a bucket; or update the"
        " service without ECS Exec.",
        cli="aws ecs update-service --cluster NAME --service NAME --no-enable-execute-command",
        terraform='resource "aws_ecs_cluster" "this" { configuration { execute_command_configuration { logging ='
        ' "OVERRIDE"  log_configuration { cloud_watch_log_group_name = aws_cloudwatch_log_group.shell.name } } } }',
    ),
)
def exec_enabled(cluster: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever may call ECS Exec works inside the container with the task's rights, and nobody can say what was typed.

    Without a setting of the cluster, sessions go where the containers' own logs do, if that is CloudWatch.
    """
    judged = False
    for name, service in services(cluster):
        judged = True
        on = service["enableExecuteCommand"]
        if on.value is not True:
            yield passed("No shell can be opened in its containers", on, subject=name)
            continue
        where = _kept(cluster) or _by_containers(cluster, service, estate)
        if where:
            yield passed("Shells can be opened in its containers, and sessions are logged", on, where, subject=name)
        else:
            logging = cluster["DescribeClusters"]["executeCommandConfiguration"]["logging"]
            sentence = "Shells can be opened in its containers, and sessions are logged nowhere"
            yield failed(sentence, on, logging, subject=name)
    if not judged:
        yield not_applicable("No service runs in the cluster", cluster["DescribeServices"])


def _kept(cluster: Resource) -> Node | None:
    """Where the cluster has sessions logged."""
    said = cluster["DescribeClusters"]
    if not said.present:
        raise Unread(Gap("ecs.DescribeClusters", "", State.SKIPPED, "ClusterNotSeen", cluster.region))
    settings = said["executeCommandConfiguration"]
    if settings["logging"].value != "OVERRIDE":
        return None
    return next((place for name in PLACES if (place := settings["logConfiguration"][name]).value), None)


def _by_containers(cluster: Resource, service: Node, estate: Estate) -> Node | None:
    """Where the containers' own logs go, when sessions follow them."""
    if cluster["DescribeClusters"]["executeCommandConfiguration"]["logging"].value not in (None, "DEFAULT"):
        return None
    running = service.need("taskDefinition")
    task = estate.find(TASK, running.text().rpartition(":")[0])
    if task is None:
        raise Unread(Gap("ecs.DescribeTaskDefinition", "", State.SKIPPED, "FamilyNotSeen", running.region))
    drivers = [one["logConfiguration"]["logDriver"] for _, one in containers(task)]
    return drivers[0] if drivers and all(driver.value == "awslogs" for driver in drivers) else None


@check(
    "aws.ecs.service_connect_tls",
    on=CLUSTER,
    severity=Severity.LOW,
    title="Service-to-service traffic in clear",
    reads=("DescribeServices",),
    fix=Fix(
        console="ECS > the service > Update > Service Connect > the port > Turn on traffic encryption, with a private"
        " certificate authority.",
        cli="aws ecs update-service --cluster NAME --service NAME --service-connect-configuration file://connect.json",
        terraform='resource "aws_ecs_service" "this" { service_connect_configuration { enabled = true  service {'
        ' port_name = "api"  tls { issuer_cert_authority { aws_pca_authority_arn = var.authority } } } } }',
    ),
)
def service_connect_tls(cluster: Resource, estate: Estate) -> Iterator[Verdict]:
    """What services tell each other, customers' data and tokens among it, can be read by whoever is in the network."""
    judged = False
    for name, service in services(cluster):
        for deployment in service["serviceConnect"]:
            if deployment["status"].value != "PRIMARY" or not (ports := list(deployment["services"])):
                continue
            judged = True
            bare = [port for port in ports if port.need("tls").value is not True]
            if bare:
                said = ", ".join(sorted(port.need("portName").text() for port in bare))
                yield failed(f"Service Connect carries these ports without TLS: {said}", *bare, subject=name)
            else:
                yield passed("Service Connect encrypts what it carries", *ports, subject=name)
    if not judged:
        yield not_applicable("No service of the cluster offers a port by Service Connect", cluster["DescribeServices"])
