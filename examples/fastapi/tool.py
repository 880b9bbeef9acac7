"""A quiz that grades itself: launched through LTIAAS, its grades in the gradebook through Passback."""
import logging, os
from datetime import datetime, timezone
from typing import Annotated
from urllib.parse import quote
import httpx
from fastapi import Depends, FastAPI, Form, HTTPException
from fastapi.responses import HTMLResponse
import passback

LTIAAS_URL, LTIAAS_API_KEY = os.environ["LTIAAS_URL"], os.environ["LTIAAS_API_KEY"]
app = FastAPI(default_response_class=HTMLResponse)


def read_launch(ltik: str) -> dict:
    """The ltik in the address is the session: LTIAAS says each time who that is, and nobody answers for others."""
    headers = {"authorization": f"LTIK-AUTH-V2 {LTIAAS_API_KEY}:{quote(ltik)}"}
    answer = httpx.get(f"{LTIAAS_URL}/api/idtoken", headers=headers, timeout=10)
    if answer.status_code == 401:
        raise HTTPException(401, "Please open the activity in your course again.")
    return answer.raise_for_status().json()


@app.get("/")
def show(id_token: Annotated[dict, Depends(read_launch)]) -> str:
    try:  # A launch brings the key by which grades go later. If Passback is away, the student comes in all the same.
        passback.call("POST", "/v1/launches", {"idToken": id_token}, tries=1)
    except (passback.Problem, httpx.HTTPError) as error:
        logging.error("%s", error)
    return '<form method="post">6 × 7 = <input name="answer" autofocus> <button>Hand in</button></form>'


@app.post("/")
def grade(id_token: Annotated[dict, Depends(read_launch)], answer: Annotated[str, Form()] = "") -> str:
    place = {"platformId": id_token["platform"]["id"], "contextId": id_token["launch"]["context"]["id"]}
    line_item = {"resourceId": "quiz-3", "label": "Quiz 3", "scoreMaximum": 10}
    value = {"scoreGiven": 10 if answer == "42" else 0, "changedAt": datetime.now(timezone.utc).isoformat()}
    score = {**place, **value, "userId": id_token["user"]["id"], "lineItem": line_item, "scoreMaximum": 10}
    taken = passback.call("POST", "/v1/scores", score)["scores"][0]
    if taken["outcome"] == "invalid":
        raise passback.Problem(taken["problem"])
    return f"{value['scoreGiven']} of 10 points. Your grade is on its way into the gradebook."


@app.exception_handler(passback.Problem)
@app.exception_handler(httpx.HTTPError)
def say_so(_request, error: Exception) -> HTMLResponse:
    logging.error("%s", error)
    return HTMLResponse("This did not work. Please open the activity in your course again in a minute.", 503)
