"""What AWS's refusals mean.  Proof of absence is never decided here: each call names its own codes for that."""

from __future__ import annotations

from typing import Any

from botocore import exceptions as boto

from scanners.collectors.cloud import Refusal
from scanners.model import State

# Codes as the services' own API references and botocore's models spell them.
CODES = {
    State.DENIED: {
        "AccessDenied", "AccessDeniedException", "AllAccessDisabled", "AuthFailure", "AuthorizationError",
        "AuthorizationErrorException", "ExpiredToken", "ExpiredTokenException", "Forbidden", "ForbiddenException",
        "InvalidAccessKeyId", "InvalidClientTokenId", "InvalidSignatureException", "InvalidToken", "NotAuthorized",
        "OptInRequired", "RequestExpired", "SignatureDoesNotMatch", "SubscriptionRequiredException", "Unauthorized",
        "UnauthorizedException", "UnauthorizedOperation", "UnrecognizedClientException", "TokenRefreshRequired",
    },
    State.THROTTLED: {
        "BandwidthLimitExceeded", "EC2ThrottledException", "PriorRequestNotComplete", "RequestLimitExceeded",
        "ProvisionedThroughputExceededException", "RequestThrottled", "RequestThrottledException", "SlowDown",
        "AWS.SimpleQueueService.RequestThrottled", "ThrottledException", "Throttling", "ThrottlingException",
        "TooManyRequestsException", "TransactionInProgressException",
    },
    State.UNREACHABLE: {
        "CredentialReportNotReadyException", "ReportInProgress",  # being made: asked again until it is there
        "InternalError", "InternalFailure", "InternalServerError", "InternalServerException", "KMSInternalException",
        "RequestTimeout", "RequestTimeoutException", "ServiceException", "ServiceUnavailable",
        "ServiceUnavailableException", "Unavailable",
    },
    State.UNSUPPORTED: {
        "InvalidAction", "MethodNotAllowed", "NotImplemented", "UnknownOperation", "UnknownOperationException",
        "UnsupportedOperation", "UnsupportedOperationException",
    },
}  # fmt: skip
# One code that means two things, where the sentence alone tells which: (code, what it says) → a word of ours for it.
MACIE_OFF = "MacieNotEnabled"
SAID = {("AccessDeniedException", "macie is not enabled"): MACIE_OFF}  # seen from GetMacieSession; read 2026-11
_STATE_OF = {code: state for state, codes in CODES.items() for code in codes}
_BY_STATUS = {403: State.DENIED, 401: State.DENIED, 429: State.THROTTLED, 501: State.UNSUPPORTED}
_UNREAD_BODY = (boto.ResponseStreamingError, boto.IncompleteReadError)
_NO_ROAD = (boto.HTTPClientError, boto.ConnectionError, boto.EndpointConnectionError)


def refusal(error: Exception) -> Refusal:
    """A botocore error as what it means.  Errors that only a mistake of ours can cause are raised again."""
    if isinstance(error, boto.ClientError):
        return _answered_no(error)
    if isinstance(error, _UNREAD_BODY):
        return Refusal(State.PARSE_ERROR, type(error).__name__, str(error))
    if isinstance(error, _NO_ROAD):
        return Refusal(State.UNREACHABLE, type(error).__name__, str(error))
    if isinstance(error, boto.EndpointProviderError):  # FIPS or dual stack, where a service has no such endpoint
        return Refusal(State.UNSUPPORTED, type(error).__name__, str(error))
    if "ParserError" in type(error).__name__:  # botocore.parsers.ResponseParserError is no BotoCoreError
        return Refusal(State.PARSE_ERROR, "ResponseParserError", str(error))
    if isinstance(error, (boto.NoCredentialsError, boto.CredentialRetrievalError, boto.PartialCredentialsError)):
        return Refusal(State.DENIED, type(error).__name__, str(error))
    if isinstance(error, (boto.TokenRetrievalError, boto.SSOError, boto.ProfileNotFound)):
        return Refusal(State.DENIED, type(error).__name__, str(error))
    raise error


def _answered_no(error: Any) -> Refusal:
    answer = error.response
    code = str(answer.get("Error", {}).get("Code", ""))
    status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    state = _STATE_OF.get(code) or _BY_STATUS.get(status) or (State.UNREACHABLE if status >= 500 else None)
    if state is None:  # without a code of the service's own, the body was cut off, or was not the service's
        state = State.PARSE_ERROR if not code or code.isdigit() else State.UNSUPPORTED
    message = str(answer.get("Error", {}).get("Message", ""))
    return Refusal(state, _meant(code, message) or str(status), message, _retry_after(answer))


def _meant(code: str, message: str) -> str:
    told = (word for (same, words), word in SAID.items() if code == same and message.lower().startswith(words))
    return next(told, code)


def _retry_after(answer: Any) -> float | None:
    """Seconds; AWS sends the header on some 429 and 503 answers."""
    value = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("retry-after", "")
    try:
        return max(0.0, float(value))
    except ValueError:
        return None
