/**
 * The Debian package where systemd is process 1: it starts what it brings, nobody's connection is lost at a restart or an upgrade,
 * and it goes without a trace.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, runChecked } from '../../src/lib/subprocess.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(300_000);

const script = join(import.meta.dir, '../../packaging/deb/build.sh');
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-machine-'));
  const env = { ...process.env, DPKG_DEB_COMPRESSOR_TYPE: 'none' };
  for (const version of ['0.0.1', '0.0.2']) await runChecked(['sh', script, directory, version], { env });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Asks for the hub's health without a pause until /tmp/enough is there; each answer that is none is a line of /tmp/lost. */
const trial = String.raw`
add() { dpkg -i /packages/cais_$1_*.deb >/dev/null; }
states() { systemctl is-active cais-hub.socket cais-hub.service cais-engine.socket cais-engine.service | tr '\n' ' '; }
# Somebody has tried cais as root before.
install --directory --mode=700 /var/lib/cais /var/lib/cais/hub
add 0.0.1
echo "installed: $(states)"
curl -sS http://127.0.0.1:5000/healthz
echo secret-password-1 | runuser -u cais-hub -- cais hub user add maria --email maria@hub.test --password-stdin
echo "engine: $(cais version --format '{{.Server.Version}}')"

systemctl stop cais-hub.service
echo "stopped: $(states)"
curl -sS http://127.0.0.1:5000/healthz
echo "by its socket: $(states)"

set +x
touch /tmp/lost
while [ ! -e /tmp/enough ]; do
  curl -sS -o /dev/null http://127.0.0.1:5000/healthz 2>>/tmp/lost || true
  echo asked >>/tmp/asked
done &
asking=$!
set -x
first=$(systemctl show --property MainPID --value cais-hub)
systemctl restart cais-hub
second=$(systemctl show --property MainPID --value cais-hub)
add 0.0.2
third=$(systemctl show --property MainPID --value cais-hub)
touch /tmp/enough
wait $asking
echo "upgraded: $(states)"
echo "processes: $(printf '%s\n' $first $second $third | sort -u | wc -l), lost: $(wc -l </tmp/lost), asked: $(wc -l </tmp/asked)"
runuser -u cais-hub -- cais hub user list

dpkg -r cais >/dev/null
echo "removed: $(states)"
ls -d /var/lib/cais/hub
dpkg -P cais >/dev/null
ls -d /var/lib/cais /etc/cais /run/cais 2>/dev/null || echo nothing stays
systemctl list-unit-files 'cais*' --no-legend
`;

test('starts, is started by its socket, loses no connection at an upgrade, and goes', async () => {
  await Bun.write(join(directory, 'script'), trial);
  const machine = join(import.meta.dir, 'support/machine.sh');
  const { exitCode, stderr } = await run(['unshare', '--mount', 'sh', machine, directory]);
  expect([exitCode, stderr]).toEqual([0, '']);
  const output = await Bun.file(join(directory, 'output')).text();
  const errors = await Bun.file(join(directory, 'errors')).text();
  expect(output.split('\n').filter(Boolean), errors).toEqual([
    'installed: active active active active ',
    'ok',
    expect.stringContaining('maria'),
    expect.stringMatching(/^engine: \S+$/),
    'stopped: active inactive active active ',
    'ok',
    'by its socket: active active active active ',
    'upgraded: active active active active ',
    expect.stringMatching(/^processes: 3, lost: 0, asked: \d{2,}$/),
    expect.stringContaining('NAME'),
    expect.stringContaining('maria'),
    'removed: inactive inactive inactive inactive ',
    '/var/lib/cais/hub',
    'nothing stays',
  ]);
});
