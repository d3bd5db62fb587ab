#!/bin/sh
# Installs the system packages that are missing (Debian, Ubuntu), and waits for another apt that is at work.
#   sh scripts/install-packages.sh PACKAGE…
# Asks apt only when something is missing, so that a second run takes no time.
set -eu

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif command -v sudo >/dev/null 2>&1; then sudo "$@"
  else
    echo "setup: root is needed for: $*" >&2
    exit 1
  fi
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]
}

missing_packages() {
  for package; do
    is_installed "$package" || printf '%s ' "$package"
  done
}

# A fresh machine often upgrades itself at first. apt-get can wait for one of its locks only (DPkg::Lock::Timeout), not for that
# of its lists, so it is asked again: every two seconds, for ten minutes.
apt() {
  errors=$(mktemp)
  left=300
  until as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -qq "$@" >/dev/null 2>"$errors"; do
    if ! grep -q 'Could not get lock' "$errors" || [ "$left" -eq 0 ]; then
      cat "$errors" >&2
      rm "$errors"
      echo "setup: apt-get $1 failed: see above, mend it, and start again" >&2
      exit 1
    fi
    [ "$left" -lt 300 ] || sed -n 's/^E: Could not get lock \(.*\)/setup: waiting for another apt, ten minutes at most: \1/p' "$errors"
    left=$((left - 1))
    sleep 2
  done
  cat "$errors" >&2
  rm "$errors"
}

command -v dpkg-query >/dev/null 2>&1 || {
  echo "setup: this is no Debian or Ubuntu: please install yourself: $*" >&2
  exit 0
}
missing=$(missing_packages "$@")
if [ -n "$missing" ]; then
  echo "setup: installing $missing"
  apt update
  # shellcheck disable=SC2086
  apt install -y --no-install-recommends $missing
fi
