#!/bin/sh
# Node and npm as this machine has them, with the libraries that they are linked to.
set -e
node=$(readlink -f "$(command -v node)")
npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
mkdir -p root/usr/bin root/usr/lib/node_modules
cp "$node" root/usr/bin/node
cp -r "$npm" root/usr/lib/node_modules/npm
ln -s ../lib/node_modules/npm/bin/npm-cli.js root/usr/bin/npm
for library in $(ldd "$node" | grep -o '/lib[^ ]*'); do
  mkdir -p "root$(dirname "$library")"
  cp -L "$library" "root$library"
done
tar --owner=0 --group=0 --numeric-owner --sort=name -C root -cf root.tar .
rm -r root
