"""Streams, brokers, caches and search: CASES are run by tests/house/test_checks.py."""

from scanners.model import Severity
from tests.core.cases import Case, Cases, resource

ON, OFF = {"Enabled": True}, {"Enabled": False}


def stream(**said):
    return Case(resource("AWS::Kinesis::Stream", DescribeStreamSummary=said))


def broker(road="TLS", **clients):
    said = {"EncryptionInfo": {"EncryptionInTransit": {"ClientBroker": road}}, "ClientAuthentication": clients}
    told = {"ClusterType": "PROVISIONED", "Provisioned": said}
    return Case(resource("AWS::MSK::Cluster", ListClustersV2=told))


SERVERLESS = Case(resource("AWS::MSK::Cluster", ListClustersV2={"ClusterType": "SERVERLESS", "Serverless": {}}))
UNTOLD = Case(resource("AWS::MSK::Cluster", ListClustersV2={"ClusterType": "PROVISIONED", "Provisioned": {}}))


def cache(tls=True, token=True, **more):
    said = {"TransitEncryptionEnabled": tls, "AuthTokenEnabled": token, **more}
    return Case(resource("AWS::ElastiCache::ReplicationGroup", DescribeReplicationGroups=said))


WELL = {
    "VPCOptions": {"VPCId": "vpc-1", "SubnetIds": ["subnet-1"]},
    "DomainEndpointOptions": {"EnforceHTTPS": True},
    "AdvancedSecurityOptions": ON,
    "NodeToNodeEncryptionOptions": ON,
    "EncryptionAtRestOptions": ON,
}


def domain(subject="", policy=None, **said):
    told = {**WELL, **said, **({"AccessPolicies": policy} if policy else {})}
    return Case(resource("AWS::OpenSearchService::Domain", DescribeDomains=told), subject=subject)


def public(principal="*", subject="", security=OFF, **condition):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "es:*", "Resource": "*"}
    policy = {"Statement": [{**statement, "Condition": condition} if condition else statement]}
    return domain(subject, policy, VPCOptions=None, AdvancedSecurityOptions=security)


CASES = {
    "aws.kinesis.unencrypted": Cases(
        fails=(stream(EncryptionType="NONE"),),
        passes=(stream(EncryptionType="KMS", KeyId="alias/aws/kinesis"),),
        unknown=(stream(),),
    ),
    "aws.msk.unauthenticated": Cases(
        fails=(
            broker(Unauthenticated=ON),
            broker(Sasl={"Iam": ON}, Unauthenticated=ON),
            broker(),
            broker(Sasl={"Iam": OFF}, Tls=OFF),
            broker("PLAINTEXT", Sasl={"Scram": ON}),
            broker("TLS_PLAINTEXT", Sasl={"Iam": ON}, Unauthenticated=OFF),
        ),
        passes=(
            broker(Sasl={"Iam": ON}, Unauthenticated=OFF),
            broker(Sasl={"Scram": ON, "Iam": OFF}),
            broker(Tls={"Enabled": True, "CertificateAuthorityArnList": ["arn"]}),
            SERVERLESS,
        ),
        unknown=(UNTOLD,),
    ),
    "aws.elasticache.transit": Cases(
        fails=(
            cache(tls=False, token=False),
            cache(tls=False),
            cache(token=False),
            cache(token=False, UserGroupIds=[]),
            cache(TransitEncryptionMode="preferred"),
        ),
        passes=(
            cache(),
            cache(TransitEncryptionMode="required"),
            cache(token=False, UserGroupIds=["staff"]),
            cache(AtRestEncryptionEnabled=False),
        ),
    ),
    "aws.opensearch.exposed": Cases(
        fails=(
            public(),
            public({"AWS": "*"}),
            public({"AWS": ["*"]}, security=ON),
            public(IpAddress={"aws:SourceIp": "0.0.0.0/0"}),
            domain("https", DomainEndpointOptions={"EnforceHTTPS": False}),
            domain("users", AdvancedSecurityOptions=OFF),
            domain("users", AdvancedSecurityOptions=None),
            domain("nodes", NodeToNodeEncryptionOptions=OFF),
            domain("rest", EncryptionAtRestOptions=OFF),
        ),
        passes=(
            domain(),
            domain(policy={"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "es:*", "Resource": "*"}]}),
            domain(VPCOptions=None),
            public({"AWS": "arn:aws:iam::111122223333:role/app"}),
            public(IpAddress={"aws:SourceIp": "203.0.113.0/24"}),
            public(subject="https"),
            *(domain(subject) for subject in ("https", "users", "nodes", "rest")),
        ),
    ),
}


def test_an_open_domain_where_one_has_to_sign_in_is_less_grave():
    assert public(security=ON).verdict("aws.opensearch.exposed").severity is Severity.MEDIUM
    assert public(security=OFF).verdict("aws.opensearch.exposed").severity is None
    anonymous = {"Enabled": True, "AnonymousAuthEnabled": True}
    assert public(security=anonymous).verdict("aws.opensearch.exposed").severity is None
