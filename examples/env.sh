# For the examples, beside `npm start`: `. examples/env.sh` in the folder of the repository, in a terminal of its own. It says
# where Passback and LTIAAS are, which in production your configuration does, and makes a course in the sandbox with one
# student, ada. Each time it is a new course: the sandbox forgets its courses when it ends, and Passback does not.
export PASSBACK_URL="http://127.0.0.1:$(cat .passback/api-port)" PASSBACK_API_KEY="$(cat .passback/api-key)"
export LTIAAS_URL="http://127.0.0.1:$(cat .passback/sandbox-port)" LTIAAS_API_KEY="$(cat .passback/sandbox-key)"
export PLATFORM="lms-$(date +%s)-$$" COURSE="course-$(date +%s)-$$"

sandbox() { curl -sS --fail-with-body "$LTIAAS_URL/_sandbox/$1" -H 'content-type: application/json' -d "$2"; }
sandbox platforms "{\"family\": \"moodle\", \"platformId\": \"$PLATFORM\"}" >/dev/null &&
  sandbox contexts "{\"platformId\": \"$PLATFORM\", \"contextId\": \"$COURSE\", \"members\": [{\"userId\": \"ada\", \"name\": \"Ada\"}]}" >/dev/null &&
  export LTIK="$(sandbox launches "{\"contextId\": \"$COURSE\", \"userId\": \"ada\"}" | node -p 'JSON.parse(fs.readFileSync(0)).ltik')" &&
  echo "Launch a tool as ada:  $LTIAAS_URL/launch?contextId=$COURSE&userId=ada&tool=http://127.0.0.1:${PORT:-8081}/
See its gradebook:     $LTIAAS_URL/gradebook/$COURSE"
