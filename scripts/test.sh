#!/bin/sh
# npm test: installs what is missing, other people's engines and clients included, builds, and runs every check and test.
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup.sh chromium docker.io docker-registry podman buildah skopeo umoci containerd attr bzip2 libcap2-bin procps openssl python3-docker docker-compose openssh-client tcc libc6-dev postgresql swift-proxy swift-account swift-container swift-object memcached pebble nginx-light caddy systemd prometheus lintian systemd-container python3-minimal curl
sh scripts/build.sh
exec node_modules/.bin/bun scripts/test.ts "$@"
