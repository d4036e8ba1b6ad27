"""S3 buckets: whom they let in, how, and what is kept of what happens in them.

Limits: access lists of single objects, access points and organisation policies are not read.
Source: "Blocking public access to your Amazon S3 storage", Amazon S3 user guide, read 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from scanners.access.aws.statements import kept_out, matches, open_to_anyone, statements
from scanners.checks.open_policies import others_let_in, wants_tls
from scanners.checks.registry import Fix, check
from scanners.model import Gap, Node, Resource, Severity, Unread, Verdict, failed, passed
from scanners.model.estate import Estate

BUCKET = "AWS::S3::Bucket"
SENSITIVE = re.compile(  # what a tag's key or value says of data that is nobody else's business
    r"(?<![a-z])(sensitive|confidential|restricted|secret|pii|phi|pci|personal|customers?|gdpr|hipaa)(?![a-z])", re.I
)
NOT_SENSITIVE = re.compile(r"^(no|none|false|0)$", re.I)
ACCOUNT_BLOCK = "AWS::S3::AccountPublicAccessBlock"
BLOCK = "GetPublicAccessBlock"
FLAGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
CROWDS = {
    "http://acs.amazonaws.com/groups/global/AllUsers": "anyone on the internet",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers": "every AWS account in the world",
}
SHUT = "block_public_acls = true  ignore_public_acls = true  block_public_policy = true  restrict_public_buckets = true"
ALL_FLAGS = ",".join(f"{flag}=true" for flag in FLAGS)
SHUT_ONE = Fix(
    console="S3 > the bucket > Permissions > Block public access > Edit: block all; then remove what opens it.",
    cli=f"aws s3api put-public-access-block --bucket NAME --public-access-block-configuration {ALL_FLAGS}",
    terraform=f'resource "aws_s3_bucket_public_access_block" "this" {{ {SHUT} }}',
)
EDIT_POLICY = "aws s3api put-bucket-policy --bucket NAME --policy file://policy.json"


@check(
    "aws.s3.public",
    on=BUCKET,
    severity=Severity.CRITICAL,
    title="Bucket readable or writable by everyone",
    reads=(BLOCK, "GetBucketPolicy", "GetBucketOwnershipControls", "GetBucketAcl"),
    joins=((ACCOUNT_BLOCK, BLOCK),),
    fix=SHUT_ONE,
)
def public(bucket: Resource, estate: Estate) -> Iterator[Verdict]:
    """Lists of open buckets are traded: what lies in one is copied within days, and what may be written is abused.

    Of the four blocks, RestrictPublicBuckets stops a public policy that stands, IgnorePublicAcls a public access list;
    the other two only refuse new ones.
    """
    proofs: list[Node] = []
    gaps: list[Gap] = []
    for flag, ways_in, shut in (
        ("RestrictPublicBuckets", _by_policy, (_closed_policy,)),
        ("IgnorePublicAcls", _by_list, (_lists_off, _closed_list)),
    ):
        asked = (
            partial(_on, bucket, flag),
            partial(_on_for_all, estate, flag),
            *(partial(one, bucket) for one in shut),
        )
        try:
            if (proof := _proven(*asked)) is None:
                for sentence, because in ways_in(bucket):
                    yield failed(sentence, because, bucket[BLOCK][flag])
            else:
                proofs.append(proof)
        except Unread as unread:  # the other way in may still prove it open
            gaps += unread.gaps
    if gaps:
        raise Unread(*gaps)
    yield passed("Neither a policy nor an access list lets in strangers", *proofs)


def _proven(*questions: Callable[[], Node | None]) -> Node | None:
    """The first answer that settles it; raises Unread when none does and some were not read."""
    gaps: list[Gap] = []
    for question in questions:
        try:
            if (proof := question()) is not None:
                return proof
        except Unread as unread:
            gaps += unread.gaps
    if gaps:
        raise Unread(*gaps)
    return None


def restricted(bucket: Resource, estate: Estate) -> Node | None:
    """The setting, of the bucket or of the account, that keeps strangers out whatever the policy says."""
    flag = "RestrictPublicBuckets"
    return _proven(partial(_on, bucket, flag), partial(_on_for_all, estate, flag))


def _on(blocked: Resource, flag: str) -> Node | None:
    node = blocked[BLOCK][flag]
    return node if node.value is True else None


def _on_for_all(estate: Estate, flag: str) -> Node | None:
    return _proven(*(partial(_on, account, flag) for account in estate.all(ACCOUNT_BLOCK)))


def _by_policy(bucket: Resource) -> Iterator[tuple[str, Node]]:
    policy = bucket["GetBucketPolicy"]["Policy"]
    for statement, _ in open_to_anyone(policy):
        if not kept_out(policy, statement):
            yield f"The bucket's policy allows {', '.join(statement.actions())} to anyone", statement.node


def _closed_policy(bucket: Resource) -> Node | None:
    return None if list(_by_policy(bucket)) else bucket["GetBucketPolicy"]


def _by_list(bucket: Resource) -> Iterator[tuple[str, Node]]:
    for grant in bucket["GetBucketAcl"]["Grants"]:
        if crowd := CROWDS.get(str(grant["Grantee"]["URI"].value)):
            yield f"The bucket's access list grants {grant.need('Permission').value} to {crowd}", grant


def _lists_off(bucket: Resource) -> Node | None:
    """Where objects belong to the bucket's owner alone, no access list counts."""
    rules = bucket["GetBucketOwnershipControls"]["Rules"]
    return next((rule for rule in rules if rule["ObjectOwnership"].value == "BucketOwnerEnforced"), None)


def _closed_list(bucket: Resource) -> Node | None:
    return None if list(_by_list(bucket)) else bucket["GetBucketAcl"]


@check(
    "aws.s3.account_bpa",
    on=ACCOUNT_BLOCK,
    severity=Severity.HIGH,
    title="Account does not block public buckets",
    reads=(BLOCK,),
    fix=Fix(
        console="S3 > Block Public Access settings for this account > Edit: block all public access.",
        cli=f"aws s3control put-public-access-block --account-id ID --public-access-block-configuration {ALL_FLAGS}",
        terraform=f'resource "aws_s3_account_public_access_block" "this" {{ {SHUT} }}',
    ),
)
def account_bpa(account: Resource, estate: Estate) -> Iterator[Verdict]:
    """One setting keeps every bucket of the account closed, whatever mistake is made on a single one of them."""
    block = account[BLOCK]
    off = [flag for flag in FLAGS if block[flag].value is not True]
    if not block.present:
        yield failed("The account has no block of public access", block)
    elif off:
        yield failed(
            f"The account's block of public access leaves out {', '.join(off)}", *(block[flag] for flag in off)
        )
    else:
        yield passed("The account blocks public access in all four ways", block)


@check(
    "aws.s3.bucket_bpa",
    on=BUCKET,
    severity=Severity.MEDIUM,
    title="Bucket does not block public access",
    reads=(BLOCK,),
    joins=((ACCOUNT_BLOCK, BLOCK),),
    fix=SHUT_ONE,
)
def bucket_bpa(bucket: Resource, estate: Estate) -> Iterator[Verdict]:
    """Without the block, one careless policy or access list is enough to open the bucket to the world."""
    proofs, off = [], []
    for flag in FLAGS:
        proof = _proven(partial(_on, bucket, flag), partial(_on_for_all, estate, flag))
        proofs.append(proof or bucket[BLOCK][flag])
        if proof is None:
            off.append(flag)
    if off:
        yield failed(f"Neither the bucket nor the account sets {', '.join(off)}", *proofs)
    else:
        yield passed("Bucket and account together block public access in all four ways", *proofs)


@check(
    "aws.s3.tls_only",
    on=BUCKET,
    severity=Severity.MEDIUM,
    title="Bucket accepts requests without TLS",
    reads=("GetBucketPolicy",),
    fix=Fix(
        console="S3 > the bucket > Permissions > Bucket policy: add a Deny of s3:* to everyone, on the bucket and its"
        " objects, where aws:SecureTransport is false.",
        cli=EDIT_POLICY,
        terraform='condition { test = "Bool"  variable = "aws:SecureTransport"  values = ["false"] }',
    ),
)
def tls_only(bucket: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever sits on the way can read and change what travels without TLS, signed links among it."""
    policy = bucket["GetBucketPolicy"]["Policy"]
    denies = [statement for statement in statements(policy) if wants_tls(statement, "s3:*")]
    bare = [
        what
        for what, ref in (("the bucket itself", bucket.ref), ("its objects", f"{bucket.ref}/*"))
        if not any(matches(pattern.text(), ref) for deny in denies for pattern in deny.node["Resource"])
    ]
    if not denies:
        yield failed("No statement of the bucket's policy denies everyone what comes without TLS", policy)
    elif bare:
        sentence = f"The bucket's policy denies what comes without TLS, but not on {' and '.join(bare)}"
        yield failed(sentence, *(deny.node for deny in denies))
    else:
        yield passed("The bucket's policy denies what comes without TLS", *(deny.node for deny in denies))


@check(
    "aws.s3.cross_account",
    on=BUCKET,
    severity=Severity.MEDIUM,
    title="Bucket shared with an unknown account",
    reads=("GetBucketPolicy",),
    fix=Fix(
        console="S3 > the bucket > Permissions > Bucket policy: remove the account; if it belongs to you, add it to the"
        " trusted accounts.",
        cli=EDIT_POLICY,
        terraform='resource "aws_s3_bucket_policy" "this" { policy = data.aws_iam_policy_document.known.json }',
    ),
)
def cross_account(bucket: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever controls that account, today or after a breach of it, holds what the bucket holds."""
    policy = bucket["GetBucketPolicy"]["Policy"]
    yield from others_let_in("bucket", policy, estate)
    yield passed("Every account that the bucket's policy names is this one or trusted", policy)


@check(
    "aws.s3.versioning",
    on=BUCKET,
    severity=Severity.LOW,
    title="Bucket without versioning",
    reads=("GetBucketVersioning",),
    fix=Fix(
        console="S3 > the bucket > Properties > Bucket versioning > Edit: enable.",
        cli="aws s3api put-bucket-versioning --bucket NAME --versioning-configuration Status=Enabled",
        terraform='resource "aws_s3_bucket_versioning" "this" { versioning_configuration { status = "Enabled" } }',
    ),
)
def versioning(bucket: Resource, estate: Estate) -> Iterator[Verdict]:
    """What is deleted or overwritten by mistake or by ransomware cannot be brought back."""
    status = bucket["GetBucketVersioning"]["Status"]
    if status.value == "Enabled":
        yield passed("Versioning is on", status)
    else:
        yield failed("Versioning is suspended" if status.present else "Versioning was never turned on", status)


@check(
    "aws.s3.kms",
    on=BUCKET,
    severity=Severity.LOW,
    title="Sensitive bucket without customer key",
    reads=("GetBucketEncryption", "GetBucketTagging"),
    fix=Fix(
        console="S3 > the bucket > Properties > Default encryption > Edit: SSE-KMS, with a key of your own.",
        cli="aws s3api put-bucket-encryption --bucket NAME --server-side-encryption-configuration"
        ' \'{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms","KMSMasterKeyID":"ARN"},'
        '"BucketKeyEnabled":true}]}\'',
        terraform='resource "aws_s3_bucket_server_side_encryption_configuration" "this" { rule {'
        " apply_server_side_encryption_by_default { "
        'sse_algorithm = "aws:kms"  kms_master_key_id = aws_kms_key.this.arn } } }',
    ),
)
def kms(bucket: Resource, estate: Estate) -> Iterator[Verdict]:
    """With a key of your own a second permission stands before the data, each use of it is recorded, and shutting the
    key shuts the data.
    """
    rules = bucket["GetBucketEncryption"]["Rules"]
    kinds = [rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] for rule in rules]
    if kinds and all(str(kind.value).startswith("aws:kms") for kind in kinds):
        yield passed("Objects are encrypted with a key of KMS", *kinds)
        return
    tags = bucket["GetBucketTagging"]
    words = [tag for tag in tags if _says_sensitive(tag)]
    if words:
        yield failed("Its tags call the data sensitive, and S3's own key encrypts it", *words, rules)
    else:
        yield passed("No tag calls the data sensitive", tags)


def _says_sensitive(tag: Node) -> bool:
    key, value = tag.need("Key").text(), str(tag["Value"].value or "")
    return bool(SENSITIVE.search(value) or (SENSITIVE.search(key) and not NOT_SENSITIVE.match(value)))
