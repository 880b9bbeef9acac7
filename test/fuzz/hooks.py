"""What schemathesis cannot know of this API."""

import ipaddress
import uuid

import schemathesis


# Their lines are judged one by one.
STREAMS = ("application/csv", "application/jsonl", "application/ndjson", "application/x-ndjson")


def is_positive(case):
    return case.meta is None or case.meta.generation.mode.value == "positive"


@schemathesis.hook
def filter_case(context, case):
    # HTTP lets headers pass that nobody knows.
    if any(name.lower().startswith("x-schemathesis") for name in case.headers or {}):
        return False
    # What is no text cannot be sent as one: it would be another text, and maybe a right one.
    if case.media_type in STREAMS and not isinstance(case.body, (str, bytes)):
        return False
    # A cursor comes from a list, and none can be made up.
    parts = [case.query or {}, case.body if isinstance(case.body, dict) else {}]
    return not (is_positive(case) and any("cursor" in part for part in parts))


@schemathesis.hook
def before_call(context, case, **kwargs):
    # Wrong keys are budgeted by address, and each case tries some.
    case.headers["X-Forwarded-For"] = str(ipaddress.IPv6Address(uuid.uuid4().int))
    # Each case is another request.
    for name in list(case.headers or {}):
        if name.lower() == "idempotency-key" and is_positive(case):
            case.headers[name] = str(uuid.uuid4())


@schemathesis.serializer(*STREAMS)
def as_text(context, value):
    return value if isinstance(value, bytes) else str(value).encode()
