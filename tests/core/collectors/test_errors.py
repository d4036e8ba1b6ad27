"""What a refusal of AWS means, where its code alone does not say."""

import pytest
from botocore.exceptions import ClientError

from scanners.collectors.aws.errors import MACIE_OFF, refusal
from scanners.model import State


def said(code, message, status=403):
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return refusal(ClientError(answer, "GetMacieSession"))


@pytest.mark.parametrize(
    ("code", "message", "meant"),
    [
        ("AccessDeniedException", "Macie is not enabled.", MACIE_OFF),
        ("AccessDeniedException", "Macie is not enabled", MACIE_OFF),
        ("AccessDeniedException", "User is not authorized to perform: macie2:GetMacieSession", "AccessDeniedException"),
        ("AccessDeniedException", "An SCP says: Macie is not enabled", "AccessDeniedException"),
        ("ValidationException", "Macie is not enabled.", "ValidationException"),
        ("AccessDeniedException", "", "AccessDeniedException"),
    ],
)
def test_a_code_that_means_two_things_is_told_apart_by_its_sentence(code, message, meant):
    assert said(code, message).code == meant


def test_a_caller_who_may_not_ask_is_denied():
    assert said("AccessDeniedException", "not yours").state is State.DENIED
