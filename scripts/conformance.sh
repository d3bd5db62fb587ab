#!/bin/sh
# sh scripts/conformance.sh SUITE: runs the official conformance suite of the distribution specification against a hub of its own,
# once for each version it knows. SUITE is the program made by `go build` in the suite's directory, with Go 1.24 or later:
# https://github.com/opencontainers/distribution-spec/tree/main/conformance
# Reports are left in conformance-results/. The project's own tests hold each of its cases too: src/hub/registry/conformance.
set -eu
suite=$(realpath "${1:?the program of the suite is missing: see the head of this file}")
cd "$(dirname "$0")/.."
[ -x dist/cais ] || sh scripts/build.sh
data=$(mktemp -d)
listen=127.0.0.1:${PORT:-5917}
dist/cais hub serve --data "$data" --listen "$listen" >"$data.log" 2>&1 &
hub=$!
trap 'kill "$hub"; wait "$hub" || true; rm -rf "$data" "$data.log"' EXIT

tries=0
until curl --silent --fail --output /dev/null "http://$listen/readyz"; do
  tries=$((tries + 1))
  [ "$tries" -lt 100 ] || { cat "$data.log" >&2; exit 1; }
  sleep 0.1
done
export OCI_USERNAME=conformance OCI_PASSWORD="pass-$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')"
curl --silent --fail --output /dev/null --header 'Content-Type: application/json' \
  --data "{\"username\":\"$OCI_USERNAME\",\"password\":\"$OCI_PASSWORD\",\"email\":\"conformance@hub.example\"}" \
  "http://$listen/v2/users/signup"

export OCI_REGISTRY="$listen" OCI_TLS=disabled
failed=0
for version in 1.0 1.1 dev; do
  export OCI_VERSION="$version" OCI_RESULTS_DIR="conformance-results/$version"
  export OCI_REPO1="conformance/repo1-$version" OCI_REPO2="conformance/repo2-$version"
  mkdir -p "$OCI_RESULTS_DIR"
  "$suite" >"$OCI_RESULTS_DIR/output.txt" 2>&1 || failed=1
  echo "$version: $(sed -n 's/^ *\(Skip\|Pass\|FAIL\|Total\)\.*: *\([0-9]*\)$/\1 \2/p' "$OCI_RESULTS_DIR/output.txt" | tr '\n' ' ')"
done
exit "$failed"
