#!/usr/bin/env bash
# Captions for photos over HTTP: ./captions.sh photo.jpg…
set -euo pipefail
url=${LEGENDA_URL:-http://127.0.0.1:4300}
ask() { curl --silent --show-error --fail-with-body ${LEGENDA_TOKEN:+--header "Authorization: Bearer $LEGENDA_TOKEN"} "$@"; }

# As a form: every file is a photo, and its row is called by its name.
files=()
for photo in "$@"; do files+=(--form "image=@$photo"); done
ask "${files[@]}" "$url/v1/captions"
echo

# The same as JSON, the three best captions of each.
{
  printf '{"options":{"top":3},"images":['
  separator=''
  for photo in "$@"; do
    printf '%s{"id":"%s","base64":"%s"}' "$separator" "$(basename "$photo")" "$(base64 <"$photo" | tr -d '\n')"
    separator=','
  done
  printf ']}'
} | ask --header 'Content-Type: application/json' --data-binary @- "$url/v1/captions"
echo
