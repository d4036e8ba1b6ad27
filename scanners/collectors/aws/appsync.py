"""AppSync's GraphQL APIs: how callers show who they are."""

from __future__ import annotations

from typing import Any

from scanners.collectors.cloud import Call, Collector
from scanners.model import Identity, Place

LIST = Call("appsync", "ListGraphqlApis", items="graphqlApis", params={"maxResults": 25})


def api(place: Place, item: Any) -> Identity:
    return Identity(item["arn"], item["name"])


COLLECTORS = (Collector(kind="AWS::AppSync::GraphQLApi", listing=LIST, identify=api),)
