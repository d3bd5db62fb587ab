# OpenStack Swift with its s3api in place of what the Compose file has: one node, on the same volume and the same port.
set -eu
mkdir -p /data/disk
memcached -l 127.0.0.1 -p 9001 -U 0 -u root -m 16 &
for name in account container object; do "swift-$name-server" "/etc/swift/$name.conf" & done
exec swift-proxy-server /etc/swift/proxy.conf
