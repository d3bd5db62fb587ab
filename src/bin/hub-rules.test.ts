/** `cais hub quota`, `retention`, `webhook` and `replication`, over the data of a hub that serves. */
import { expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import { HubFixture } from '../hub/testing/hub-fixture.ts';
import { run } from '../lib/subprocess.ts';
import { eventually } from '../../tests/support/eventually.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(300_000);

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
    'NAMESPACE   USED      QUOTA     USE%      REPOSITORIES   PRIVATE\n' +
      'alice       0B        1.5GB     0%        -              -\nNew accounts get 2.15GB\n',
  );
  expect(await cais(hub, 'quota', 'set', 'alice', '--repositories', '3', '--private-repositories', '1')).toBe(
    '',
  );
  expect(await cais(hub, 'quota', 'default', '--private-repositories', '1')).toBe('');
  expect(await cais(hub, 'quota', 'ls')).toMatch(
    / 1\.5GB +0% +0\/3 +0\/1\nNew accounts get 2\.15GB, 1 private ones/,
  );
  expect(await cais(hub, 'quota', 'set', 'alice', '--repositories', '-1')).toContain(
    'invalid number of repositories',
  );
  expect(await cais(hub, 'quota', 'set', 'alice')).toContain('limited to what?');

  expect(await cais(hub, 'quota', 'set', 'alice', 'much')).toContain(
    "invalid size: 'much', 500MB or 20GB is expected",
  );
  const none = ['none', '--repositories', 'none', '--private-repositories', 'none'];
  expect(await cais(hub, 'quota', 'set', 'alice', ...none)).toBe('');
  expect(await cais(hub, 'quota', 'default', ...none)).toBe('');
  expect(await cais(hub, 'quota', 'ls')).toBe(
    'NAMESPACE   USED      QUOTA     USE%      REPOSITORIES   PRIVATE\n',
  );
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

test('a retention policy is set and removed, of a repository and of a namespace', async () => {
  await using hub = await HubFixture.createWith({ settings: { CAIS_HUB_DATABASE: '' } }, 'alice');
  await hub.pushImage('alice', 'alice/app', '1.0');
  const rules = ['--latest', '5', '--latest', 'v*=3', '--pulled-within', '30', '--always', 'release-*'];
  expect(await cais(hub, 'retention', 'set', 'alice/app', ...rules, '--untagged-days', '7')).toBe(
    'alice/app\n',
  );
  expect(await cais(hub, 'retention', 'set', 'alice', '--pushed-within', '90', '--manual')).toBe('alice\n');
  const [, ofRepository, ofNamespace] = (await cais(hub, 'retention', 'ls')).split('\n');
  expect(ofRepository?.replaceAll(/ {2,}/g, ' | ')).toBe(
    'alice/app | yes | *: the latest 5; v*: the latest 3; *: pulled within 30 days; release-*: always; untagged for 7 days | -',
  );
  expect(ofNamespace).toMatch(/^alice +no +\*: pushed within 90 days/);
  for (const [argv, refusal] of [
    [['alice'], 'a policy keeps something: give --latest'],
    [['alice', '--latest', 'many'], 'invalid rule "many": N or PATTERN=N is expected'],
    [['alice', '--latest', '0'], 'cannot make the policy: rules.0.count'],
    [['alice', '--untagged-days', 'x'], 'cannot make the policy: untagged_days'],
    [['nobody', '--latest', '1'], 'there is no account or organization nobody'],
    [['alice/none', '--latest', '1'], 'there is no repository alice/none'],
  ] as const) {
    expect(await cais(hub, 'retention', 'set', ...argv)).toContain(refusal);
  }
  expect(await cais(hub, 'retention', 'rm', 'alice/app')).toBe('alice/app\n');
  expect(await cais(hub, 'retention', 'rm', 'alice/app')).toContain('has no retention policy of its own');
  expect(await cais(hub, 'audit', '--action', 'account.retention.change')).toContain('"actor":"(shell)"');
});

test('webhooks are made, changed, looked at, sent again and removed', async () => {
  const settings = { CAIS_HUB_DATABASE: '', CAIS_HUB_WEBHOOK_ALLOW: '127.0.0.0/8' };
  await using hub = await HubFixture.createWith({ settings }, 'alice');
  await hub.pushImage('alice', 'alice/app', '1.0');
  const received: string[] = [];
  await using receiver = new AsyncDisposableStack();
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request) {
      received.push(request.headers.get('webhook-id') ?? '');
      return new Response('thanks');
    },
  });
  receiver.defer(() => server.stop(true));
  const made = await cais(hub, 'webhook', 'add', 'alice/app', 'CI', `http://127.0.0.1:${server.port}/`);
  const [, id = '', secret = ''] = /^([\da-f-]{36})\n(whsec_.{32})\n$/.exec(made) ?? [];
  const short = id.slice(0, 8);
  const space = ['webhook', 'add', 'alice', 'chat', 'https://chat.example/', '--format', 'cloudevents'];
  await cais(hub, ...space, '--event', 'push', '--event', 'delete');
  const listed = await cais(hub, 'webhook', 'ls');
  expect(listed).toMatch(/ alice +chat +on +cloudevents +push,delete +https:\/\/chat\.example\/$/m);
  expect(listed).toMatch(new RegExp(`^${short} +alice/app +CI +on +docker +push +http`, 'm'));
  expect(await cais(hub, 'webhook', 'ls', 'alice/app')).not.toContain('chat');

  await hub.pushImage('alice', 'alice/app', '2.0');
  const delivered = await eventually(async () => {
    const found = await cais(hub, 'webhook', 'deliveries', short);
    expect(found).toMatch(/ push +delivered +1 +200/);
    return found;
  });
  const delivery = /^[\da-f]{8}/m.exec(delivered)?.[0] ?? '';
  expect(await cais(hub, 'webhook', 'redeliver', short, delivery)).toStartWith(delivery);
  await eventually(async () => expect(received).toHaveLength(2));
  expect(new Set(received).size).toBe(1);

  const changed = await cais(
    hub,
    'webhook',
    'set',
    short,
    '--name',
    'build',
    '--active=false',
    '--new-secret',
  );
  expect(changed).toStartWith(`${id}\nwhsec_`);
  expect(changed).not.toContain(secret);
  expect(await cais(hub, 'webhook', 'ls', 'alice/app')).toMatch(/build +off/);
  expect(await cais(hub, 'audit', '--action', 'repo.webhook.change')).toContain('name, is_active, secret');
  for (const [argv, refusal] of [
    [['add', 'alice/app', 'x', 'ftp://x'], 'an address like https://ci.example/hook is expected'],
    [['add', 'alice/app', '', 'https://x.example'], 'cannot make the webhook: name'],
    [['add', 'alice/app', 'x', 'https://x.example', '--event', 'all'], 'cannot make the webhook: events'],
    [['add', 'alice/none', 'x', 'https://x.example'], 'there is no repository alice/none'],
    [['set', 'ffffffff', '--name', 'x'], 'there is no webhook ffffffff'],
    [['redeliver', short, 'x'], 'there is no delivery x'],
    [['ls', 'nobody'], 'there is no account or organization nobody'],
    [['rm', ''], 'there is no webhook'],
  ] as const) {
    expect(await cais(hub, 'webhook', ...argv)).toContain(refusal);
  }
  expect(await cais(hub, 'webhook', 'rm', short)).toBe(`${id}\n`);
  expect(await cais(hub, 'webhook', 'ls', 'alice/app')).not.toContain('build');
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
