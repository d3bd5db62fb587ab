#!/bin/sh
# npm run bench: builds cais, installs the peers that are missing, and measures all of them in one run.
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup.sh docker.io docker-registry podman skopeo procps rsync postgresql swift-proxy swift-account swift-container swift-object memcached
sh scripts/build.sh
exec node_modules/.bin/bun benchmarks/main.ts "$@"
