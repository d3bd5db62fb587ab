#!/bin/sh
# Builds dist/cais: the pages first (they are embedded), then the one program.
# --bytecode and --splitting are what make it start fast: only the command asked for is read, and it is compiled already.
set -eu
cd "$(dirname "$0")/.."

bun=node_modules/.bin/bun
"$bun" scripts/build-web.ts
mkdir -p dist
"$bun" build --compile --minify --bytecode --format=esm --splitting \
  --no-compile-autoload-dotenv --no-compile-autoload-bunfig \
  src/bin/cais.ts --outfile dist/cais.new
# The program may be running: a new file in its place, never the same file written over.
mv -f dist/cais.new dist/cais
echo "dist/cais: $(dist/cais --version)"
