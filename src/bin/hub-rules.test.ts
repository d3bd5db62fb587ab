/** `cais hub quota`, `retention` and `replication`, over the data of a hub that serves. */
import { expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import { HubFixture } from '../hub/testing/hub-fixture.ts';
import { run } from '../lib/subprocess.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

/** Output and errors of a command. */
async function cais(hub: HubFixture, ...argv: readonly string[]): Promise<string> {
  const program = [process.execPath, join(import.meta.dir, 'cais.ts')];
  const { stdout, stderr } = await run([...program, 'hub', ...argv, '--data', hub.directory], {
    input: 'secret\n',
  });
  return stdout + stderr;
}

test('quotas are set and listed', async () => {
  await using hub = await HubFixture.createWith({ settings: { CAIS_HUB_DATABASE: '' } }, 'alice');
  expect(await cais(hub, 'quota', 'set', 'alice', '1.5GB')).toBe('');
  expect(await cais(hub, 'quota', 'default', '2GiB')).toBe('');
  expect(await cais(hub, 'quota', 'ls')).toBe(
    'NAMESPACE   USED      QUOTA     USE%\nalice       0B        1.5GB     0%\nNew accounts get 2.15GB\n',
  );
  expect(await cais(hub, 'quota', 'set', 'alice', 'much')).toContain(
    "invalid size: 'much', 500MB or 20GB is expected",
  );
  expect(await cais(hub, 'quota', 'set', 'alice', 'none')).toBe('');
  expect(await cais(hub, 'quota', 'default', 'none')).toBe('');
  expect(await cais(hub, 'quota', 'ls')).toBe('NAMESPACE   USED      QUOTA     USE%\n');
});

test('a retention policy is listed, previewed and run', async () => {
  await using hub = await HubFixture.createWith({ settings: { CAIS_HUB_DATABASE: '' } }, 'alice');
  await hub.pushImage('alice', 'alice/app', '1.0');
  await hub.pushImage('alice', 'alice/app', '1.1');
  const policy = { enabled: false, untagged_days: 7, rules: [{ keep: 'latest', tags: '*', count: 1 }] };
  const at = '/v2/namespaces/alice/repositories/app/retention';
  await hub.send('PUT', at, { token: await hub.session('alice'), body: policy });
  expect(await cais(hub, 'retention', 'ls')).toContain('*: the latest 1; untagged for 7 days');
  const preview = 'keep\talice/app:1.1\t*: the latest 1\nremove\talice/app:1.0\t\n';
  expect(await cais(hub, 'retention', 'preview', 'alice/app')).toBe(preview);
  expect(await cais(hub, 'retention', 'run', 'alice/app')).toBe(
    'Removed 1 tags and 0 untagged manifests, kept 1 tags\n',
  );
  expect(await cais(hub, 'retention', 'run', 'alice')).toContain('alice has no retention policy of its own');
});

test('a rule of replication is made, looked at and removed', async () => {
  await using hub = await HubFixture.createWith({ settings: { CAIS_HUB_DATABASE: '' } }, 'alice');
  const to = ['alice/*', 'http://127.0.0.1:9'];
  const options = ['--prefix', 'mirror', '--username', 'robot', '--password-stdin', '--no-push'];
  expect(await cais(hub, 'replication', 'add', 'away', ...to, ...options)).toBe('away\n');
  expect(await cais(hub, 'replication', 'ls')).toMatch(
    /^away +alice\/\*:\* +http:\/\/127\.0\.0\.1:9\/mirror\/ +yes/m,
  );
  expect(await cais(hub, 'replication', 'run', 'away')).toBe('');
  expect(await cais(hub, 'replication', 'status', 'away')).toContain('LAST FAILURE');
  expect(await cais(hub, 'replication', 'add', 'else', 'alice/*', 'nowhere')).toContain('registry');
  expect(await cais(hub, 'replication', 'rm', 'away')).toBe('away\n');
  expect(await cais(hub, 'replication', 'rm', 'away')).toContain('there is no rule away');
});
