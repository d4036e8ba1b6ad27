"""Who can read a secret, by all policies together: its own, its key's, those of the readers.

Counted are users and roles of this account that are no administrators, who are counted elsewhere.
Limits: readers in other accounts are found by `aws.secretsmanager.public`; a key that is named by an alias, belongs to
another account is taken to let all of them decrypt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanners.access.aws.decide import bounds
from scanners.access.aws.requests import Request
from scanners.access.explorer import Written
from scanners.checks.registry import Fix, check
from scanners.checks.vaults import SECRET
from scanners.graph.ascent import PRINCIPALS, full_rights
from scanners.graph.given import GRANTS, grants
from scanners.graph.rights import ROLE, USER, Rights, rights_of
from scanners.graph.stored import DETAILS
from scanners.model import Gap, Node, Resource, Severity, Unread, Verdict, failed, passed
from scanners.model.estate import Estate

KEY = "AWS::KMS::Key"
READ, DECRYPT = "secretsmanager:GetSecretValue", "kms:Decrypt"
MOST = 5
APPLICATION = ("application", "app", "system", "project")  # tags that say whose something is


@check(
    "aws.secretsmanager.readers",
    on=SECRET,
    severity=Severity.MEDIUM,
    title="Too many principals can read the secret",
    reads=("ListSecrets", "GetResourcePolicy"),
    joins=(*PRINCIPALS, (KEY, "GetKeyPolicy"), (KEY, GRANTS)),
    fix=Fix(
        console="IAM > the policies that are shown > Edit: the ARNs of the secrets that are read under Resource;"
        " Secrets Manager > the secret > Resource permissions: a Deny for all but the roles that need it.",
        cli="aws secretsmanager put-resource-policy --secret-id ARN --resource-policy file://named-readers.json"
        " --block-public-policy",
        terraform='data "aws_iam_policy_document" "own" { statement { actions = ["secretsmanager:GetSecretValue"]'
        "  resources = [aws_secretsmanager_secret.this.arn] } }",
    ),
)
def readers(secret: Resource, estate: Estate) -> Iterator[Verdict]:
    """Each of them can leak it, and be made to; of a secret that everybody reads nobody can say who gave it away."""
    said, policy = secret["ListSecrets"], secret["GetResourcePolicy"]["ResourcePolicy"]
    mine, tags = said.need("ARN"), _tags(said["Tags"])
    everybody, gaps = principals(estate)
    found = [one for one in everybody if _reads(secret, one, policy, estate)]
    strangers = [one for one in found if _of_another(tags, _tags(one.resource[DETAILS]["Tags"]))]
    if strangers:
        yield failed(
            f"It can be read by what belongs to another application: {named_principals(strangers)}",
            mine,
            *_proof(strangers),
        )
    if len(found) > MOST:
        said_of = f"{len(found)} users and roles beside administrators can read it: {named_principals(found)}"
        yield failed(said_of + found[0].caveat, mine, *_proof(found))
    if gaps:
        raise Unread(*gaps)
    yield passed(f"{len(found)} users and roles beside administrators can read it", mine, policy, *_proof(found))


def principals(estate: Estate) -> tuple[list[Rights], tuple[Gap, ...]]:
    return estate.derived("principals", lambda: _principals(estate))


def _principals(estate: Estate) -> tuple[list[Rights], tuple[Gap, ...]]:
    """Users and roles without full rights, and what of them was not read."""
    found, gaps = list[Rights](), list[Gap]()
    for kind in (USER, ROLE):
        try:
            for principal in estate.all(kind):
                try:
                    rights = rights_of(estate, principal)
                    if full_rights(estate, rights) is None:
                        found.append(rights)
                except Unread as unread:
                    gaps += unread.gaps
        except Unread as unread:
            gaps += unread.gaps
    return found, tuple(dict.fromkeys(gaps))


def _reads(secret: Resource, who: Rights, policy: Node, estate: Estate) -> bool:
    """Whether the secret, and the key that it is encrypted with, are surely open to a principal."""
    if not policy.present and not who.layers.identity.candidates(READ.lower())[0]:
        return False
    if not _allowed(who, READ, secret.ref, policy.value, secret.region):
        return False
    named = str(secret["ListSecrets"]["KmsKeyId"].value or "")
    key = _key(estate, named)
    if key is None:
        return True
    return _allowed(who, DECRYPT, key.ref, key["GetKeyPolicy"]["Policy"].value, secret.region, grants(key))


def _allowed(who: Rights, action: str, on: str, policy: object, region: str, given: Iterable[Written] = ()) -> bool:
    facts = {
        "aws:requestedregion": region,
        "kms:viaservice": f"secretsmanager.{region}.amazonaws.com",
        "kms:calleraccount": who.principal.account or "",
    }
    asked = Request(who.principal, action, on, who.principal.account)
    return bounds(asked, who.with_resource(policy, given), who.context.with_facts(facts))[0]


def _key(estate: Estate, named: str) -> Resource | None:
    """The key of this account that a secret names by its ARN or id."""
    if not named or "alias/" in named:
        return None
    wanted = named.rpartition("/")[2]
    keys = estate.derived("keys", lambda: {key.ref.rpartition("/")[2]: key for key in estate.all(KEY)})
    return keys.get(wanted)


def _tags(node: Node) -> dict[str, str]:
    return {str(tag["Key"].value).lower(): str(tag["Value"].value) for tag in node}


def _of_another(mine: dict[str, str], theirs: dict[str, str]) -> bool:
    return any(key in mine and key in theirs and mine[key] != theirs[key] for key in APPLICATION)


def named_principals(found: list[Rights]) -> str:
    names = sorted(one.resource.name for one in found)
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def _proof(found: list[Rights]) -> list[Node]:
    """Of each reader the statement that lets it read, or, where the secret's own policy does, its name."""
    return [next((one.at(rule) for rule in one.giving(READ)), one.resource[DETAILS]["Arn"]) for one in found[:10]]
