"""File systems of functions: CASES are run by tests/house/test_checks.py."""

from tests.core.cases import ACCOUNT, Case, Cases, resource

POINT = f"arn:aws:elasticfilesystem:eu-west-1:{ACCOUNT}:access-point/fsap-1"


def function(*around, mounts=(POINT,)):
    configs = [{"Arn": arn, "LocalMountPath": "/mnt/files"} for arn in mounts]
    return Case(resource("AWS::Lambda::Function", ListFunctions={"FileSystemConfigs": configs}), around)


def point(uid=10001, path="/orders", ref=POINT):
    user = {"PosixUser": {"Uid": uid, "Gid": uid}} if uid is not None else {}
    root = {"RootDirectory": {"Path": path}} if path else {}
    return resource("AWS::EFS::AccessPoint", ref, DescribeAccessPoints={**user, **root})


CASES = {
    "aws.lambda.efs_no_transit": Cases(
        fails=(
            function(point(uid=None)),
            function(point(path="/")),
            function(point(path=None)),
            function(point(), point(path="/", ref=POINT + "2"), mounts=(POINT, POINT + "2")),
        ),
        passes=(function(point()), function(point(uid=0)), function(point(), point(path="/", ref=POINT + "2"))),
        neutral=(function(mounts=()),),
        unknown=(function(), function(point(ref=POINT + "2"))),
    ),
}
