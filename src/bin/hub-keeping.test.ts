/** `cais hub fsck`, `backup`, `restore`, `export` and `import` as they are typed, over the data of a hub that serves. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hexOf } from '../oci/image/digest.ts';
import { HubFixture, type PushedImage } from '../hub/testing/hub-fixture.ts';
import { type Finished, run } from '../lib/subprocess.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

let directory = '';
let hub: HubFixture;
let image: PushedImage;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-keeping-test-'));
  hub = await HubFixture.createWith({ settings: { CAIS_HUB_DATABASE: '' } }, 'alice');
  image = await hub.pushImage('alice', 'alice/app', '1.0');
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

function cais(data: string, ...argv: readonly string[]): Promise<Finished> {
  return run([process.execPath, join(import.meta.dir, 'cais.ts'), 'hub', ...argv, '--data', data]);
}

/** Commands that need no hub. */
function caisAlone(...argv: readonly string[]): Promise<Finished> {
  return run([process.execPath, join(import.meta.dir, 'cais.ts'), 'hub', ...argv]);
}

test('a backup is made, listed, restored, checked, and the oldest goes', async () => {
  const backups = join(directory, 'backups');
  expect(await cais(hub.directory, 'backup', backups)).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^000001-.*: 2 blobs copied \(.*\), 0 there already\n$/),
  });
  const second = await cais(hub.directory, 'backup', backups);
  expect(second.stdout).toMatch(/^000002-.*: 0 blobs copied \(0B\), 2 there already\n$/);
  const { stdout } = await caisAlone('backup', 'ls', backups);
  expect(stdout.split('\n').map((line) => line.split(/\s+/)[0]?.slice(0, 6))).toEqual([
    'BACKUP',
    '000001',
    '000002',
    '',
  ]);
  const data = join(directory, 'restored');
  expect(await cais(data, 'restore', backups)).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await cais(data, 'fsck')).toMatchObject({ exitCode: 0, stdout: 'Everything is as it was pushed\n' });
  const again = await cais(data, 'restore', backups);
  expect([again.exitCode, again.stderr]).toEqual([1, expect.stringContaining('there is a hub already')]);
  const pruned = await caisAlone('backup', 'prune', '--keep', '1', backups);
  expect([pruned.exitCode, pruned.stdout]).toEqual([
    0,
    expect.stringMatching(/^000001-.*\nTotal reclaimed space: 0B\n$/),
  ]);
  const unsaid = await caisAlone('backup', 'prune', backups);
  expect([unsaid.exitCode, unsaid.stderr]).toEqual([1, expect.stringContaining('--keep')]);
});

test.each(['fsck', 'backup /nowhere', 'gc', 'audit', 'quota ls', 'keys rotate', 'user list'])(
  '%s of a hub that is not there makes none: its directory may be mistyped',
  async (words) => {
    const data = join(directory, 'mistyped');
    const { exitCode, stdout, stderr } = await cais(data, ...words.split(' '));
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toStartWith(`there is no hub: ${data}/hub/hub.sqlite does not exist`);
    expect(existsSync(data)).toBe(false);
    expect(existsSync('/nowhere')).toBe(false);
  },
);

test('what is exported is imported under another name', async () => {
  const file = join(directory, 'app.tar');
  expect(await cais(hub.directory, 'export', 'alice/app', '-o', file)).toMatchObject({
    exitCode: 0,
    stderr: '',
  });
  const imported = await cais(hub.directory, 'import', file, '--into', 'alice/copy');
  expect(imported).toMatchObject({ exitCode: 0, stdout: `alice/copy:1.0: ${image.digest}\n` });
  const none = await cais(hub.directory, 'export', 'alice/none', '-o', file);
  expect([none.exitCode, none.stderr]).toEqual([1, 'there is no repository alice/none\n']);
});

test('what is wrong is told to people and to programs, with 1, and repaired when asked to', async () => {
  const hex = hexOf(image.layer);
  const file = join(hub.directory, 'hub/blobs/sha256', hex.slice(0, 2), hex);
  await chmod(file, 0o600);
  await Bun.write(file, 'LAYER of 1.0');
  const checked = await cais(hub.directory, 'check');
  expect(checked.exitCode).toBe(1);
  expect(checked.stdout).toStartWith(`${image.layer} has other bytes than its digest says, in alice/app`);
  const asJson = await cais(hub.directory, 'fsck', '--format', 'json', '--repair');
  const [first, ...rest] = asJson.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(first).toMatchObject({ kind: 'blob-changed', digest: image.layer, isRepaired: true });
  expect(rest.at(-1)).toMatchObject({ repaired: 1 });
  await hub.pushImage('alice', 'alice/app', '1.0');
  await cais(hub.directory, 'fsck', '--repair');
  expect((await cais(hub.directory, 'fsck')).exitCode).toBe(0);
});
