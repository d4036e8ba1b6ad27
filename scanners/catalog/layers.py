"""Accounts in which AWS itself publishes Lambda layers for everybody to use.

Sources, read 2026-11-22: "Powertools for AWS Lambda" install pages (Python v2 and v3, TypeScript);
"Lambda Insights extension versions" (awslabs/serverless-plugin-lambda-insights, layerVersions.json).
Layers of other vendors are code of strangers until somebody says that their account is trusted.
"""

from __future__ import annotations

PUBLISHED_BY_AWS: dict[str, str] = {
    "017000801446": "Powertools for AWS Lambda (Python)",
    "094274105915": "Powertools for AWS Lambda (TypeScript)",
    "580247275435": "CloudWatch Lambda Insights",
    "012438385374": "CloudWatch Lambda Insights, af-south-1",
    "519774774795": "CloudWatch Lambda Insights, ap-east-1",
    "891564319516": "CloudWatch Lambda Insights, ap-south-2",
    "439286490199": "CloudWatch Lambda Insights, ap-southeast-3",
    "194566237122": "CloudWatch Lambda Insights, ap-northeast-3",
}
