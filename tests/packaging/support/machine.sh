# A machine of its own: a copy of this one's files in which systemd runs as process 1, without a network but its own, until the
# script has ended. What it writes goes elsewhere and away. Its hierarchies of control groups are below one of the test's own.
#   sh machine.sh DIRECTORY     with the script, which sees that directory as /packages; it writes to `output` and `errors` there
set -e
directory=$1
group=cais-machine-$$
copy=$directory/copy
mkdir "$copy"
mount -t tmpfs tmpfs "$copy"
mkdir "$copy/upper" "$copy/work" "$copy/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$copy/upper,workdir=$copy/work" "$copy/root"
: >"$copy/root/etc/machine-id"
# Of a cais that this machine has had there is nothing.
rm -rf "$copy/root/var/lib/cais" "$copy/root/etc/cais" "$copy/root/run/cais"
# Here packages may start what they bring.
rm -f "$copy/root/usr/sbin/policy-rc.d"
cat >"$copy/root/etc/systemd/system/trial.service" <<UNIT
[Unit]
After=basic.target
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
ExecStart=/bin/sh -ex /packages/script
StandardOutput=file:/packages/output
StandardError=file:/packages/errors
TimeoutStartSec=infinity
UNIT
# nspawn makes control groups beside the one that it is in, and leaves them.
for hierarchy in systemd unified .; do
  parent=/sys/fs/cgroup/$hierarchy
  [ -e "$parent/cgroup.procs" ] || continue
  mkdir -p "$parent/$group/inside"
  echo $$ >"$parent/$group/inside/cgroup.procs"
done
systemd-nspawn --quiet --register=no --keep-unit --private-network --bind="$directory:/packages" --directory="$copy/root" \
  /lib/systemd/systemd --unit=trial.service --show-status=no </dev/null >"$directory/console" 2>&1 || true
for hierarchy in systemd unified .; do
  parent=/sys/fs/cgroup/$hierarchy
  [ -e "$parent/$group" ] || continue
  echo $$ >"$parent/cgroup.procs"
  find "$parent/$group" -depth -type d -exec rmdir {} +
done
