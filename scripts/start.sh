#!/bin/sh
# From a fresh clone to running: what is missing is installed, dist/cais built, `cais` put on the PATH, hub and engine started.
set -eu
cd "$(dirname "$0")/.."

sh scripts/setup.sh
sh scripts/build.sh

program="$PWD/dist/cais"
link=/usr/local/bin/cais

# Only a free name or a link of ours is taken: somebody's own cais stays.
link_program() {
  if [ "$(readlink "$link" 2>/dev/null || true)" = "$program" ]; then return; fi
  if [ -e "$link" ] && [ ! -L "$link" ]; then
    echo "start: $link is another program: type $program instead of cais"
    return
  fi
  case "$(readlink "$link" 2>/dev/null || true)" in
    '' | */dist/cais) ;;
    *)
      echo "start: $link leads to another program: type $program instead of cais"
      return
      ;;
  esac
  if $1 ln -sfn "$program" "$link" 2>/dev/null; then
    echo "start: $link -> $program"
  else
    echo "start: cannot write $link: type $program instead of cais"
  fi
}

if [ "$(id -u)" -eq 0 ]; then
  link_program ''
  exec "$program" up --seed "$@"
fi
command -v sudo >/dev/null 2>&1 || {
  echo "start: the engine needs root: run npm start as root, or install sudo" >&2
  exit 1
}
link_program sudo
exec sudo "$program" up --seed "$@"
