#!/bin/sh
set -e
touch /run/db/ready
exec "$@"
