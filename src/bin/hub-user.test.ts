/** `cais hub user` and `cais hub keys`, over the data of a hub that serves. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import { Secret, TOTP } from 'otpauth';
import { basic, bodyOf, HubFixture, password } from '../hub/testing/hub-fixture.ts';
import { type Finished, run } from '../lib/subprocess.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

/** @param input for the command's stdin. */
function cais(hub: HubFixture, argv: readonly string[], input = ''): Promise<Finished> {
  const program = [process.execPath, join(import.meta.dir, 'cais.ts')];
  return run([...program, 'hub', ...argv, '--data', hub.directory], { input });
}

/** The output of a command that succeeds. */
async function output(hub: HubFixture, argv: readonly string[], input?: string): Promise<string> {
  const { exitCode, stdout, stderr } = await cais(hub, argv, input);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  return stdout;
}

async function signInStatus(hub: HubFixture, name: string, secret: string): Promise<number> {
  return (await hub.send('GET', '/token', { headers: basic(name, secret) })).status;
}

describe('cais hub user', () => {
  test('adds, lists, changes and removes accounts', async () => {
    await using hub = await HubFixture.create('alice');
    const add = ['user', 'add', 'bob', '--email', 'b@hub.test', '--password-stdin'];
    expect(await output(hub, add, `${password}\n`)).toBe('bob\n');
    const session = await hub.session('bob');
    expect(await output(hub, ['user', 'list'])).toBe(
      'NAME      EMAIL            ADMINISTRATOR   TWO-FACTOR\n' +
        'alice     alice@hub.test   yes             no\n' +
        'bob       b@hub.test       no              no\n',
    );
    await output(hub, ['user', 'passwd', 'bob', '--password-stdin'], 'another long one\n');
    expect((await hub.send('GET', '/v2/user', { token: session })).status).toBe(401);
    expect(await signInStatus(hub, 'bob', 'another long one')).toBe(200);
    expect(await signInStatus(hub, 'bob', password)).toBe(401);
    expect(await output(hub, ['user', 'rm', 'bob'])).toBe('bob\n');
    expect(await signInStatus(hub, 'bob', 'another long one')).toBe(401);
    expect((await hub.send('GET', '/v2/users/bob/')).status).toBe(404);
  });

  test('finds nobody on a new hub: no account is made by itself, with a password that all know', async () => {
    await using hub = await HubFixture.create();
    expect(await output(hub, ['user', 'list'])).toBe('NAME      EMAIL     ADMINISTRATOR   TWO-FACTOR\n');
  });

  test('makes administrators and ordinary people of each other', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    const token = await hub.session('bob');
    const isAdmin = async (): Promise<boolean> =>
      (await hub.send('GET', '/v2/invites', { token })).status === 200;
    expect(await isAdmin()).toBe(false);
    await output(hub, ['user', 'promote', 'bob']);
    expect(await isAdmin()).toBe(true);
    await output(hub, ['user', 'demote', 'bob']);
    expect(await isAdmin()).toBe(false);
  });

  test('lets in who lost their second factor, and turns out who should not be in', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.session('alice');
    const begun = await hub.send('POST', '/v2/user/2fa', { token, body: { password } });
    const { secret } = await bodyOf<{ secret: string }>(begun);
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
    await hub.send('POST', '/v2/user/2fa/confirm', { token, body: { code } });
    expect(await signInStatus(hub, 'alice', password)).toBe(401);
    expect(await output(hub, ['user', 'list'])).toMatch(/^alice .* yes$/m);
    await output(hub, ['user', 'disable-2fa', 'alice']);
    expect(await signInStatus(hub, 'alice', password)).toBe(200);
    await output(hub, ['user', 'sign-out', 'alice']);
    expect((await hub.send('GET', '/v2/user', { token })).status).toBe(401);
  });

  test('invites where signing up needs it', async () => {
    await using hub = await HubFixture.createWith({ settings: { CAIS_HUB_SIGN_UP: 'invite' } });
    const invitation = (await output(hub, ['user', 'invite', '--email', 'bob@hub.test'])).trim();
    const signUp = async (email: string): Promise<number> => {
      const body = { username: 'bob', email, password, invitation };
      return (await hub.send('POST', '/v2/users/signup', { body })).status;
    };
    expect([await signUp('other@hub.test'), await signUp('bob@hub.test')]).toEqual([403, 204]);
  });

  test.each(['passwd', 'rm', 'promote', 'demote', 'disable-2fa', 'sign-out'])(
    '%s finds neither nobody nor an organization',
    async (verb) => {
      await using hub = await HubFixture.create('alice');
      await hub.send('POST', '/v2/orgs', { token: await hub.session('alice'), body: { orgname: 'acme' } });
      for (const name of ['nobody', 'acme']) {
        const flags = verb === 'passwd' ? ['--password-stdin'] : [];
        const { exitCode, stderr } = await cais(hub, ['user', verb, name, ...flags], 'another long one');
        expect(exitCode).toBe(1);
        expect(stderr).toBe(`no such account: ${name}\n`);
      }
    },
  );

  test('keeps the name of an account whose repositories are still there', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    await hub.pushImage('bob', 'bob/app', 'latest');
    await output(hub, ['user', 'rm', 'bob']);
    const body = { username: 'bob', email: 'b@hub.test', password };
    expect((await hub.send('POST', '/v2/users/signup', { body })).status).toBe(400);
  });
});

describe('cais hub keys rotate', () => {
  test('signs with a new key; old tokens run on, unless they are to end', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.token('alice');
    const works = async (): Promise<boolean> => (await hub.send('GET', '/v2/', { token })).status === 200;
    const id = (await output(hub, ['keys', 'rotate'])).trim();
    await hub.restart();
    const published = await (await hub.send('GET', '/.well-known/jwks.json')).text();
    expect(published).toContain(id);
    expect(await works()).toBe(true);
    await output(hub, ['keys', 'rotate', '--end-old']);
    await hub.restart();
    expect(await works()).toBe(false);
  });
});
