#!/bin/sh
# Archives are made of what is here, with owners and times that are always the same.
set -e
mkdir -p made/tree/deep
echo a > made/tree/a
echo b > made/tree/deep/b
ln -sf a made/tree/link
ln -f made/tree/a made/tree/hard
chmod 750 made/tree/deep
options="--owner=7 --group=8 --numeric-owner --mtime=@1600000000 --sort=name"
tar $options -C made -cf tree.tar tree
gzip -nk tree.tar
bzip2 -k tree.tar
xz -k tree.tar
rm -r made
