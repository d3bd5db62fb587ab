/** Whoever reads the logs, the audit log and the metrics of a hub learns no secret of its users, whatever they did. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { sql } from 'kysely';
import { pino } from 'pino';
import { Secret, TOTP } from 'otpauth';
import { basic, bodyOf, HubFixture, password } from './testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const next = 'another long one';

describe('the log', () => {
  test('tells what happened, and no password, token, code or upload state', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    const setup = { settings: { CAIS_HUB_OFFLINE_TOKENS: '1' }, log };
    await using hub = await HubFixture.createWith(setup, 'alice', 'bob');
    const secrets = await useEverything(hub);
    const metrics = await (await hub.send('GET', '/metrics')).text();
    const audit = await hub.query(sql`SELECT * FROM audit`);
    const written = lines.join('') + metrics + JSON.stringify(audit);
    for (const [what, secret] of Object.entries(secrets)) {
      expect(secret.length, what).toBeGreaterThan(5);
      expect(written.includes(secret), what).toBe(false);
    }
    for (const happened of [
      'account-created',
      'signed-in',
      'sign-in-failed',
      'password-changed',
      'password-reset-created',
      'second-factor-changed',
      'access-token-changed',
      'manifest-pushed',
      'access-refused',
    ]) {
      expect(written).toContain(happened);
    }
  });
});

/** Uses every way in, right and wrong, and returns all that was secret on the way. */
async function useEverything(hub: HubFixture): Promise<Record<string, string>> {
  const session = await hub.session('alice');
  const wrong = 'a wrong password of mine';
  await hub.send('POST', '/v2/users/login', { body: { username: 'alice', password: wrong } });
  await hub.send('GET', '/token', { headers: basic('alice', wrong) });
  const misplaced = 'A password in the field of the name';
  await hub.send('POST', '/v2/users/login', { body: { username: misplaced, password: 'alice' } });
  const made = await bodyOf<{ token: string }>(
    await hub.send('POST', '/v2/access-tokens', {
      token: session,
      body: { token_label: 'laptop', scopes: ['repo:admin'] },
    }),
  );
  const login = await bodyOf<{ token: string; refresh_token: string }>(
    await hub.send('GET', '/token?offline_token=true&scope=repository:alice/app:*', {
      headers: basic('alice', made.token),
    }),
  );
  await hub.send('POST', '/token', {
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: `${login.refresh_token}x`,
    }).toString(),
  });
  await hub.pushImage('alice', 'alice/app', 'latest');
  const upload = await hub.send('POST', '/v2/alice/app/blobs/uploads/', { token: login.token });
  const location = upload.headers.get('Location') ?? '';
  await hub.send('PATCH', `${location}?_state=state-of-the-upload`, { token: login.token, body: 'x' });
  const bob = await hub.token('bob', 'repository:alice/app:push');
  await hub.putManifest(bob, 'alice/app', 'latest', '{}');
  await hub.send('GET', `/v2/alice/app/tags/list?access_token=${login.token}`);
  const invitation = await bodyOf<{ token: string }>(
    await hub.send('POST', '/v2/invites', { token: session, body: {} }),
  );
  const reset = await bodyOf<{ token: string }>(
    await hub.send('POST', '/v2/users/bob/password-reset', { token: session }),
  );
  await hub.send('POST', '/v2/users/reset-password', { body: { token: reset.token, password: next } });
  const change = { old_password: password, new_password: next };
  await hub.send('POST', '/v2/user/password', { token: session, body: change });
  const begun = await bodyOf<{ secret: string }>(
    await hub.send('POST', '/v2/user/2fa', { token: session, body: { password: next } }),
  );
  const code = new TOTP({ secret: Secret.fromBase32(begun.secret) }).generate();
  const confirmed = await bodyOf<{ recovery_codes: string[] }>(
    await hub.send('POST', '/v2/user/2fa/confirm', { token: session, body: { code } }),
  );
  const step = await bodyOf<{ login_2fa_token: string }>(
    await hub.send('POST', '/v2/users/login', { body: { username: 'alice', password: next } }),
  );
  return {
    session,
    wrong,
    misplaced,
    'misplaced, in lower case': misplaced.toLowerCase(),
    password,
    next,
    'access token': made.token,
    'registry token': login.token,
    'refresh token': login.refresh_token,
    'upload state': 'state-of-the-upload',
    invitation: invitation.token,
    reset: reset.token,
    'app secret': begun.secret,
    'app code': `"${code}"`,
    'recovery code': confirmed.recovery_codes[0] ?? '',
    'login step': step.login_2fa_token,
    'basic credentials': btoa(`alice:${password}`),
  };
}
