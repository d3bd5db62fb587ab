/** What happened to a repository: told to who may see the repository, rights only to who may change them. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { Activity, ActivityPage } from '../../hub-api/types.ts';
import { maxListed } from '../activity/activity-store.ts';
import { Acme } from '../testing/acme.ts';
import { bodyOf, HubFixture } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const path = '/v2/repositories/alice/app';

async function activityOf(
  hub: HubFixture,
  token?: string,
  address = `${path}/activity`,
): Promise<ActivityPage> {
  return bodyOf<ActivityPage>(await hub.send('GET', address, { token }));
}

function told({ kind, account, tag }: Activity): string {
  return [kind, account, ...(tag === null ? [] : [tag])].join(' ');
}

describe('the activity of a repository', () => {
  test('tells pushes, deletions, restored tags and changed settings, by whom, newest first', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.session('alice');
    const { digest } = await hub.pushImage('alice', 'alice/app', '1.0');
    await hub.pushImage('alice', 'alice/app', '2.0');
    await hub.send('DELETE', `${path}/tags/1.0`, { token });
    const deleted = await bodyOf<{ results: { id: string }[] }>(
      await hub.send('GET', `${path}/deleted-tags`, { token }),
    );
    await hub.send('POST', `${path}/deleted-tags/${deleted.results[0]?.id}/restore`, { token });
    await hub.send('PATCH', path, { token, body: { description: 'An app' } });
    await hub.send('PATCH', path, { token, body: { is_private: true } });
    await hub.send('POST', `${path}/privacy`, { token, body: { is_private: false } });
    const { count, results } = await activityOf(hub);
    expect(results.map(told)).toEqual([
      'made_public alice',
      'made_private alice',
      'settings_changed alice',
      'tag_restored alice 1.0',
      'tag_deleted alice 1.0',
      'pushed alice 2.0',
      'pushed alice 1.0',
      'created alice',
    ]);
    expect([count, results.at(-2)?.digest]).toEqual([8, digest]);
    const page = await activityOf(hub, undefined, `${path}/activity?page=2&page_size=3`);
    expect(page.results.map(told)).toEqual(results.slice(3, 6).map(told));
  });

  test('is nobody’s to read who may not see the repository', async () => {
    await using acme = await Acme.create();
    await acme.createPrivate('app');
    await acme.hub.pushImage('alice', 'acme/app', '1.0');
    const address = '/v2/repositories/acme/app/activity';
    for (const who of [undefined, 'bob']) expect(await acme.status(who, 'GET', address)).toBe(404);
    await acme.send('alice', 'POST', '/v2/repositories/acme/app/collaborators', {
      user: 'bob',
      permission: 'read',
    });
    expect(await acme.status('bob', 'GET', address)).toBe(200);
  });

  test('has changes of rights for its administrators only', async () => {
    await using acme = await Acme.create();
    await acme.hub.pushImage('alice', 'acme/app', '1.0');
    await acme.send('alice', 'POST', '/v2/repositories/acme/app/collaborators', {
      user: 'bob',
      permission: 'write',
    });
    const rightsSeenBy = async (who: string | undefined): Promise<Activity[]> => {
      const page = await acme.json<ActivityPage>(who, 'GET', '/v2/repositories/acme/app/activity');
      expect(page.count).toBe(page.results.length);
      return page.results.filter(({ kind }) => kind === 'right_changed');
    };
    expect(await rightsSeenBy('alice')).toMatchObject([{ account: 'alice', to: 'bob', permission: 'write' }]);
    expect([await rightsSeenBy('bob'), await rightsSeenBy(undefined)]).toEqual([[], []]);
  });

  test('goes with the repository to another name, and comes back with it after a deletion', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.session('alice');
    await hub.pushImage('alice', 'alice/app', '1.0');
    await hub.send('POST', `${path}/move`, { token, body: { name: 'other' } });
    const moved = await activityOf(hub, token, '/v2/repositories/alice/other/activity');
    expect(moved.results.map(told)).toEqual(['moved alice', 'pushed alice 1.0', 'created alice']);
    expect([moved.results[0]?.from, moved.results[0]?.repository]).toEqual(['alice/app', 'other']);
    const [forOthers] = (await activityOf(hub, undefined, '/v2/repositories/alice/other/activity')).results;
    expect([forOthers?.kind, forOthers?.from]).toEqual(['moved', null]);
    await hub.send('DELETE', '/v2/repositories/alice/other', { token });
    const list = await hub.send('GET', '/v2/namespaces/alice/deleted-repositories', { token });
    const { results } = await bodyOf<{ results: { id: string }[] }>(list);
    await hub.send('POST', `/v2/namespaces/alice/deleted-repositories/${results[0]?.id}/restore`, {
      token,
      body: {},
    });
    const back = await activityOf(hub, token, '/v2/repositories/alice/other/activity');
    expect(back.results.map(told).slice(0, 2)).toEqual(['restored alice', 'deleted alice']);
  });

  test('does not go on under a name that somebody takes again', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.session('alice');
    await hub.pushImage('alice', 'alice/app', 'old');
    await hub.send('DELETE', path, { token });
    await activityOf(hub, token, '/v2/user/activity');
    await hub.pushImage('alice', 'alice/app', 'new');
    expect((await activityOf(hub)).results.map(told)).toEqual(['pushed alice new', 'created alice']);
  });

  test('is kept over a restart', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', '1.0');
    await hub.restart();
    expect((await activityOf(hub)).results.map(told)).toEqual(['pushed alice 1.0', 'created alice']);
  });

  test('is bounded: the oldest are not listed', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', '1.0');
    await using parts = await hub.openParts();
    for (let number = 1; number <= maxListed; number += 1) {
      const reference = `t${number}`;
      await parts.changes.record({
        kind: 'tag-restored',
        repository: 'alice/app',
        account: 'alice',
        reference,
      });
    }
    const { count, results } = await activityOf(hub);
    expect([count, results[0]?.tag]).toEqual([maxListed, `t${maxListed}`]);
    const last = await activityOf(hub, undefined, `${path}/activity?page_size=100&page=${maxListed / 100}`);
    expect(last.results.at(-1)?.tag).toBe('t1');
  });
});

describe('one’s own activity', () => {
  test('is what one did, wherever one may still look', async () => {
    await using acme = await Acme.create();
    await acme.createPrivate('secret');
    await acme.send('alice', 'POST', '/v2/repositories/acme/secret/collaborators', {
      user: 'bob',
      permission: 'write',
    });
    await acme.hub.pushImage('bob', 'acme/secret', '1.0');
    await acme.hub.pushImage('bob', 'bob/own', '2.0');
    const own = async (): Promise<string[]> =>
      (await acme.json<ActivityPage>('bob', 'GET', '/v2/user/activity')).results.map(
        (each) => `${told(each)} ${each.namespace}/${each.repository}`,
      );
    expect(await own()).toEqual([
      'pushed bob 2.0 bob/own',
      'created bob bob/own',
      'pushed bob 1.0 acme/secret',
    ]);
    await acme.send('alice', 'DELETE', '/v2/repositories/acme/secret/collaborators/bob');
    expect(await own()).toEqual(['pushed bob 2.0 bob/own', 'created bob bob/own']);
    expect(await acme.status(undefined, 'GET', '/v2/user/activity')).toBe(401);
  });
});
