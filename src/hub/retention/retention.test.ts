/** Retention policies over the API: what goes, what stays and why, told before and done as told. */
import { expect, setDefaultTimeout, test } from 'bun:test';
import { sql } from 'kysely';
import { hexOf } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { bodyOf, HubFixture } from '../testing/hub-fixture.ts';
import type { RetentionRules } from './policy.ts';

setDefaultTimeout(120_000);

const of = '/v2/namespaces/alice/repositories/app/retention';
const ofAll = '/v2/namespaces/alice/retention';

interface PreviewBody {
  readonly removed_count: number;
  readonly kept_count: number;
  readonly repositories: readonly {
    readonly repository: string;
    readonly removed: readonly { readonly tag: string }[];
    readonly kept: readonly {
      readonly tag: string;
      readonly because: string;
      readonly rule: number | null;
    }[];
    readonly untagged: readonly string[];
  }[];
}

interface RunBody {
  readonly id: number;
  readonly cause: string;
  readonly by: string;
  readonly ended_at: string | null;
  readonly tags: number;
  readonly kept: number;
  readonly manifests: number;
  readonly removed: readonly string[];
  readonly failure: string | null;
}

const policy = (rules: RetentionRules['rules'], untagged: number | null = null): RetentionRules => ({
  enabled: true,
  rules,
  untagged_days: untagged,
});

/** As if time had passed: each tag some days older. */
async function age(
  hub: HubFixture,
  repository: string,
  days: Readonly<Record<string, number>>,
): Promise<void> {
  for (const [tag, count] of Object.entries(days)) {
    await hub.query(sql`UPDATE tags SET pushed_at = pushed_at - ${count * 86_400_000} WHERE name = ${tag}
      AND repository_id = (SELECT id FROM repositories WHERE name = ${repository})`);
  }
}

async function run(hub: HubFixture, token: string, at = of): Promise<RunBody> {
  const latest = async (): Promise<RunBody | undefined> =>
    (await bodyOf<{ runs: RunBody[] }>(await hub.send('GET', at, { token }))).runs[0];
  const before = (await latest())?.id;
  // One that is at its very end may still go on.
  while ((await hub.send('POST', `${at}/run`, { token })).status !== 202) await Bun.sleep(20);
  for (;;) {
    const found = await latest();
    if (found && found.id !== before && found.ended_at !== null) return found;
    await Bun.sleep(20);
  }
}

async function tagsOf(hub: HubFixture, repository: string): Promise<readonly string[]> {
  const token = await hub.fullToken('alice', repository);
  const list = await hub.send('GET', `/v2/${repository}/tags/list`, { token });
  return (await bodyOf<{ tags: string[] }>(list)).tags;
}

test('a dry run names what would go and why the rest stays; the run does exactly that', async () => {
  await using hub = await HubFixture.create('root1', 'alice');
  for (const tag of ['1.0', '1.1', '1.2', 'keep-me', 'nightly-1', 'frozen']) {
    await hub.pushImage('alice', 'alice/app', tag);
  }
  await age(hub, 'app', { '1.0': 30, '1.1': 20, '1.2': 10, 'keep-me': 40, 'nightly-1': 5, frozen: 50 });
  const token = await hub.session('alice');
  const immutable = { immutable_tags: true, immutable_tags_rules: ['frozen'] };
  await hub.send('PATCH', '/v2/namespaces/alice/repositories/app/immutabletags', { token, body: immutable });
  const body = policy([
    { keep: 'latest', tags: '1.*', count: 2 },
    { keep: 'always', tags: 'keep-*' },
  ]);
  const preview = await bodyOf<PreviewBody>(await hub.send('POST', `${of}/preview`, { token, body }));
  expect(preview).toMatchObject({ removed_count: 2, kept_count: 4, is_complete: true });
  const [app] = preview.repositories;
  expect(app?.removed.map(({ tag }) => tag)).toEqual(['nightly-1', '1.0']);
  expect(app?.kept.map(({ tag, because, rule }) => [tag, because, rule])).toEqual([
    ['1.2', 'rule', 0],
    ['1.1', 'rule', 0],
    ['keep-me', 'rule', 1],
    ['frozen', 'immutable', null],
  ]);
  expect(await tagsOf(hub, 'alice/app')).toHaveLength(6);

  expect((await hub.send('PUT', of, { token, body })).status).toBe(200);
  expect(await run(hub, token)).toMatchObject({
    cause: 'person',
    by: 'alice',
    tags: 2,
    kept: 4,
    removed: ['alice/app:nightly-1', 'alice/app:1.0'],
    failure: null,
  });
  expect(await tagsOf(hub, 'alice/app')).toEqual(['1.1', '1.2', 'frozen', 'keep-me']);
  // They can be brought back as those that somebody deleted, and the activity has them.
  const deleted = await hub.send('GET', '/v2/namespaces/alice/repositories/app/deleted-tags', { token });
  const { results } = await bodyOf<{ results: { id: string; name: string }[] }>(deleted);
  expect(results.map(({ name }) => name).toSorted()).toEqual(['1.0', 'nightly-1']);
  const id = results.find(({ name }) => name === '1.0')?.id ?? '';
  const restored = await hub.send(
    'POST',
    `/v2/namespaces/alice/repositories/app/deleted-tags/${id}/restore`,
    {
      token,
    },
  );
  expect(restored.status).toBe(200);
  expect((await run(hub, token)).tags).toBe(1);
});

test('a policy of a namespace is about its repositories, except those that have one of their own', async () => {
  await using hub = await HubFixture.create('root1', 'alice');
  for (const name of ['app', 'other', 'own']) {
    await hub.pushImage('alice', `alice/${name}`, 'old');
    await hub.pushImage('alice', `alice/${name}`, 'new');
    await age(hub, name, { old: 3 });
  }
  const token = await hub.session('alice');
  const body = policy([{ keep: 'latest', tags: '*', count: 1 }]);
  await hub.send('PUT', ofAll, { token, body });
  const keepAll = policy([{ keep: 'always', tags: '*' }]);
  const own = '/v2/namespaces/alice/repositories/own/retention';
  await hub.send('PUT', own, { token, body: keepAll });
  expect(await bodyOf(await hub.send('GET', own, { token }))).toMatchObject({
    policy: keepAll,
    inherited: body,
  });
  expect((await run(hub, token, ofAll)).removed).toEqual(['alice/app:old', 'alice/other:old']);
  expect(await tagsOf(hub, 'alice/own')).toEqual(['new', 'old']);
  expect((await hub.send('DELETE', own, { token })).status).toBe(204);
  expect((await run(hub, token, ofAll)).removed).toEqual(['alice/own:old']);
});

test('images without a tag go after their time, but not what can still be brought back', async () => {
  await using hub = await HubFixture.create('root1', 'alice');
  await hub.pushImage('alice', 'alice/app', 'latest', 'one');
  const second = await hub.pushImage('alice', 'alice/app', 'latest', 'two');
  const third = await hub.pushImage('alice', 'alice/app', 'gone', 'three');
  const token = await hub.session('alice');
  await hub.send('DELETE', '/v2/namespaces/alice/repositories/app/tags/gone', { token });
  await hub.query(sql`UPDATE manifests SET pushed_at = pushed_at - ${10 * 86_400_000}`);
  const body = policy([], 7);
  const preview = await bodyOf<PreviewBody>(await hub.send('POST', `${of}/preview`, { token, body }));
  expect(preview.repositories.map(({ untagged }) => untagged.length)).toEqual([1]);
  await hub.send('PUT', of, { token, body });
  expect(await run(hub, token)).toMatchObject({ tags: 0, manifests: 1 });
  const pull = await hub.fullToken('alice', 'alice/app');
  for (const { digest } of [second, third]) {
    expect((await hub.send('GET', `/v2/alice/app/manifests/${digest}`, { token: pull })).status).toBe(200);
  }
});

test('what carries signatures of an image stays and goes with it', async () => {
  await using hub = await HubFixture.create('root1', 'alice');
  const old = await hub.pushImage('alice', 'alice/app', '1.0');
  const fresh = await hub.pushImage('alice', 'alice/app', '2.0');
  // As part of an index, too.
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [{ mediaType: mediaTypes.ociManifest, digest: fresh.digest, size: fresh.bytes.length }],
  });
  const token = await hub.fullToken('alice', 'alice/app');
  await hub.putManifest(token, 'alice/app', '2.0', index, mediaTypes.ociIndex);
  const carrierOf = (digest: typeof old.digest): string => `sha256-${hexOf(digest)}.sig`;
  for (const { digest } of [old, fresh])
    await hub.pushImage('alice', 'alice/app', carrierOf(digest), 'signature');
  await age(hub, 'app', { '1.0': 5 });
  const session = await hub.session('alice');
  await hub.send('PUT', of, { token: session, body: policy([{ keep: 'latest', tags: '*', count: 1 }]) });
  expect((await run(hub, session)).removed).toEqual(['alice/app:1.0', `alice/app:${carrierOf(old.digest)}`]);
  expect(await tagsOf(hub, 'alice/app')).toEqual(['2.0', carrierOf(fresh.digest)]);
});

test('a tag that was pushed or pulled since it was seen stays', async () => {
  await using hub = await HubFixture.create('root1', 'alice');
  await hub.pushImage('alice', 'alice/app', 'a');
  await hub.pushImage('alice', 'alice/app', 'b');
  await using parts = await hub.openParts();
  const [row] = await hub.query(sql<{ id: number }>`SELECT id FROM repositories`);
  const seen = await hub.query(sql<{ name: string; pushed_at: number; last_pulled_at: number | null }>`
    SELECT name, pushed_at, last_pulled_at FROM tags`);
  await hub.query(sql`UPDATE tags SET pushed_at = pushed_at + 1 WHERE name = 'a'`);
  expect(await parts.tags.deleteSeen(row?.id ?? 0, seen, undefined)).toEqual(['b']);
});

test('policies run by the clock, each once in its time', async () => {
  await using hub = await HubFixture.createWith(
    { settings: { CAIS_HUB_RETENTION_INTERVAL: '1s' } },
    'root1',
    'alice',
  );
  await hub.pushImage('alice', 'alice/app', 'old');
  await hub.pushImage('alice', 'alice/app', 'new');
  await age(hub, 'app', { old: 3 });
  const token = await hub.session('alice');
  await hub.send('PUT', of, { token, body: policy([{ keep: 'latest', tags: '*', count: 1 }]) });
  while ((await tagsOf(hub, 'alice/app')).length > 1) await Bun.sleep(50);
  expect(await tagsOf(hub, 'alice/app')).toEqual(['new']);
  for (;;) {
    const { runs } = await bodyOf<{ runs: RunBody[] }>(await hub.send('GET', of, { token }));
    const did = runs.find(({ tags }) => tags > 0);
    if (did?.ended_at != null) return expect(did).toMatchObject({ cause: 'schedule', by: '', tags: 1 });
    await Bun.sleep(50);
  }
});

test('only who looks after a repository decides what it keeps, and only with rules that are some', async () => {
  await using hub = await HubFixture.create('root1', 'alice', 'bob');
  await hub.pushImage('alice', 'alice/app', '1.0');
  const [bob, alice] = [await hub.session('bob'), await hub.session('alice')];
  const body = policy([{ keep: 'latest', tags: '*', count: 1 }]);
  for (const at of [of, ofAll]) {
    expect((await hub.send('PUT', at, { token: bob, body })).status).toBe(403);
    expect((await hub.send('POST', `${at}/preview`, { token: bob, body })).status).toBe(403);
    expect((await hub.send('POST', `${at}/run`, { token: bob })).status).toBe(403);
    expect((await hub.send('POST', `${at}/run`, { token: alice })).status).toBe(404);
    for (const rule of [
      { keep: 'latest', tags: '(a+)+$', count: 1 },
      { keep: 'latest', tags: '*', count: 0 },
      { keep: 'pushed_within', tags: '*', days: 1e9 },
      { keep: 'sometimes', tags: '*' },
    ]) {
      const wrong = { ...body, rules: [rule] };
      expect((await hub.send('PUT', at, { token: alice, body: wrong })).status).toBe(400);
    }
    const many = { ...body, rules: Array.from({ length: 21 }, () => body.rules[0]) };
    expect((await hub.send('PUT', at, { token: alice, body: many })).status).toBe(400);
  }
});
