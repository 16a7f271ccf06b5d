#!/usr/bin/env bash
# A job for the workers of the queue, over HTTP: ./job.sh photo.jpg…
set -euo pipefail
url=${LEGENDA_URL:-http://127.0.0.1:4300}
ask() { curl --silent --show-error --fail-with-body ${LEGENDA_TOKEN:+--header "Authorization: Bearer $LEGENDA_TOKEN"} "$@"; }

# The photos' bytes travel with the job. Workers that share a folder can be given {"path":"…"} instead.
job=$({
  printf '{"images":['
  separator=''
  for photo in "$@"; do
    printf '%s{"id":"%s","base64":"%s"}' "$separator" "$(basename "$photo")" "$(base64 <"$photo" | tr -d '\n')"
    separator=','
  done
  printf ']}'
} | ask --header 'Content-Type: application/json' --data-binary @- "$url/v1/jobs")
id=$(sed 's/.*"id":"\([^"]*\)".*/\1/' <<<"$job")
echo "added: $job"

# Events come as it goes on, and end when it is over.
ask --no-buffer "$url/v1/jobs/$id/events" | sed -n 's/^data: /progress: /p'

# A row a line, in the order of the photos.
ask "$url/v1/jobs/$id/results"
