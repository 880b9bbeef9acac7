# Where Passback asks at night, and the secret that it signs its questions with: one for trying, known to everybody.
export SCORE_SOURCE_URL="${SCORE_SOURCE_URL:-http://127.0.0.1:8083/}"
export SCORE_SOURCE_SECRET="whsec_$(printf 'score source, for trying: no secret' | base64)"
