#!/usr/bin/env bash
# A model trained by the workers of the queue, over HTTP: ./train.sh NAME DATASET…
set -euo pipefail
url=${LEGENDA_URL:-http://127.0.0.1:4300}
ask() { curl --silent --show-error --fail-with-body ${LEGENDA_TOKEN:+--header "Authorization: Bearer $LEGENDA_TOKEN"} "$@"; }

# Data sets by their paths on the workers, below a --root of theirs. The run's folder is called NAME.
name=$1
shift
data=$(printf ',"%s"' "$@")
job=$(printf '{"queue":"train","name":"%s","data":[%s],"init":"legenda-default"}' "$name" "${data#,}" |
  ask --header 'Content-Type: application/json' --data-binary @- "$url/v1/jobs")
id=$(sed 's/.*"id":"\([^"]*\)".*/\1/' <<<"$job")
echo "added: $job"

# Events come as it goes on, and end when it is over. The last says where the model is.
ask --no-buffer "$url/v1/jobs/$id/events" | sed -n 's/^data: /progress: /p'
