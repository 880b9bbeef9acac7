"""What schemathesis cannot know of this API."""

import uuid

import schemathesis


def is_positive(case):
    return case.meta is None or case.meta.generation.mode.value == "positive"


@schemathesis.hook
def filter_case(context, case):
    # HTTP lets headers pass that nobody knows.
    if any(name.lower().startswith("x-schemathesis") for name in case.headers or {}):
        return False
    # A cursor comes from a list, and none can be made up.
    parts = [case.query or {}, case.body if isinstance(case.body, dict) else {}]
    return not (is_positive(case) and any("cursor" in part for part in parts))


@schemathesis.hook
def before_call(context, case, **kwargs):
    # Each case is another request.
    for name in list(case.headers or {}):
        if name.lower() == "idempotency-key" and is_positive(case):
            case.headers[name] = str(uuid.uuid4())
