"""Passback from Python: copy it. PASSBACK_URL and PASSBACK_API_KEY say where Passback is; httpx is all that it needs."""
import base64, hashlib, hmac, json, os, random, time, uuid
from collections.abc import Iterable, Iterator
import httpx

PASSING = {429, 502, 503, 504}
http = httpx.Client(
    base_url=os.environ["PASSBACK_URL"], headers={"authorization": f"Bearer {os.environ['PASSBACK_API_KEY']}"}, timeout=60
)


class Problem(Exception):
    """An answer that is a problem: branch on `type`."""

    def __init__(self, problem: dict):
        super().__init__(f"{problem['title']} {problem['detail']}")
        self.type, self.status, self.problem = problem["type"], problem["status"], problem


def call(method: str, path: str, body=None, params: dict | None = None, key: str | None = None, tries: int = 6):
    headers = {"idempotency-key": key or str(uuid.uuid4())} if method == "POST" else {}
    for attempt in range(1, tries + 1):
        try:
            answer = http.request(method, path, json=body, params=params, headers=headers)
        except httpx.TransportError:
            if attempt == tries:
                raise
        else:
            problem = answer.json() if answer.headers.get("content-type", "").startswith("application/problem") else {}
            is_passing = answer.status_code in PASSING or problem.get("type", "").endswith(":idempotency-in-progress")
            if not is_passing or attempt == tries:
                if problem:
                    raise Problem(problem)
                if answer.status_code != 422:  # without a problem: an answer for each item
                    answer.raise_for_status()
                return answer.json() if answer.content else None
            if "retry-after" in answer.headers:
                time.sleep(int(answer.headers["retry-after"]))
                continue
        time.sleep(2**attempt / 4 * random.uniform(0.5, 1))


def read_all(path: str, name: str, **params) -> Iterator[dict]:
    while True:
        page = call("GET", path, params=params)
        yield from page[name]
        if page["nextCursor"] is None or not page[name]:
            return
        params["cursor"] = page["nextCursor"]


def stream_scores(scores: Iterable[dict]) -> Iterator[dict]:
    """The answer to each, in order. When it breaks off, send again what got none: equal ones are `unchanged`."""
    lines = (json.dumps(score).encode() + b"\n" for score in scores)
    with http.stream("POST", "/v1/scores", content=lines, headers={"content-type": "application/x-ndjson"}) as answer:
        if answer.status_code != 202:
            answer.read()
            raise Problem(answer.json())
        for said in map(json.loads, answer.iter_lines()):
            if "index" in said:
                yield said
            elif "problem" in said:
                raise Problem(said["problem"])


def verify_notice(secret: str, body: bytes, headers) -> dict:
    """What Passback told an endpoint for notices; ValueError where it is not Passback's, or old."""
    sent, at = headers["webhook-id"], headers["webhook-timestamp"]
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mine = base64.b64encode(hmac.digest(key, f"{sent}.{at}.".encode() + body, hashlib.sha256)).decode()
    given = headers["webhook-signature"].split(" ")
    if not any(hmac.compare_digest(f"v1,{mine}".encode(), one.encode()) for one in given) or abs(time.time() - int(at)) > 300:
        raise ValueError("not a notice of Passback")
    return json.loads(body)
