/** The Debian package: made by its script, installed by dpkg into a copy of this machine's files, used, upgraded, removed, purged. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Finished, run } from '../../src/lib/subprocess.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(300_000);

const script = join(import.meta.dir, '../../packaging/deb/build.sh');
let directory: string;
let first: string;
let second: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-deb-'));
  // Packed quickly: how small it gets is not what is looked at.
  const env = { ...process.env, DPKG_DEB_COMPRESSOR_TYPE: 'none' };
  const build = async (version: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await run(['sh', script, directory, version], { env });
    expect(exitCode, stderr).toBe(0);
    return stdout.trim();
  };
  first = await build('0.0.1');
  second = await build('0.0.2');
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/**
 * Runs a script as root of a copy of this machine: its files, with what is written going elsewhere and away, in namespaces of its
 * own. No service is started there, as systemd does not run.
 */
function onCopy(text: string): Promise<Finished> {
  const enter = `set -e
mount -t tmpfs tmpfs ${directory}/copy
mkdir ${directory}/copy/upper ${directory}/copy/work ${directory}/copy/root
mount -t overlay overlay -o lowerdir=/,upperdir=${directory}/copy/upper,workdir=${directory}/copy/work ${directory}/copy/root
cd ${directory}/copy/root
mount -t proc proc proc
mount -t tmpfs tmpfs run
mount --bind /dev dev
mount -t tmpfs tmpfs tmp
mkdir -p packages && mount --bind ${directory} packages
exec chroot . sh -e /packages/script`;
  return Bun.write(join(directory, 'script'), text).then(() =>
    run(['unshare', '--mount', '--pid', '--fork', 'sh', '-c', `mkdir -p ${directory}/copy; ${enter}`]),
  );
}

/** Files, directories and people of the copy, but for what dpkg itself writes down. */
const listing = `list() {
  find / -xdev \\( -path /proc -o -path /dev -o -path /run -o -path /tmp -o -path /packages -o -path /var/lib/dpkg \\
    -o -path /var/log -o -path /var/cache -o -path /root -o -path /work -o -path '/etc/*-' \\) -prune -o -print | sort
  cut -d: -f1 /etc/passwd /etc/group
}`;

test('is what lintian expects of one', async () => {
  const { stdout, stderr, exitCode } = await run(['lintian', '--allow-root', '--tag-display-limit=0', first]);
  // Not packed as a published one is; nothing else.
  const tags = stdout.split('\n').filter((line) => line !== '' && !line.includes('uses-no-compression'));
  expect(tags, stderr).toEqual([]);
  expect(exitCode).toBeLessThanOrEqual(2);
});

test('is installed, used, upgraded and removed, and purged without a trace', async () => {
  const { exitCode, stdout, stderr } = await onCopy(`${listing}
rm -rf /var/lib/cais /etc/cais
list >/packages/before
dpkg --install /packages/${first.slice(directory.length + 1)}
cais --version
stat -c '%U:%G %a' /etc/cais/hub.env
id -un cais-hub; getent group cais | cut -d: -f1
bash -n /usr/share/bash-completion/completions/cais
man --warnings /usr/share/man/man1/cais.1.gz >/dev/null
systemd-analyze verify cais-hub.service cais-hub-http.socket cais-engine.service
ls /etc/systemd/system/sockets.target.wants | grep cais
echo 'CAIS_HUB_SIGN_UP=closed' >>/etc/cais/hub.env
mkdir -p /var/lib/cais/hub && touch /var/lib/cais/hub/hub.sqlite
dpkg --install /packages/${second.slice(directory.length + 1)}
dpkg-query --show cais
grep SIGN_UP=closed /etc/cais/hub.env
dpkg --remove cais
test -e /usr/bin/cais || echo 'no cais'
ls /etc/cais/hub.env /var/lib/cais/hub/hub.sqlite
dpkg --purge cais
list >/packages/after
diff /packages/before /packages/after && echo 'nothing left'`);
  expect(exitCode, `${stdout}\n${stderr}`).toBe(0);
  const lines = stdout
    .split('\n')
    .filter(
      (line) =>
        !/^(?:\(Reading|Selecting|Preparing|Unpacking|Setting up|Removing|Purging|Processing|\.\.\.)/.test(
          line,
        ),
    );
  expect(lines.filter(Boolean)).toEqual([
    expect.stringMatching(/^cais version /),
    'root:root 640',
    'cais-hub',
    'cais',
    'cais-engine.socket',
    'cais-hub.socket',
    'cais\t0.0.2',
    'CAIS_HUB_SIGN_UP=closed',
    'no cais',
    '/etc/cais/hub.env',
    '/var/lib/cais/hub/hub.sqlite',
    'nothing left',
  ]);
});
