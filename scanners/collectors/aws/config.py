"""AWS Config: the recorders of a region, and whether they run."""

from __future__ import annotations

from scanners.collectors.aws.region_wide import no_questions, region_wide
from scanners.collectors.cloud import Call, Detail

RECORDERS = Call("config", "DescribeConfigurationRecorders", items="ConfigurationRecorders")
STATUS = Call(
    "config",
    "DescribeConfigurationRecorderStatus",
    items="ConfigurationRecordersStatus",
    drop=frozenset({
        "lastErrorCode", "lastErrorMessage", "lastStartTime", "lastStatus", "lastStatusChangeTime", "lastStopTime",
    }),
)  # fmt: skip

COLLECTORS = (
    region_wide(
        "AWS::Config::ConfigurationRecorder",
        "config",
        "configuration-recorder",
        Detail(RECORDERS, bind=no_questions),
        Detail(STATUS, bind=no_questions),
    ),
)
