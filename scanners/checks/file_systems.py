"""File systems that functions mount: as whom, and how much of them."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.callers import FUNCTION
from scanners.checks.registry import Fix, check
from scanners.checks.ways_in import nearby
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

POINT = "AWS::EFS::AccessPoint"


@check(
    "aws.lambda.efs_no_transit",
    on=FUNCTION,
    severity=Severity.LOW,
    title="File system used without an access point policy",
    reads=("ListFunctions",),
    joins=((POINT, "DescribeAccessPoints"),),
    fix=Fix(
        console="EFS > Access points > Create: a POSIX user that is not root, and a root directory of the function's"
        " own; then Lambda > the function > Configuration > File systems > Edit.",
        cli="aws efs create-access-point --file-system-id ID --posix-user Uid=10001,Gid=10001 --root-directory"
        " Path=/orders",
        terraform='resource "aws_efs_access_point" "this" { posix_user { uid = 10001  gid = 10001 } root_directory {'
        ' path = "/orders" } }',
    ),
)
def efs_no_transit(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Code that was taken over reads and changes the files of everything else that uses the file system."""
    mounts = list(function["ListFunctions"]["FileSystemConfigs"])
    if not mounts:
        yield not_applicable("The function mounts no file system", function["ListFunctions"]["FileSystemConfigs"])
        return
    for mount in mounts:
        arn = mount.need("Arn")
        if ":elasticfilesystem:" not in arn.text():
            continue
        said = _point(function, arn, estate)
        user, place = said["PosixUser"]["Uid"], said["RootDirectory"]["Path"]
        if not user.present:
            yield failed("The access point leaves it to the function as whom it comes", user, arn)
        elif place.value in (None, "/"):
            yield failed("The access point shows the whole file system", place, arn)
    yield passed("Every access point it mounts says as whom, and shows a part only", *mounts)


def _point(function: Resource, arn: Node, estate: Estate) -> Node:
    for point in nearby(function, POINT, estate):
        if point.ref == arn.value:
            return point["DescribeAccessPoints"]
    call, needs = "efs.DescribeAccessPoints", "elasticfilesystem:DescribeAccessPoints"
    raise Unread(Gap(call, needs, State.SKIPPED, "AccessPointNotSeen", function.region))
