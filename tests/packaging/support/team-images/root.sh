#!/bin/sh
# What is in the root file system of the images beside this machine's /usr.
#   sh root.sh DIRECTORY
set -eu
cd "$1"
mkdir -p etc usr run tmp var/lib/nginx var/log/nginx
for name in bin sbin lib lib64; do ln -s "usr/$name" "$name"; done
chmod 1777 tmp
echo 'hosts: files dns' >etc/nsswitch.conf
printf '%s:x:%d:%d::/:/bin/sh\n' root 0 0 postgres 70 70 nobody 65534 65534 >etc/passwd
printf '%s:x:%d:\n' root 0 postgres 70 nogroup 65534 >etc/group
