"""Services that say for whom they act when they take on a role: of these a trust policy can name the account.

Each service's own page "Cross-service confused deputy prevention", or that on its service roles, has aws:SourceAccount
or aws:SourceArn in a trust policy.  Read 2026-11-22.  Left out are those whose pages show neither, Lambda and EC2 among
them: there the right to pass the role is all that guards it.
"""

from __future__ import annotations

_NAMES = """
    airflow airflow-env amplify appflow appsync autoscaling bedrock bedrock-agentcore cloudformation codebuild
    codepipeline comprehend config databrew datasync delivery.logs dms ecs-tasks elasticmapreduce emr-serverless events
    export.rds fis forecast frauddetector gamelift glue grafana greengrass imagebuilder iot iotevents kendra lex lexv2
    logs mediaconvert monitoring.rds omics osis-pipelines personalize pipes rds rekognition resiliencehub sagemaker
    scheduler ses ssm ssm-incidents states textract transcribe transfer vpc-flow-logs
"""
SAYS_FOR_WHOM = frozenset(f"{name}.amazonaws.com" for name in _NAMES.split())
