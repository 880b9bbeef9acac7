# The secret that grader and Passback share: one for trying, known to everybody.
export GRADER_SECRET="whsec_$(printf 'essay grader, for trying: no secret' | base64)"
