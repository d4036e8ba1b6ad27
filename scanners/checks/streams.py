"""Streams, brokers, caches and search: whether they are encrypted, and who may connect."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.open_policies import anyone_let_in
from scanners.checks.registry import Fix, check
from scanners.model import Node, Outcome, Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate

STREAM, BROKER = "AWS::Kinesis::Stream", "AWS::MSK::Cluster"
CACHE, SEARCH = "AWS::ElastiCache::ReplicationGroup", "AWS::OpenSearchService::Domain"


@check(
    "aws.kinesis.unencrypted",
    on=STREAM,
    severity=Severity.MEDIUM,
    title="Stream not encrypted",
    reads=("DescribeStreamSummary",),
    fix=Fix(
        console="Kinesis > Data streams > the stream > Configuration > Encryption > Edit: server-side encryption on.",
        cli="aws kinesis start-stream-encryption --stream-name NAME --encryption-type KMS --key-id alias/aws/kinesis",
        terraform='resource "aws_kinesis_stream" "this" { encryption_type = "KMS", kms_key_id = "alias/aws/kinesis" }',
    ),
)
def unencrypted(stream: Resource, estate: Estate) -> Iterator[Verdict]:
    """Records rest for up to a year; without a key nothing but the stream's own permissions stands before them."""
    kind = stream["DescribeStreamSummary"].need("EncryptionType")
    if kind.value == "KMS":
        yield passed("Records are encrypted with a KMS key", kind)
    else:
        yield failed("Records are not encrypted at rest", kind)


@check(
    "aws.msk.unauthenticated",
    on=BROKER,
    severity=Severity.HIGH,
    title="Kafka accepts clients without identity",
    reads=("ListClustersV2",),
    fix=Fix(
        console="MSK > Clusters > the cluster > Properties > Security settings > Edit: IAM, SCRAM or TLS on,"
        " unauthenticated access off, encryption between clients and brokers TLS only.",
        cli="aws kafka update-security --cluster-arn ARN --current-version V --client-authentication"
        " Sasl={Iam={Enabled=true}},Unauthenticated={Enabled=false} --encryption-info"
        " EncryptionInTransit={ClientBroker=TLS}",
        terraform='resource "aws_msk_cluster" "this" { client_authentication { sasl { iam = true } unauthenticated ='
        ' false } encryption_info { encryption_in_transit { client_broker = "TLS" } } }',
    ),
)
def unauthenticated(cluster: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whatever gets into the network reads every topic and writes what it likes, and nobody can say who it was."""
    said = cluster["ListClustersV2"]
    if (kind := said.need("ClusterType")).value == "SERVERLESS":
        yield passed("A serverless cluster takes clients with an IAM identity over TLS only", kind)
        return
    provisioned = said.need("Provisioned")
    road = provisioned.need("EncryptionInfo").need("EncryptionInTransit").need("ClientBroker")
    taken = provisioned["ClientAuthentication"]
    strangers = taken["Unauthenticated"]["Enabled"]
    ways = [taken["Sasl"]["Iam"]["Enabled"], taken["Sasl"]["Scram"]["Enabled"], taken["Tls"]["Enabled"]]
    faults: list[tuple[str, Node]] = []
    if strangers.value is True:
        faults.append(("clients without an identity are let in", strangers))
    elif not any(way.value is True for way in ways):
        faults.append(("no way to prove an identity is on", taken))
    if road.value != "TLS":
        faults.append(("clients may connect in plain text", road))
    yield from _told(
        faults, "Clients have to prove who they are, over TLS", road, *(w for w in ways if w.value is True)
    )


@check(
    "aws.elasticache.transit",
    on=CACHE,
    severity=Severity.MEDIUM,
    title="Cache without TLS or password",
    reads=("DescribeReplicationGroups",),
    fix=Fix(
        console="ElastiCache > the cache > Modify: encryption in transit required, access control by user group or AUTH"
        " token. Old versions have to be made anew.",
        cli="aws elasticache modify-replication-group --replication-group-id ID --transit-encryption-enabled"
        " --transit-encryption-mode required --user-group-ids-to-add GROUP --apply-immediately",
        terraform='resource "aws_elasticache_replication_group" "this" { transit_encryption_enabled = true,'
        ' transit_encryption_mode = "required", user_group_ids = [aws_elasticache_user_group.this.id] }',
    ),
)
def transit(cache: Resource, estate: Estate) -> Iterator[Verdict]:
    """Sessions and copies of data pass in the clear, and whatever gets into the network may read and change them."""
    said = cache["DescribeReplicationGroups"]
    tls, mode = said.need("TransitEncryptionEnabled"), said["TransitEncryptionMode"]
    token, groups = said["AuthTokenEnabled"], said["UserGroupIds"]
    faults: list[tuple[str, Node]] = []
    if tls.value is not True:
        faults.append(("connections are not encrypted", tls))
    elif mode.value == "preferred":
        faults.append(("connections may be made without encryption", mode))
    if token.value is not True and not groups.value:
        faults.append(("clients need no password", token))
    yield from _told(faults, "Clients connect over TLS and have to sign in", tls, token, groups)


def _told(faults: list[tuple[str, Node]], well: str, *looked: Node) -> Iterator[Verdict]:
    if faults:
        sentence = "; ".join(words for words, _ in faults)
        yield failed(sentence[0].upper() + sentence[1:], *(node for _, node in faults))
    else:
        yield passed(well, *looked)


@check(
    "aws.opensearch.exposed",
    on=SEARCH,
    severity=Severity.HIGH,
    title="Search domain exposed",
    reads=("DescribeDomains",),
    fix=Fix(
        console="OpenSearch > Domains > the domain > Security configuration > Edit: name who may come in, fine-grained"
        " access control, require HTTPS, encryption at rest and between nodes; a domain in a VPC has to be made anew.",
        cli="aws opensearch update-domain-config --domain-name NAME --access-policies file://policy.json"
        " --domain-endpoint-options EnforceHTTPS=true --node-to-node-encryption-options Enabled=true",
        terraform='resource "aws_opensearch_domain" "this" { vpc_options { subnet_ids = [aws_subnet.private.id] }'
        " domain_endpoint_options { enforce_https = true } advanced_security_options { enabled = true } }",
    ),
)
def exposed(domain: Resource, estate: Estate) -> Iterator[Verdict]:
    """Open search domains are found by scanners within hours, read out, and sometimes emptied for a ransom."""
    said = domain["DescribeDomains"]
    yield from _reachable(said)
    flags = (
        ("https", said["DomainEndpointOptions"]["EnforceHTTPS"], "HTTPS is enforced", Severity.MEDIUM),
        ("users", said["AdvancedSecurityOptions"]["Enabled"], "Fine-grained access control is on", Severity.MEDIUM),
        ("nodes", said["NodeToNodeEncryptionOptions"]["Enabled"], "Traffic between nodes is encrypted", Severity.LOW),
        ("rest", said["EncryptionAtRestOptions"]["Enabled"], "What is stored is encrypted", Severity.MEDIUM),
    )
    for subject, flag, well, severity in flags:
        if flag.value is True:
            yield passed(well, flag, subject=subject)
        else:
            yield failed(well.replace(" is ", " is not ", 1), flag, subject=subject, severity=severity)


def _reachable(said: Node) -> Iterator[Verdict]:
    inside, policy, users = said["VPCOptions"], said["AccessPolicies"], said["AdvancedSecurityOptions"]
    if inside["VPCId"].value or inside["SubnetIds"].value:
        yield passed("The domain stands in a VPC", inside)
        return
    sign_in = users["Enabled"].value is True and users["AnonymousAuthEnabled"].value is not True
    for verdict in anyone_let_in("domain", policy, Severity.MEDIUM if sign_in else None):
        yield verdict
        if verdict.outcome is Outcome.FAIL:
            return
    yield passed("No statement of the domain's policy lets in strangers", policy)
