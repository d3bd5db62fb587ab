import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { sql } from 'kysely';
import { HubFixture } from '../testing/hub-fixture.ts';
import { LogLines } from '../testing/log-lines.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const address = '192.0.2.7';

describe('a line for each request', () => {
  test('says what was asked, by whom and from where, and how it was answered', async () => {
    const written = new LogLines();
    await using hub = await HubFixture.createWith({ log: written.log }, 'alice');
    const { bytes } = await hub.pushImage('alice', 'alice/app', 'latest');
    const token = await hub.token('alice', 'repository:alice/app:pull');
    written.lines.length = 0;
    await hub.send('GET', '/v2/alice/app/manifests/latest?ns=docker.io', { token, address });
    expect(written.of('request')).toEqual([
      expect.objectContaining({
        method: 'GET',
        path: '/v2/alice/app/manifests/latest',
        route: '/v2/{name}/manifests/{reference}',
        status: 200,
        sent: bytes.length,
        received: 0,
        address,
        account: 'alice',
        ms: expect.any(Number),
        request_id: expect.stringMatching(/^[\da-f-]{36}$/),
      }),
    ]);
  });

  test('is not written for who only looks whether the hub is alive', async () => {
    const written = new LogLines();
    await using hub = await HubFixture.createWith({ log: written.log });
    for (const path of ['/healthz', '/readyz', '/metrics']) await hub.send('GET', path);
    expect(written.of('request')).toEqual([]);
  });
});

describe('the name of a request', () => {
  test('is the one that the client gave, in the answer and in every line about it', async () => {
    const written = new LogLines();
    await using hub = await HubFixture.createWith({ log: written.log }, 'alice');
    const headers = { 'X-Request-Id': 'build-7/42' };
    const body = { username: 'alice', password: 'a wrong one' };
    const answer = await hub.send('POST', '/v2/users/login', { body, headers });
    expect(answer.headers.get('X-Request-Id')).toBe('build-7/42');
    const named = written.lines.filter((line) => line['request_id'] === 'build-7/42');
    expect(named.map(({ msg }) => msg)).toEqual(['sign-in-failed', 'request']);
  });

  test.each(['', 'with spaces', 'x'.repeat(129), 'a"b', '{"level":60}'])(
    'is a new one where the client gave %p',
    async (given) => {
      await using hub = await HubFixture.create();
      const answer = await hub.send('GET', '/v2/', { headers: { 'X-Request-Id': given } });
      expect(answer.headers.get('X-Request-Id')).toMatch(/^[\da-f-]{36}$/);
    },
  );
});

test('a fault of the hub is told once, with its cause', async () => {
  const written = new LogLines();
  const log = written.log;
  await using hub = await HubFixture.createWith({ log }, 'alice');
  await hub.query(sql`ALTER TABLE accounts RENAME TO lost`);
  const answer = await hub.send('GET', '/v2/users/alice');
  expect(answer.status).toBe(500);
  expect(written.of('request-failed')).toHaveLength(1);
  expect(written.of('request-failed')[0]).toMatchObject({
    level: 50,
    err: { message: expect.stringContaining('accounts') },
  });
  expect(written.of('request').at(-1)).toMatchObject({ level: 30, status: 500 });
});

describe('a slow statement', () => {
  test('is told by its shape, without a value of it, and how often it was slow', async () => {
    const written = new LogLines();
    const setup = { settings: { CAIS_HUB_SLOW_QUERY: '0ms' }, log: written.log };
    await using _hub = await HubFixture.createWith(setup, 'alice', 'marie-curie');
    const told = written.of('slow statement');
    const made = told.filter(({ statement }) => /^insert into "?accounts/i.test(String(statement)));
    expect(made.map(({ times }) => times)).toEqual([1, 2]);
    expect(made[0]).toMatchObject({ level: 40, ms: expect.any(Number), request_id: expect.any(String) });
    expect(JSON.stringify(told)).not.toContain('marie-curie');
  });

  test('is not told where none is slow', async () => {
    const written = new LogLines();
    await using _hub = await HubFixture.createWith(
      { settings: { CAIS_HUB_SLOW_QUERY: 'none' }, log: written.log },
      'alice',
    );
    expect(written.of('slow statement')).toEqual([]);
  });
});
