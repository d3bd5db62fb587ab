#!/bin/sh
# Installs what is missing and nothing else: system packages (Debian, Ubuntu) and the npm packages of package-lock.json.
# A second run takes no time.
#   sh scripts/setup.sh [PACKAGE…]     these system packages as well (what tests and benchmarks compare with)
set -eu
cd "$(dirname "$0")/.."

# The engine's outside programs, and what the seed images are made of.
# libcrypto (blobs in an object store) comes with ca-certificates: its package has another name from release to release.
packages="conmon runc libisal2 libzstd1 iproute2 nftables golang-github-containers-common tini busybox-static debootstrap ca-certificates tar xz-utils zstd $*"

# shellcheck disable=SC2086
sh scripts/install-packages.sh $packages

# npm writes this file at the end of an installation: older than the lock file means stale.
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  command -v npm >/dev/null 2>&1 || {
    echo "setup: npm is missing: install Node.js 18 or newer with npm" >&2
    exit 1
  }
  echo "setup: installing npm packages"
  # ci wants a lock file with every platform's optional packages; where the registry has only some of them, install takes
  # the same versions, checked against the same file, and leaves the file alone.
  npm ci --no-audit --no-fund --loglevel=silent || npm install --no-save --no-audit --no-fund --loglevel=error
  touch node_modules/.package-lock.json
fi
