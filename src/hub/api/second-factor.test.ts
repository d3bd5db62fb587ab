/** Two-factor authentication: whoever has only the password gets nowhere, on no way in. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { Secret, TOTP } from 'otpauth';
import { basic, bodyOf, HubFixture, password } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

interface Protected {
  readonly hub: HubFixture;
  /** The session that turned it on. */
  readonly session: string;
  readonly recoveryCodes: readonly string[];
  /** The app's code, `steps` of half a minute from now. */
  readonly code: (steps?: number) => string;
}

/** A hub with bob, and alice whose second factor is on. */
async function withSecondFactor(): Promise<Protected> {
  const hub = await HubFixture.create('alice', 'bob');
  const session = await hub.session('alice');
  const begun = await hub.send('POST', '/v2/user/2fa', { token: session, body: { password } });
  expect(begun.status).toBe(201);
  const { secret, uri } = await bodyOf<{ secret: string; uri: string }>(begun);
  expect(uri).toStartWith('otpauth://totp/hub.test:alice?');
  expect(uri).toContain(`secret=${secret}`);
  const app = new TOTP({ secret: Secret.fromBase32(secret) });
  const code = (steps = 0): string => app.generate({ timestamp: Date.now() + steps * 30_000 });
  // A code of the step before, so that the tests have two unused ones; not while that step is running out.
  const left = 30_000 - (Date.now() % 30_000);
  if (left < 1000) await Bun.sleep(left);
  const confirmed = await hub.send('POST', '/v2/user/2fa/confirm', {
    token: session,
    body: { code: code(-1) },
  });
  expect(confirmed.status).toBe(200);
  const { recovery_codes: recoveryCodes } = await bodyOf<{ recovery_codes: string[] }>(confirmed);
  return { hub, session, recoveryCodes, code };
}

async function beginLogin(hub: HubFixture): Promise<string> {
  const response = await hub.send('POST', '/v2/users/login', { body: { username: 'alice', password } });
  expect(response.status).toBe(401);
  const body = await bodyOf<{ detail: string; login_2fa_token: string }>(response);
  expect(body.detail).toBe('Require secondary authentication on MFA enabled account');
  return body.login_2fa_token;
}

function finishLogin(hub: HubFixture, token: string, code: string): Promise<Response> {
  return hub.send('POST', '/v2/users/2fa-login', { body: { login_2fa_token: token, code } });
}

describe('an account with a second factor', () => {
  test('is signed in to with password and code, each login step and each code once', async () => {
    const { hub, code } = await withSecondFactor();
    await using _ = hub;
    const step = await beginLogin(hub);
    expect((await hub.send('GET', '/v2/user', { token: step })).status).toBe(401);
    expect((await finishLogin(hub, step, '000000')).status).toBe(401);
    const used = code(0);
    const done = await finishLogin(hub, step, used);
    expect(done.status).toBe(200);
    const { token } = await bodyOf<{ token: string }>(done);
    expect((await hub.send('GET', '/v2/user', { token })).status).toBe(200);
    expect((await finishLogin(hub, step, code(1))).status).toBe(401);
    expect((await finishLogin(hub, await beginLogin(hub), used)).status).toBe(401);
    expect((await finishLogin(hub, await beginLogin(hub), code(1))).status).toBe(200);
  });

  test('takes one code of many that come at once', async () => {
    const { hub, code } = await withSecondFactor();
    await using _ = hub;
    const steps = await Promise.all([1, 2, 3, 4].map(() => beginLogin(hub)));
    const once = code(0);
    const answers = await Promise.all(steps.map((step) => finishLogin(hub, step, once)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(3);
  });

  test('takes each recovery code once, however it is typed', async () => {
    const { hub, recoveryCodes, session } = await withSecondFactor();
    await using _ = hub;
    expect(recoveryCodes).toHaveLength(10);
    const [first = '', second = ''] = recoveryCodes;
    const typed = ` ${first.toUpperCase()} `;
    expect((await finishLogin(hub, await beginLogin(hub), typed)).status).toBe(200);
    expect((await finishLogin(hub, await beginLogin(hub), first)).status).toBe(401);
    const state = await hub.send('GET', '/v2/user/2fa', { token: session });
    expect(await bodyOf(state)).toEqual({ enabled: true, recovery_codes_left: 9 });
    const renewed = await hub.send('POST', '/v2/user/2fa/recovery-codes', {
      token: session,
      body: { code: second },
    });
    expect(renewed.status).toBe(200);
    const fresh = (await bodyOf<{ recovery_codes: string[] }>(renewed)).recovery_codes;
    expect((await finishLogin(hub, await beginLogin(hub), recoveryCodes[2] ?? '')).status).toBe(401);
    expect((await finishLogin(hub, await beginLogin(hub), fresh[0] ?? '')).status).toBe(200);
  });

  test('refuses the password wherever nobody can be asked for a code, and takes an access token', async () => {
    const { hub, session } = await withSecondFactor();
    await using _ = hub;
    const made = await hub.send('POST', '/v2/access-tokens', {
      token: session,
      body: { token_label: 'laptop', scopes: ['repo:write'] },
    });
    const secret = (await bodyOf<{ token: string }>(made)).token;
    const form = (given: string): Promise<Response> =>
      hub.send('POST', '/token', {
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ grant_type: 'password', username: 'alice', password: given }).toString(),
      });
    const ways: ((given: string) => Promise<Response>)[] = [
      (given) => hub.send('GET', '/token?scope=repository:alice/a:pull', { headers: basic('alice', given) }),
      form,
      (given) => hub.send('GET', '/v1/search?q=a', { headers: basic('alice', given) }),
      (given) => hub.send('POST', '/v2/auth/token', { body: { identifier: 'alice', secret: given } }),
    ];
    for (const way of ways) {
      const refused = await way(password);
      expect(refused.status).toBe(401);
      // Who knows the password is told what to do instead; who does not learns nothing.
      expect(await refused.text()).toContain('use an access token instead of the password');
      const guessed = await way('wrong wrong');
      expect(guessed.status).toBe(401);
      expect(await guessed.text()).not.toContain('access token');
      expect((await way(secret)).status).toBe(200);
    }
  });

  test('has ten guesses in five minutes, wherever they come from', async () => {
    const { hub, code } = await withSecondFactor();
    await using _ = hub;
    const step = await beginLogin(hub);
    const guess = (number: number, guessed: string): Promise<Response> =>
      hub.send('POST', '/v2/users/2fa-login', {
        body: { login_2fa_token: step, code: guessed },
        address: `198.51.100.${number}`,
      });
    const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => guess(index, 'abcdef')));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(2);
    expect((await guess(99, code(0))).status).toBe(429);
  });

  test('ended every other session and refresh token when it was turned on', async () => {
    await using hub = await HubFixture.create('alice');
    const [kept, other] = [await hub.session('alice'), await hub.session('alice')];
    const begun = await hub.send('POST', '/v2/user/2fa', { token: kept, body: { password } });
    const { secret } = await bodyOf<{ secret: string }>(begun);
    expect((await hub.send('GET', '/v2/user', { token: other })).status).toBe(200);
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
    await hub.send('POST', '/v2/user/2fa/confirm', { token: kept, body: { code } });
    expect((await hub.send('GET', '/v2/user', { token: kept })).status).toBe(200);
    expect((await hub.send('GET', '/v2/user', { token: other })).status).toBe(401);
  });

  test('turns it off with a code, not with a session alone', async () => {
    const { hub, session, code } = await withSecondFactor();
    await using _ = hub;
    const off = (given: string): Promise<Response> =>
      hub.send('DELETE', '/v2/user/2fa', { token: session, body: { code: given } });
    expect((await off('000000')).status).toBe(400);
    expect((await off(code(0))).status).toBe(204);
    expect((await hub.send('GET', '/token', { headers: basic('alice', password) })).status).toBe(200);
  });
});

describe('setting up a second factor', () => {
  test('takes the password, and changes nothing before its first code', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.session('alice');
    const wrong = { token, body: { password: 'wrong wrong' } };
    expect((await hub.send('POST', '/v2/user/2fa', wrong)).status).toBe(400);
    const early = { token, body: { code: '123456' } };
    expect((await hub.send('POST', '/v2/user/2fa/confirm', early)).status).toBe(409);
    expect((await hub.send('POST', '/v2/user/2fa', { token, body: { password } })).status).toBe(201);
    expect((await hub.send('POST', '/v2/user/2fa/confirm', early)).status).toBe(400);
    const state = await hub.send('GET', '/v2/user/2fa', { token });
    expect(await bodyOf(state)).toEqual({ enabled: false, recovery_codes_left: 0 });
    expect((await hub.send('GET', '/token', { headers: basic('alice', password) })).status).toBe(200);
  });

  test('is not begun again while it is on', async () => {
    const { hub, session } = await withSecondFactor();
    await using _ = hub;
    const again = await hub.send('POST', '/v2/user/2fa', { token: session, body: { password } });
    expect(again.status).toBe(409);
  });
});
