/** Who was refused what is in the audit log, and nobody fills it by being refused. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { AuditLog, AuditLogPage } from '../../hub-api/types.ts';
import { createLog } from '../../lib/log.ts';
import { answering, type RequestContext } from '../request-context.ts';
import { Acme } from '../testing/acme.ts';
import { basic, bodyOf, HubFixture } from '../testing/hub-fixture.ts';
import { Refusals } from './refusals.ts';

setDefaultTimeout(120_000);

async function refusals(hub: HubFixture, token: string, account?: string): Promise<AuditLog[]> {
  const address = account === undefined ? '/v2/system/auditlogs' : `/v2/auditlogs/${account}`;
  const page = await bodyOf<AuditLogPage>(
    await hub.send('GET', `${address}?action=access.&page_size=100`, { token }),
  );
  return page.logs.toReversed();
}

function told({ action, actor, name, data, times }: AuditLog): string {
  return [action, actor, name, data['action'], times].filter((each) => each !== undefined).join(' ');
}

describe('refused accesses', () => {
  test('are told: by the registry, the token service and the API, of known people and of anybody', async () => {
    await using acme = await Acme.create();
    await acme.createPrivate('app');
    await acme.hub.token('bob', 'repository:acme/app:pull,push');
    const token = await acme.hub.token('bob', 'repository:bob/app:pull');
    await acme.hub.send('GET', '/v2/acme/app/tags/list', { token });
    const anonymous = await acme.hub.token(undefined, 'repository:acme/app:pull');
    await acme.hub.send('GET', '/v2/acme/app/manifests/latest', { token: anonymous });
    await acme.status('carol', 'GET', '/v2/repositories/acme/app');
    await acme.status(undefined, 'GET', '/v2/repositories/acme/app');
    await acme.status('carol', 'GET', '/v2/orgs/acme/members');
    await acme.status('carol', 'GET', '/v2/system/storage');
    await acme.hub.send('GET', '/token', { headers: basic('alice', 'wrong') });
    const log = await refusals(acme.hub, await acme.hub.session('root1'));
    expect(log.map(told)).toEqual([
      'access.refuse bob acme/app pull,push 1',
      'access.refuse bob acme/app pull 1',
      'access.refuse (anonymous) acme/app pull 1',
      'access.refuse carol acme/app GET 1',
      'access.refuse (anonymous) acme/app GET 1',
      'access.refuse carol /v2/orgs/acme/members GET 1',
      'access.refuse carol /v2/system/storage GET 1',
      'access.sign_in.fail (anonymous) alice 1',
    ]);
    expect(log[0]).toMatchObject({ outcome: 'refused', address: '192.0.2.1', account: 'acme' });
    const ofOwner = await refusals(acme.hub, await acme.hub.session('alice'), 'acme');
    expect(ofOwner.map(told)).toEqual(log.slice(0, 5).map(told));
  });

  test('a client that only asks where to get a token is none', async () => {
    await using acme = await Acme.create();
    await acme.createPrivate('app');
    await acme.hub.send('GET', '/v2/');
    await acme.hub.send('GET', '/v2/acme/app/manifests/latest');
    await acme.hub.token(undefined, 'repository:acme/app:pull');
    await acme.status(undefined, 'GET', '/v2/user');
    expect(await refusals(acme.hub, await acme.hub.session('root1'))).toEqual([]);
  });

  test('that are alike are one with a number; of many few are listed, and the rest is counted', async () => {
    await using hub = await HubFixture.create('alice');
    {
      await using parts = await hub.openParts();
      await using _ = new Refusals(parts.database, parts.events, createLog('hub', 'silent'));
      const guess = (account: string, address: string): void =>
        answering(requestFrom(address), undefined, () =>
          parts.events.report({ kind: 'sign-in-failed', account, address }),
        );
      for (let count = 0; count < 5; count += 1) guess('alice', '198.51.100.1');
      for (let count = 0; count < 40; count += 1) guess(`nobody${count}`, '198.51.100.2');
    }
    const log = await refusals(hub, await hub.session('alice'));
    expect(log.filter(({ name }) => name === 'alice').map(told)).toEqual([
      'access.sign_in.fail (anonymous) alice 5',
    ]);
    expect(log.filter(({ name }) => name.startsWith('nobody'))).toHaveLength(30);
    expect(log.filter(({ action }) => action === 'access.unlisted').map(({ times }) => times)).toEqual([10]);
  });

  test('what was typed into the wrong field is not kept', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.send('GET', '/token', { headers: basic('My secret Passphrase!', 'alice') });
    const log = await refusals(hub, await hub.session('alice'));
    expect(log.map(({ name, account }) => [name, account])).toEqual([['(no name)', '']]);
  });
});

function requestFrom(address: string): RequestContext {
  return { id: crypto.randomUUID(), address, origin: '', identity: undefined, route: 'other', received: 0 };
}
