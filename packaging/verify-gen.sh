#!/bin/sh
# Generates the code for proto/ anew, beside gen/, and fails where the two differ: what is committed
# in gen/ must be what the protos say.
set -eu

cd "$(dirname -- "$0")/.."
PATH=$PWD/node_modules/.bin:$PATH
export PATH

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
trap 'exit 1' HUP INT TERM

buf generate -o "$fresh"
# Nothing else may stand in gen/src either: diff tells files of one side only.
if ! diff -r "$fresh/gen/src" gen/src; then
  echo 'gen/ is not what proto/ generates: run `npm run gen` and commit the result' >&2
  exit 1
fi
