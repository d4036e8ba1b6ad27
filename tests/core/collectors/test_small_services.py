"""Disks, certificates, file systems, meshes, firewalls, parameters: what is asked, kept, refused."""

import json

import pytest

from scanners.collectors.aws import acm, apigateway, apigatewayv2, cognito, disks, efs, eks, elbv2, lattice, rds, wafv2
from scanners.model import Unread
from tests.core.cases import ACCOUNT, REGION
from tests.core.collectors.replies import gathered

KINDS = {c.kind.rpartition("::")[2]: c for module in (acm, disks, efs, eks, lattice, rds) for c in module.COLLECTORS}
CANARY = "canary-5521-value"


def only(seen):
    (resource,) = seen.resources
    return resource


def test_of_snapshots_only_those_for_everybody_are_asked_for():
    call = KINDS["Snapshot"].listing

    assert call.params["OwnerIds"] == ["self"]
    assert call.params["RestorableByUserIds"] == ["all"]


def test_certificates_of_every_kind_of_key_are_asked_for():
    assert "EC_prime256v1" in KINDS["Certificate"].listing.params["Includes"]["keyTypes"]


@pytest.mark.parametrize("family", ["postgres16", "mysql8.0", "aurora-mysql8.0", "oracle-ee-19"])
def test_of_a_group_of_parameters_only_the_one_that_decides_is_asked_and_kept(family):
    row = {"DBParameterGroupName": "g", "DBParameterGroupArn": "arn:g", "DBParameterGroupFamily": family}
    told = [{"ParameterName": "rds.force_ssl", "ParameterValue": "1"}, {"ParameterName": "a", "ParameterValue": CANARY}]

    group = only(
        gathered(
            KINDS["DBParameterGroup"],
            DescribeDBParameterGroups={"DBParameterGroups": [row]},
            DescribeDBParameters={"Parameters": told},
        )
    )

    asked = "DescribeDBParameters" in group.documents
    assert asked is not family.startswith("oracle")
    assert CANARY not in json.dumps(group.documents)


def test_what_a_web_firewall_looks_for_is_not_kept():
    rule = {
        "Name": "origin",
        "Priority": 1,
        "Action": {"Allow": {}},
        "Statement": {"ByteMatchStatement": {"SearchString": CANARY.encode()}},
    }
    listed = {"WebACLs": [{"Name": "w", "Id": "1", "ARN": "arn:w", "LockToken": "moves"}]}
    said = {"WebACL": {"DefaultAction": {"Block": {"CustomResponse": {"ResponseCode": 403}}}, "Rules": [rule]}}

    wall = only(gathered(wafv2.COLLECTORS[0], ListWebACLs=listed, GetWebACL=said))

    assert wall["GetWebACL"].value == {
        "DefaultAction": ["Block"],
        "Rules": [{"Name": "origin", "Priority": 1, "Action": ["Allow"], "Kinds": ["ByteMatchStatement"]}],
    }


def test_whether_a_firewall_is_logged_is_asked_once_for_all():
    listed = {"WebACLs": [{"Name": name, "Id": name, "ARN": f"arn:{name}"} for name in "ab"]}
    logged = {"LoggingConfigurations": [{"ResourceArn": "arn:b", "LogDestinationConfigs": ["arn:logs"]}]}

    walls = gathered(
        wafv2.COLLECTORS[0],
        ListWebACLs=listed,
        GetWebACL={"WebACL": {"DefaultAction": {"Allow": {}}}},
        ListLoggingConfigurations=logged,
    ).resources

    assert {wall.name: len(wall["ListLoggingConfigurations"].value) for wall in walls} == {"a": 0, "b": 1}


def test_the_secret_of_an_app_is_not_kept():
    seen = gathered(
        cognito.COLLECTORS[0],
        ListUserPools={"UserPools": [{"Id": "p", "Name": "staff"}]},
        DescribeUserPool={"UserPool": {"Id": "p"}},
        ListUserPoolClients={"UserPoolClients": [{"ClientId": "c"}]},
        DescribeUserPoolClient={"UserPoolClient": {"ClientId": "c", "ClientSecret": CANARY}},
    )

    assert only(seen)["DescribeUserPoolClient"].value == {"c": {"ClientId": "c"}}


@pytest.mark.parametrize(("mode", "asked"), [("API", True), ("API_AND_CONFIG_MAP", True), ("CONFIG_MAP", False)])
def test_entries_are_asked_of_clusters_that_have_them(mode, asked):
    seen = gathered(
        KINDS["Cluster"],
        ListClusters={"clusters": ["shop"]},
        DescribeCluster={"cluster": {"accessConfig": {"authenticationMode": mode}}},
        ListAccessEntries={"accessEntries": ["arn:role"]},
        ListAssociatedAccessPolicies={"associatedAccessPolicies": []},
    )

    assert ("ListAccessEntries" in only(seen).documents) is asked
    assert only(seen)["ListAssociatedAccessPolicies"].value == ({"arn:role": []} if asked else {})


def test_services_that_others_share_are_theirs():
    rows = [{"arn": f"arn:aws:vpc-lattice:{REGION}:{owner}:service/s", "name": owner} for owner in (ACCOUNT, "9" * 12)]

    seen = gathered(KINDS["Service"], ListServices={"items": rows}, GetService={"authType": "NONE"})

    assert [service.name for service in seen.resources] == [ACCOUNT]


def test_an_unread_service_does_not_say_that_it_asks_nobody():
    rows = [{"arn": f"arn:aws:vpc-lattice:{REGION}:{ACCOUNT}:service/s", "name": "s"}]

    service = only(gathered(KINDS["Service"], ListServices={"items": rows}, GetService="AccessDeniedException"))

    with pytest.raises(Unread):
        service["GetAuthPolicy"]


def test_rules_are_asked_only_of_listeners_that_send_everybody_to_https():
    balancer = {"LoadBalancerArn": "arn:b", "LoadBalancerName": "b", "Type": "network"}
    away = [{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS"}}]
    listeners = [
        {"ListenerArn": "plain", "Protocol": "HTTP", "DefaultActions": [{"Type": "forward"}]},
        {"ListenerArn": "away", "Protocol": "HTTP", "DefaultActions": away},
        {"ListenerArn": "tls", "Protocol": "HTTPS", "DefaultActions": away},
    ]
    secret = {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "x-key", "Values": [CANARY]}}
    rules = [{"RuleArn": "r", "Priority": "1", "Actions": [{"Type": "forward"}], "Conditions": [secret]}]

    seen = only(
        gathered(
            elbv2.COLLECTORS[0],
            DescribeLoadBalancers={"LoadBalancers": [balancer]},
            DescribeListeners={"Listeners": listeners},
            DescribeRules={"Rules": [*rules, {"RuleArn": "d", "Priority": "default", "IsDefault": True}]},
        )
    )

    assert seen["DescribeRules"].value == {
        "away": [
            {
                "RuleArn": "r",
                "Priority": "1",
                "Actions": [{"Type": "forward"}],
                "Conditions": [{"Field": "http-header"}],
            }
        ]
    }


def test_what_a_domain_leads_to_is_asked_in_the_words_of_its_generation():
    first = next(c for c in apigateway.COLLECTORS if c.kind.endswith("DomainName"))
    second = next(c for c in apigatewayv2.COLLECTORS if c.kind.endswith("DomainName"))
    edge = {"DomainName": "e", "DomainNameConfigurations": [{"EndpointType": "EDGE"}]}
    regional = {"DomainName": "r", "DomainNameConfigurations": [{"EndpointType": "REGIONAL"}]}

    old = only(gathered(first, GetDomainNames={"items": [{"domainName": "d"}]}, GetBasePathMappings={"items": []}))
    new = gathered(second, GetDomainNames={"Items": [edge, regional]}, GetApiMappings={"Items": []}).resources

    assert "GetBasePathMappings" in old.documents
    assert {domain.name: "GetApiMappings" in domain.documents for domain in new} == {"e": False, "r": True}
