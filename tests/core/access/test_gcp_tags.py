"""Conditions on tags, where the tags of resources were read, and where they were not.

Sources: "Tags overview", "Attribute reference for IAM Conditions", "ResourceSearchResult" (Google Cloud), read 2026-11.
"""

import pytest

from scanners.access.gcp.kinds import POLICED
from scanners.collectors.gcp.tags import PROJECT_KIND, TAGGED, of_project, tagged
from tests.core.access.google_worlds import API, DB, LOCK, RINGS, asked, denies, deny, folder, home, policy, world
from tests.core.cases import refused, resource

ANN = "user:ann@shop.example"
READ, ACCESSOR = "secretmanager.versions.access", "roles/secretmanager.secretAccessor"
SHOP = "//cloudresourcemanager.googleapis.com/projects/shop"
PROD, DEV = 'resource.matchTag("9/env", "prod")', 'resource.matchTag("9/env", "dev")'


def told(name, *tags, kind="x"):
    parts = [tag.rpartition("/") for tag in tags]
    found = [
        {"tagKey": key, "tagKeyId": f"tagKeys/{key}", "tagValue": f"{key}/{value}", "tagValueId": f"tagValues/{value}"}
        for key, _, value in parts
    ]
    return {"name": name, "assetType": kind, "effectiveTags": [{"attachedResource": name, "effectiveTags": found}]}


def bound(when, *tags, permission=READ, on=DB, role=ACCESSOR, **more):
    return asked(world(home((role, ANN), condition=when, effectiveTags=list(tags), **more)), ANN, permission, on)


CASES = [
    # condition, tags, the answer
    (PROD, [told(SHOP, "9/env/prod")], "allowed"),
    (PROD, [told(SHOP, "9/env/dev")], "denied"),
    (PROD, [told(SHOP, "9/tier/prod")], "denied"),
    (PROD, [told(SHOP)], "denied"),
    (PROD, [], "denied"),
    (PROD, [told(SHOP, "9/env/dev"), told(DB, "9/env/prod")], "allowed"),
    (PROD, [told(SHOP, "9/env/prod"), told(DB, "9/env/dev")], "denied"),
    (PROD, [told(SHOP, "9/env/dev"), told(f"{DB}2", "9/env/prod")], "denied"),
    ('resource.matchTag("9/env", "prod/x")', [told(SHOP, "9/env/prod")], "denied"),
    ('resource.hasTagKey("9/env")', [told(SHOP, "9/env/dev")], "allowed"),
    ('resource.hasTagKey("8/env")', [told(SHOP, "9/env/dev")], "denied"),
    ('resource.hasTagKeyId("tagKeys/9/env")', [told(SHOP, "9/env/dev")], "allowed"),
    ('resource.matchTagId("tagKeys/9/env", "tagValues/dev")', [told(SHOP, "9/env/dev")], "allowed"),
    ('resource.matchTagId("tagKeys/9/env", "tagValues/prod")', [told(SHOP, "9/env/dev")], "denied"),
    ('resource.matchTag("42/env", "prod")', [told(SHOP, "shop/env/prod")], "allowed"),
    ('resource.matchTag("shop/env", "prod")', [told(SHOP, "42/env/prod")], "allowed"),
    (f"{PROD} && request.host == 'x'", [told(SHOP, "9/env/prod")], "allowed_if"),
    (f"{PROD} && request.host == 'x'", [told(SHOP, "9/env/dev")], "denied"),
]


@pytest.mark.parametrize(("when", "tags", "expected"), CASES)
def test_a_condition_on_tags_is_decided_where_they_were_read(when, tags, expected):
    assert bound(when, *tags) == expected


def test_a_deny_rule_on_tags_is_decided_as_well():
    guard = {"policies.get": denies(deny("secretmanager.googleapis.com/*.*", when=DEV))}

    assert bound(None, told(SHOP, "9/env/dev"), **guard) == "denied"
    assert bound(None, told(SHOP, "9/env/prod"), **guard) == "allowed"


def test_what_lies_in_a_resource_has_its_tags():
    decrypts, role = "cloudkms.cryptoKeyVersions.useToDecrypt", "roles/cloudkms.cryptoKeyDecrypter"

    assert bound(PROD, told(SHOP), told(RINGS, "9/env/prod"), permission=decrypts, on=LOCK, role=role) == "allowed"
    assert bound(PROD, told(SHOP, "9/env/prod"), permission=READ, on=f"{DB}/versions/1") == "allowed"


def test_services_whose_names_conditions_do_not_know_have_tags_all_the_same():
    assert bound(PROD, told(SHOP, "9/env/prod"), permission="run.routes.invoke", on=API, role="roles/run.invoker") == (
        "allowed"
    )


@pytest.mark.parametrize("on", ["*", "//storage.googleapis.com/of-others", "folders/5"])
def test_tags_of_what_was_not_seen_are_open(on):
    engine = world(
        home((ACCESSOR, ANN), condition=PROD, effectiveTags=[told(SHOP, "9/env/prod")]),
        folder(policy((ACCESSOR, ANN), condition={"title": "t", "expression": PROD})),
    )

    assert asked(engine, ANN, READ, on) in ("allowed_if", "unknown")


@pytest.mark.parametrize(
    "odd", [7, [7], [{}], [{"name": 3}], [{"name": SHOP, "effectiveTags": [{"effectiveTags": [{}]}]}]]
)
def test_odd_tags_are_not_taken_for_none(odd):
    assert asked(world(home((ACCESSOR, ANN), condition=PROD, effectiveTags=odd)), ANN, READ, DB) == "allowed_if"


def test_tags_that_were_not_read_leave_the_condition_open():
    blind = home((ACCESSOR, ANN), condition=PROD)
    gaps = {"effectiveTags": refused("searchAllResources")}
    row = resource(blind.kind, blind.ref, region="global", gaps=gaps, **blind.documents)

    assert asked(world(blind), ANN, READ, DB) == "allowed_if"
    assert asked(world(row), ANN, READ, DB) == "allowed_if"


def test_tags_are_asked_of_all_that_has_a_policy():
    assert set(POLICED) < set(TAGGED)


def test_what_has_the_tags_of_the_project_is_not_kept_one_by_one():
    found = [
        told("//a", "9/env/prod"),
        told(SHOP, "9/env/prod", kind=PROJECT_KIND),
        told("//b", "9/env/dev"),
        {"name": "//c", "assetType": "x"},
        {"name": "//d", "effectiveTags": [{"effectiveTags": [7]}, 3]},
    ]

    assert [one["name"] for one in tagged(found)] == [SHOP, "//b", "//c", "//d"]


def test_where_only_the_projects_own_are_told_those_of_what_stands_in_it_are_open():
    alone = {**told(SHOP, "9/env/prod"), "alone": True}
    bind = ("roles/resourcemanager.projectIamAdmin", ANN)
    engine = world(home((ACCESSOR, ANN), bind, condition=PROD, effectiveTags=[alone]))

    assert asked(engine, ANN, "resourcemanager.projects.setIamPolicy", "projects/42") == "allowed"
    assert asked(engine, ANN, READ, DB) == "allowed_if"


def test_the_two_roads_tell_tags_in_one_form():
    one = {
        "tagKey": "tagKeys/1",
        "namespacedTagKey": "9/env",
        "tagValue": "tagValues/2",
        "namespacedTagValue": "9/env/prod",
    }

    assert of_project([one], None) == [
        {
            "alone": True,
            "effectiveTags": [
                {
                    "effectiveTags": [
                        {
                            "tagKey": "9/env",
                            "tagKeyId": "tagKeys/1",
                            "tagValue": "9/env/prod",
                            "tagValueId": "tagValues/2",
                        }
                    ]
                }
            ],
        }
    ]
