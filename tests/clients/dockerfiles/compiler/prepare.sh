#!/bin/sh
# A C compiler as this machine has it: tcc, with the headers and start files of the C library.
set -e
mkdir root
for package in tcc libc6-dev linux-libc-dev; do dpkg -L "$package"; done |
  grep -E '^/usr/(bin/tcc|include|lib/[^/]*/(tcc|libc_nonshared\.a|libc\.so|crt[1in]\.o))' |
  while read -r file; do [ -d "$file" ] || echo ".$file"; done > files
tar -C / --no-recursion -T files -c | tar -C root -x
libc=$(ldd /usr/bin/tcc | grep -o '/lib[^ ]*/libc\.so\.6')
# The linker itself is in one place for programs, and beside the C library for who links to that.
for library in $(ldd /usr/bin/tcc | grep -o '/lib[^ ]*') "$(dirname "$libc")"/ld-linux-*; do
  mkdir -p "root$(dirname "$library")"
  cp -L "$library" "root$library"
done
tar --owner=0 --group=0 --numeric-owner --sort=name -C root -cf root.tar .
rm -r root files
