#!/bin/sh
# Makes the hub's image of dist/cais and this machine's libraries, by an engine of cais that runs.
#   sh packaging/image/build.sh NAME[:TAG] [FLAG…]     flags are those of cais build, as in --push
set -eu
cd "$(dirname "$0")/../.."

name=${1:?a name for the image is needed}
shift
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
root="$context/root"

# Links on the way are followed: what lies in the image is files.
put() { install -D -m "$1" "$2" "$root/$3"; }

# What a program or a library is linked with; the loader has its path in the program.
linked() { ldd "$1" | sed -n 's/.*[[:space:]]\(\/[^ ]*\) (0x.*/\1/p'; }
library() { ldconfig -p | sed -n "s/.*[[:space:]]$1 .* => //p" | head -n 1; }

put 755 dist/cais usr/bin/cais
# And what is loaded while it runs: layers' compression, hashes that go on at another copy, names by DNS.
for wanted in libisal.so.2 libzstd.so.1 libcrypto.so.3 libnss_dns.so.2 libnss_files.so.2; do
  found=$(library "$wanted")
  [ -n "$found" ] || { echo "build: $wanted is missing on this machine" >&2; exit 1; }
  linked "$found"
  echo "$found"
done >"$context/libraries"
linked dist/cais >>"$context/libraries"
sort -u "$context/libraries" | while read -r path; do put 755 "$path" "$path"; done
rm "$context/libraries"

put 644 /etc/ssl/certs/ca-certificates.crt etc/ssl/certs/ca-certificates.crt
mkdir -p "$root/etc" "$root/tmp" "$context/data"
chmod 1777 "$root/tmp"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
printf 'root:x:0:0:root:/:/sbin/nologin\ncais:x:10000:10000:cais:/var/lib/cais:/sbin/nologin\n' >"$root/etc/passwd"
printf 'root:x:0:\ncais:x:10000:\n' >"$root/etc/group"
cp packaging/image/Dockerfile "$context/Dockerfile"

dist/cais build --tag "$name" "$@" "$context"
