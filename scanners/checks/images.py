"""Container images: whether they are scanned, can be swapped, who may fetch them, and what is wrong with what runs.

Limits: an image counts as running when the latest revision of a family of ECS tasks names it; what functions and pods
run is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.aws.statements import matches
from scanners.checks.open_policies import anyone_let_in
from scanners.checks.registry import Fix, check
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

REPOSITORY, REGISTRY = "AWS::ECR::Repository", "AWS::ECR::RegistryScanningConfiguration"
TASK, SCAN = "AWS::ECS::TaskDefinition", "DescribeImageScanFindings"
LOOKED = ("ACTIVE", "COMPLETE")  # states of a scan whose counts say all: of enhanced and of basic scanning
BY_ITSELF = ("SCAN_ON_PUSH", "CONTINUOUS_SCAN")  # a rule may also say MANUAL


@check(
    "aws.ecr.scan",
    on=REPOSITORY,
    severity=Severity.MEDIUM,
    title="Images not scanned",
    reads=("DescribeRepositories",),
    joins=((REGISTRY, "GetRegistryScanningConfiguration"),),
    fix=Fix(
        console="ECR > Private registry > Features & Settings > Scanning > Edit: enhanced or basic scanning on push for"
        " all repositories.",
        cli="aws ecr put-registry-scanning-configuration --scan-type ENHANCED --rules"
        " scanFrequency=CONTINUOUS_SCAN,repositoryFilters=[{filter=*,filterType=WILDCARD}]",
        terraform='resource "aws_ecr_registry_scanning_configuration" "this" { scan_type = "ENHANCED"  rule {'
        ' scan_frequency = "CONTINUOUS_SCAN"  repository_filter { filter = "*"  filter_type = "WILDCARD" } } }',
    ),
)
def scan(repository: Resource, estate: Estate) -> Iterator[Verdict]:
    """Nobody learns that an image carries a library with a known hole, and it runs on."""
    said = repository["DescribeRepositories"]
    registry = _registry(repository, estate)
    kind, on_push = registry.need("scanType"), said["imageScanningConfiguration"]["scanOnPush"]
    if rule := _rule_for(said.need("repositoryName").text(), registry):
        yield passed("A rule of the registry has its images scanned", rule)
    elif kind.value == "ENHANCED":  # the repository's own setting counts for basic scanning only
        yield failed("No rule of the registry's enhanced scanning covers it", registry["rules"], kind)
    elif on_push.value is True:
        yield passed("Its images are scanned when they are pushed", on_push, kind)
    else:
        yield failed("Neither the repository nor a rule of the registry has images scanned", on_push, registry["rules"])


def _registry(repository: Resource, estate: Estate) -> Node:
    ref = repository.ref.partition(":repository/")[0] + ":registry"
    if found := estate.find(REGISTRY, ref):
        return found["GetRegistryScanningConfiguration"].need("scanningConfiguration")
    call = "GetRegistryScanningConfiguration"
    raise Unread(Gap(f"ecr.{call}", f"ecr:{call}", State.SKIPPED, "NotAsked", repository.region))


def _rule_for(name: str, registry: Node) -> Node | None:
    """A filter without a wildcard means every name that contains it ("Filters", Amazon ECR user guide, 2026-11)."""
    for rule in registry["rules"]:
        if rule.need("scanFrequency").value in BY_ITSELF:
            for one in rule["repositoryFilters"]:
                pattern = one.need("filter").text()
                if matches(pattern if "*" in pattern else f"*{pattern}*", name):
                    return rule
    return None


@check(
    "aws.ecr.mutable_tags",
    on=REPOSITORY,
    severity=Severity.MEDIUM,
    title="Image tags can be overwritten",
    reads=("DescribeRepositories",),
    fix=Fix(
        console="ECR > Repositories > the repository > Actions > Edit: tag immutability enabled.",
        cli="aws ecr put-image-tag-mutability --repository-name NAME --image-tag-mutability IMMUTABLE",
        terraform='resource "aws_ecr_repository" "this" { image_tag_mutability = "IMMUTABLE" }',
    ),
)
def mutable_tags(repository: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever may push can put another image under a tag that has been tested, and the next start runs it."""
    said = repository["DescribeRepositories"]
    tags, spared = said.need("imageTagMutability"), said["imageTagMutabilityExclusionFilters"]
    exceptions = ", ".join(one.need("filter").text() for one in spared)
    if tags.value == "IMMUTABLE" or (tags.value == "IMMUTABLE_WITH_EXCLUSION" and not exceptions):
        yield passed("No tag can be overwritten", tags)
    elif tags.value == "IMMUTABLE_WITH_EXCLUSION":
        yield failed(f"Tags like {exceptions} can be overwritten", spared, tags, severity=Severity.LOW)
    else:
        but = f", but for those like {exceptions}" if exceptions else ""
        yield failed(f"Every tag can be overwritten{but}", tags)


@check(
    "aws.ecr.public_policy",
    on=REPOSITORY,
    severity=Severity.HIGH,
    title="Private repository open to everyone",
    reads=("GetRepositoryPolicy",),
    fix=Fix(
        console="ECR > Repositories > the repository > Permissions > Edit: name the accounts that may fetch images.",
        cli="aws ecr set-repository-policy --repository-name NAME --policy-text file://policy.json",
        terraform='resource "aws_ecr_repository_policy" "this" { policy ='
        " data.aws_iam_policy_document.known_accounts.json }",
    ),
)
def public_policy(repository: Resource, estate: Estate) -> Iterator[Verdict]:
    """Anyone can fetch the code and what was baked into it, or push an image that your services then run."""
    policy = repository["GetRepositoryPolicy"]["policyText"]
    yield from anyone_let_in("repository", policy)
    yield passed("No statement of the repository's policy lets in strangers", policy)


@check(
    "aws.ecr.vulnerable_in_use",
    on=REPOSITORY,
    severity=Severity.HIGH,
    title="Running image has serious vulnerabilities",
    reads=("DescribeRepositories",),
    joins=((TASK, SCAN),),
    fix=Fix(
        console="ECR > Repositories > the repository > the image > Vulnerabilities: build it anew on an updated base,"
        " push, and let the services run the new one.",
        cli="aws ecr describe-image-scan-findings --repository-name NAME --image-id imageTag=TAG; aws ecs"
        " update-service --cluster CLUSTER --service NAME --task-definition FAMILY",
        terraform='resource "aws_ecs_task_definition" "this" { container_definitions = jsonencode([{ image ='
        ' "${aws_ecr_repository.this.repository_url}:NEW" }]) }',
    ),
)
def vulnerable_in_use(repository: Resource, estate: Estate) -> Iterator[Verdict]:
    """The holes are published, and the container that has them is running.  What was not scanned is not known."""
    own = repository["DescribeRepositories"].need("repositoryName")
    found, well, unscanned, gaps = list[tuple[str, Node]](), list[Node](), list[Gap](), list[Gap]()
    try:
        for task in estate.all(TASK):
            try:
                for image, said in task.each(SCAN):
                    if not image.startswith(f"{repository.ref}:"):
                        continue
                    if words := _grave(said):
                        found.append((words, said["counts"]))
                    elif said.present and said.need("status").value in LOOKED:
                        well.append(said)
                    else:
                        unscanned.append(Gap(said.call, "", State.SKIPPED, "NotScanned", repository.region))
            except Unread as unread:
                gaps.extend(unread.gaps)
    except Unread as unread:
        gaps.extend(unread.gaps)
    if found:
        words = "; ".join(sorted({words for words, _ in found}))
        worst = Severity.CRITICAL if "critical" in words else None
        yield failed(f"An image that tasks run has {words} vulnerabilities", *(n for _, n in found), severity=worst)
    elif gaps or unscanned:
        raise Unread(*gaps, *unscanned)
    elif well:
        yield passed("No image that tasks run has a high or critical vulnerability", *well)
    else:
        yield not_applicable("No task runs an image of it", own)


def _grave(said: Node) -> str:
    """ "2 critical and 5 high"; of a scan without such findings, and of none, nothing."""
    counts = [(said["counts"][severity], severity.lower()) for severity in ("CRITICAL", "HIGH")]
    return " and ".join(f"{number.value} {word}" for number, word in counts if number.value)
