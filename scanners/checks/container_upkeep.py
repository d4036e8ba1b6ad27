"""Containers of ECS: whether what runs in them can change them, and whether anything of it is written down."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.containers import NEW_REVISION, REGISTER, TASK, containers
from scanners.checks.registry import Fix, check
from scanners.model import Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate


@check(
    "aws.ecs.writable_root",
    on=TASK,
    severity=Severity.LOW,
    title="Writable root file system",
    reads=("DescribeTaskDefinition",),
    fix=Fix(
        console=NEW_REVISION.format(
            "under each container's settings, a read-only root file system, and a volume where it must write"
        ),
        cli=REGISTER,
        terraform='resource "aws_ecs_task_definition" "this" { container_definitions = jsonencode([{ name = "app",'
        " readonlyRootFilesystem = true }]) }",
    ),
)
def writable_root(task: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever gets in can leave tools and changed programs behind; a read-only image stays what was scanned."""
    system = task["DescribeTaskDefinition"]["runtimePlatform"]["operatingSystemFamily"]
    if system.present and system.text().upper().startswith("WINDOWS"):
        yield not_applicable("Containers of Windows have no such setting", system)
        return
    found = [(name, container["readonlyRootFilesystem"]) for name, container in containers(task)]
    writable = [(name, setting) for name, setting in found if setting.value is not True]
    if writable:
        names = ", ".join(sorted(name for name, _ in writable))
        yield failed(f"The root file system can be written to in {names}", *(setting for _, setting in writable))
    else:
        yield passed("No container can write to its root file system", *(setting for _, setting in found))


@check(
    "aws.ecs.no_logging",
    on=TASK,
    severity=Severity.MEDIUM,
    title="Container without log driver",
    reads=("DescribeTaskDefinition",),
    fix=Fix(
        console=NEW_REVISION.format("under each container's settings, log collection"),
        cli=REGISTER,
        terraform='resource "aws_ecs_task_definition" "this" { container_definitions = jsonencode([{ name = "app",'
        ' logConfiguration = { logDriver = "awslogs", options = { awslogs-group = "app" } } }]) }',
    ),
)
def no_logging(task: Resource, estate: Estate) -> Iterator[Verdict]:
    """What the program says ends with the container: neither a fault nor an intruder can be looked into afterwards."""
    found = [(name, container["logConfiguration"]["logDriver"]) for name, container in containers(task)]
    silent = [(name, driver) for name, driver in found if not driver.value]
    if silent:
        names = ", ".join(sorted(name for name, _ in silent))
        yield failed(f"No log driver is set for {names}", *(driver for _, driver in silent))
    else:
        yield passed("Every container has a log driver", *(driver for _, driver in found))
