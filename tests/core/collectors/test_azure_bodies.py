"""Whatever Microsoft's schemas allow is taken: fields left out, nulls, values of enums that are newer than we are."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posture.runtime.sample.azure import spec
from posture.runtime.sample.azure.estate import KINDS
from scanners.collectors.azure.authorization import MANAGEMENT, above, entities
from scanners.collectors.door import Door
from scanners.collectors.registry import collectors
from scanners.model import Place, Provider
from scanners.model.canonical import clean

DOOR, HERE = Door(b"bodies"), Place("5ca11e50-f04e-4011-8000-0000000000aa", "global", "azure")
SHOP = f"/subscriptions/{HERE.account}/resourceGroups/shop/providers"
NAMED = {"id": "it", "name": "it", "subscriptionId": "it"}
LONGEST = 3  # of lists and maps
DEEPEST = 6


def values(told, depth=0):
    """Bodies that a schema allows, small ones; Azure also writes null for what it leaves out."""
    told = spec.resolved(told)
    kind = told.get("type", "any")
    if kind == "object":
        return st.none() | _objects(told, depth)
    if kind == "array":
        few = 0 if depth >= DEEPEST else LONGEST
        return st.none() | st.lists(values(told["items"], depth + 1), max_size=few)
    if kind == "string":
        enum = told.get("enum")
        return st.none() | (st.sampled_from([*enum, "NewerThanWeAre"]) if enum else st.text(max_size=8))
    scalars = {"boolean": st.booleans(), "integer": st.integers(0, 9), "number": st.floats(0, 9)}
    return scalars.get(kind, st.none() | st.just("2026-11-22T00:00:00Z"))


def _objects(told, depth):
    if depth >= DEEPEST:
        return st.just({})
    known = {key: values(inner, depth + 1) for key, inner in told.get("properties", {}).items()}
    if known:
        return st.fixed_dictionaries({}, optional=known)
    more = told.get("additionalProperties", {"type": "string"})
    return st.dictionaries(st.text(max_size=6), values(more, depth + 1), max_size=LONGEST)


TABLES = [c for c in collectors(Provider.AZURE) if c.otherwise]


@pytest.mark.parametrize("collector", TABLES, ids=lambda c: c.kind)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(draw=st.data())
def test_any_body_of_the_schema_is_taken_on_both_roads(collector, draw):
    drawn = draw.draw(_objects(spec.resolved(spec.items_of(collector.otherwise.listing.name)), 0))
    named = {"id": f"{SHOP}/{collector.kind}/it", "name": "it", "type": collector.kind.lower()}

    kept = []
    for road in (collector, collector.otherwise):
        identity = road.identify(HERE, {**drawn, **named})
        assert road.choose(HERE, {**drawn, **named})
        assert identity.ref == named["id"]
        kept.append(clean(road.shape({**drawn, **named}, DOOR)))
    assert kept[0] == kept[1]
    assert isinstance(kept[0]["properties"], dict)


SINGLE = [c for c in collectors(Provider.AZURE) if not c.otherwise]


@pytest.mark.parametrize("collector", SINGLE, ids=lambda c: c.kind)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(draw=st.data())
def test_any_item_of_a_listing_is_taken(collector, draw):
    told = spec.resolved(spec.answer_of(collector.listing.name))
    item = spec.resolved(told["properties"]["value"]["items"]) if collector.listing.items else told
    drawn = {**draw.draw(_objects(item, 0)), **NAMED}

    assert collector.identify(HERE, drawn).ref
    assert isinstance(clean(collector.shape(drawn, DOOR)), dict)


DETAILS = {
    detail.call.name: detail
    for collector in collectors(Provider.AZURE)
    for c in (collector, collector.otherwise)
    if c
    for detail in c.details
    if detail.call.service != "resourcegraph"  # rows have the columns that were asked for, of no schema
}


@pytest.mark.parametrize("detail", DETAILS.values(), ids=DETAILS)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(draw=st.data())
def test_any_answer_of_the_schema_is_taken(detail, draw):
    told = spec.resolved(spec.answer_of(detail.call.name))
    if detail.call.items:
        items = spec.resolved(told["properties"][detail.call.items]["items"])
        answer = draw.draw(st.lists(_objects(items, 0), max_size=LONGEST))
    else:
        answer = draw.draw(_objects(told, 0))

    clean(detail.shape(answer, DOOR))


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ([], None),
        ([{"id": "/x", "above": None}], None),
        ([{"id": "/x", "above": []}], None),
        ([{"id": "/x"}], None),
        ([{"id": "/x", "above": "top"}], None),
        ([{"id": "/x", "above": ["top", {}]}], None),
        ([{"id": "/x", "above": [{"name": "Shop"}, {"name": "top"}]}], [f"{MANAGEMENT}shop", f"{MANAGEMENT}top"]),
    ],
)
def test_of_the_groups_above_a_subscription_the_ids_are_kept(rows, kept):
    assert above(rows) == kept


def test_another_listing_of_the_groups_begins_at_the_root():
    shop = {"id": "/subscriptions/s", "properties": {"parentNameChain": ["top", "Shop"]}}

    assert entities([{"id": "/providers/x"}, shop], DOOR) == [f"{MANAGEMENT}shop", f"{MANAGEMENT}top"]
    assert entities([{"id": "/subscriptions/s", "properties": None}], DOOR) is None


BINDINGS = [None, [], "text", {}, {"bindings": None}, {"bindings": "text"}, {"bindings": ["text", None, {"type": 7}]}]


@pytest.mark.parametrize("config", BINDINGS)
def test_a_function_with_an_odd_configuration_is_taken(config):
    told = {"name": "app/hello", "properties": {"config": config, "isDisabled": None}}

    (kept,) = DETAILS["web.web_apps.list_functions"].shape([told], DOOR)

    assert kept["name"] == "hello"


def test_every_kind_of_the_double_has_its_schema():
    for call in KINDS:
        assert spec.resolved(spec.items_of(call))["properties"]["id"]
