#!/bin/sh
# Installs what is missing and nothing else: system packages (Debian, Ubuntu) and the npm packages of package-lock.json.
# Asks apt only when something is missing, so that a second run takes no time.
#   sh scripts/setup.sh [PACKAGE…]     these system packages as well (what tests and benchmarks compare with)
set -eu
cd "$(dirname "$0")/.."

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif command -v sudo >/dev/null 2>&1; then sudo "$@"
  else
    echo "setup: root is needed for: $*" >&2
    exit 1
  fi
}

# The engine's outside programs, and what the seed images are made of.
# libcrypto (blobs in an object store) comes with ca-certificates: its package has another name from release to release.
packages="conmon runc libisal2 libzstd1 iproute2 nftables golang-github-containers-common tini busybox-static debootstrap ca-certificates tar xz-utils zstd $*"

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]
}

missing_packages() {
  for package in $packages; do
    is_installed "$package" || printf '%s ' "$package"
  done
}

if command -v dpkg-query >/dev/null 2>&1; then
  missing=$(missing_packages)
  if [ -n "$missing" ]; then
    echo "setup: installing $missing"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
  fi
else
  echo "setup: this is no Debian or Ubuntu: please install yourself: $packages" >&2
fi

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
