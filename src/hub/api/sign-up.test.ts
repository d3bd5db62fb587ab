/** Who may make an account: everybody, who has an invitation, or only the shell. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { addUser } from '../accounts/administer.ts';
import { bodyOf, HubFixture, password } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

/** A hub whose administrator was made from the shell. */
async function hubWith(mode: string): Promise<{ hub: HubFixture; admin: string }> {
  const hub = await HubFixture.createWith({ settings: { CAIS_HUB_SIGN_UP: mode } });
  await using shell = await hub.openParts();
  await addUser(shell, { username: 'root1', email: 'r@hub.test', password });
  return { hub, admin: await hub.session('root1') };
}

async function invite(
  hub: HubFixture,
  admin: string,
  email?: string,
): Promise<{ id: string; token: string }> {
  const body = email === undefined ? {} : { email };
  const response = await hub.send('POST', '/v2/invites', { token: admin, body });
  expect(response.status).toBe(201);
  return bodyOf(response);
}

function signUp(hub: HubFixture, username: string, invitation?: string): Promise<Response> {
  const email = `${username}@hub.test`;
  return hub.send('POST', '/v2/users/signup/', { body: { username, email, password, invitation } });
}

describe('sign-up that is closed', () => {
  test('is refused to everybody, whatever they have', async () => {
    const { hub, admin } = await hubWith('closed');
    await using _ = hub;
    const { token } = await invite(hub, admin);
    expect((await signUp(hub, 'bob')).status).toBe(403);
    expect((await signUp(hub, 'bob', token)).status).toBe(403);
  });
});

describe('sign-up by invitation', () => {
  test('takes an invitation once', async () => {
    const { hub, admin } = await hubWith('invite');
    await using _ = hub;
    expect((await signUp(hub, 'bob')).status).toBe(403);
    expect((await signUp(hub, 'bob', 'cais_invite_made_up')).status).toBe(403);
    const { token } = await invite(hub, admin);
    const both = await Promise.all([signUp(hub, 'bob', token), signUp(hub, 'carol', token)]);
    expect(both.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(both.filter(({ status }) => status === 403)).toHaveLength(1);
  });

  test('is not used up by input that is refused', async () => {
    const { hub, admin } = await hubWith('invite');
    await using _ = hub;
    const { token } = await invite(hub, admin);
    expect((await signUp(hub, 'root1', token)).status).toBe(400);
    expect((await signUp(hub, 'bob', token)).status).toBe(204);
  });

  test('for one address is for nobody else', async () => {
    const { hub, admin } = await hubWith('invite');
    await using _ = hub;
    const { token } = await invite(hub, admin, 'Bob@hub.test');
    expect((await signUp(hub, 'carol', token)).status).toBe(403);
    expect((await signUp(hub, 'bob', token)).status).toBe(204);
  });

  test('can be taken back, and is listed until it is used', async () => {
    const { hub, admin } = await hubWith('invite');
    await using _ = hub;
    const kept = await invite(hub, admin, 'bob@hub.test');
    const taken = await invite(hub, admin);
    expect((await hub.send('DELETE', `/v2/invites/${taken.id}`, { token: admin })).status).toBe(204);
    expect((await hub.send('DELETE', `/v2/invites/${taken.id}`, { token: admin })).status).toBe(404);
    expect((await signUp(hub, 'carol', taken.token)).status).toBe(403);
    const list = async (): Promise<unknown> => {
      const { data } = await bodyOf<{ data: { id: string; invitee: string }[] }>(
        await hub.send('GET', '/v2/invites', { token: admin }),
      );
      expect(JSON.stringify(data)).not.toContain(kept.token);
      return data.map(({ id, invitee }) => [id, invitee]);
    };
    expect(await list()).toEqual([[kept.id, 'bob@hub.test']]);
    expect((await signUp(hub, 'bob', kept.token)).status).toBe(204);
    expect(await list()).toEqual([]);
  });

  test('is given by an administrator alone', async () => {
    const { hub, admin } = await hubWith('invite');
    await using _ = hub;
    const { id, token } = await invite(hub, admin);
    await signUp(hub, 'bob', token);
    const bob = await hub.session('bob');
    for (const [method, path] of [
      ['POST', '/v2/invites'],
      ['GET', '/v2/invites'],
      ['DELETE', `/v2/invites/${id}`],
    ] as const) {
      const body = method === 'POST' ? { body: {} } : {};
      expect((await hub.send(method, path, { token: bob, ...body })).status).toBe(403);
      expect((await hub.send(method, path, body)).status).toBe(401);
    }
  });
});

describe('sign-up that is open', () => {
  test('makes one administrator of several who come first at once', async () => {
    await using hub = await HubFixture.create();
    const names = ['alice', 'bob', 'carol'];
    await Promise.all(names.map((name) => signUp(hub, name)));
    const users = await Promise.all(
      names.map(async (name) =>
        bodyOf<{ is_admin: boolean }>(await hub.send('GET', '/v2/user', { token: await hub.session(name) })),
      ),
    );
    expect(users.filter(({ is_admin: isAdmin }) => isAdmin)).toHaveLength(1);
  });

  test('needs no invitation and does not look at one', async () => {
    const { hub } = await hubWith('open');
    await using _ = hub;
    expect((await signUp(hub, 'bob', 'cais_invite_made_up')).status).toBe(204);
  });
});
