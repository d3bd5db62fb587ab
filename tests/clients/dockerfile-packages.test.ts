/**
 * `cais dockerfile` of a Debian image in which packages were installed by hand, from a repository on its own disk: the
 * packages come again by apt, everything else from files, and the two images hold the same files.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { cpSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, runChecked } from '../../src/lib/subprocess.ts';
import { caisBinary, type RunningCais, startCais } from '../support/running-cais.ts';
import { imageFiles } from './support/image-files.ts';

let directory: string;
let cais: RunningCais;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-packages-'));
  cais = await startCais({ seed: true });
  await cli('pull', '-q', 'debian');
}, 300_000);
afterAll(async () => {
  await cais?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

const cli = (...words: readonly string[]) => runChecked([caisBinary, ...words], { env: cais.clientEnv });

/** Three packages: what is asked for, what it needs, and one that is taken off again. */
const script = String.raw`set -e
make() { # name, more of its control file
  mkdir -p /pkg/DEBIAN /pkg/usr/bin /pkg/etc /pkg/usr/share/$1
  printf 'Package: %s\nVersion: 1.0-1\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: x\n%s' "$1" "$2" > /pkg/DEBIAN/control
  printf '#!/bin/sh\necho %s\n' $1 > /pkg/usr/bin/$1
  echo a=1 > /pkg/etc/$1.conf
  echo "/etc/$1.conf" > /pkg/DEBIAN/conffiles
  (cd /pkg && find usr -type f -exec md5sum {} + > DEBIAN/md5sums)
  ln -s $1 /pkg/usr/bin/$1-link
  echo data > /pkg/usr/share/$1/data
  printf '#!/bin/sh\nmkdir -p /var/lib/%s && echo made > /var/lib/%s/made\n' $1 $1 > /pkg/DEBIAN/postinst
  chmod 755 /pkg /pkg/* /pkg/*/* /pkg/usr/share/$1; chmod 644 /pkg/etc/* /pkg/usr/share/$1/data
  dpkg-deb --root-owner-group -b /pkg /repository/$1.deb > /dev/null
  rm -r /pkg
  { dpkg-deb -f /repository/$1.deb; echo "Filename: ./$1.deb"; echo "Size: $(stat -c %s /repository/$1.deb)"
    echo "SHA256: $(sha256sum /repository/$1.deb | cut -d ' ' -f 1)"; echo; } >> /repository/Packages
}
mkdir /repository
make needed ''
make greet 'Depends: needed
'
make passing ''
rm -f /etc/apt/sources.list.d/*
echo 'deb [trusted=yes] file:/repository ./' > /etc/apt/sources.list
apt-get update -o APT::Sandbox::User=root
echo 'APT::Sandbox::User "root";' > /etc/apt/apt.conf.d/90root
apt-get install -y greet passing
apt-get purge -y passing
`;

test('what apt installed by hand is installed again, and the files are the same', async () => {
  const env = cais.clientEnv;
  await cli('run', '--network=none', '--name', 'hand', 'debian', 'bash', '-c', script);
  await cli('commit', '-m', 'greet', 'hand', 'hand:1');
  await cli('rm', 'hand');
  const more =
    'echo a=2 > /etc/greet.conf; rm -r /usr/share/greet; apt-get purge -y --autoremove base-passwd 2> /dev/null; apt-get clean; echo mine > /srv/mine';
  await cli('run', '--network=none', '--name', 'hand', 'hand:1', 'bash', '-c', more);
  await cli('commit', 'hand', 'hand:2');
  const output = join(directory, 'written');
  await cli('dockerfile', '--base', 'debian', '-o', output, 'hand:2');
  const text = readFileSync(join(output, 'Dockerfile'), 'utf8');
  expect(text).toContain('apt-get install -y --no-install-recommends greet=1.0-1');
  expect(text).toContain('# What they need: needed=1.0-1');
  expect(text).not.toContain('passing');
  const built = await run([caisBinary, 'build', '-q', '-t', 'again', output], { env });
  expect(built).toMatchObject({ exitCode: 0 });
  const [before, after] = [
    await imageFiles([caisBinary], env, 'hand:2'),
    await imageFiles([caisBinary], env, 'again'),
  ];
  expect(Object.fromEntries(after)).toEqual(Object.fromEntries(before));

  // An archive that has moved on is told, not passed over.
  const moved = join(directory, 'moved');
  cpSync(output, moved, { recursive: true, verbatimSymlinks: true });
  await Bun.write(join(moved, 'Dockerfile'), text.replace(/\^[0-9a-f]{8}/, '^00000000'));
  expect(await run([caisBinary, 'build', '-q', moved], { env })).toMatchObject({ exitCode: 1 });
}, 600_000);
