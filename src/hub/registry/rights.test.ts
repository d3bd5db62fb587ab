/** What a token opens on the registry's routes, action by action; and that a blob is nobody's key to another repository. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { digestOf } from '../../oci/image/digest.ts';
import { basic, bodyOf, codesOf, HubFixture, type PushedImage } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const repository = 'alice/app';
type Action = 'pull' | 'push' | 'delete';
const actions: readonly Action[] = ['pull', 'push', 'delete'];

/** Every method of every route, with what it needs. */
function routesOf({ digest, layer }: PushedImage, upload: string): readonly [string, string, Action[]][] {
  return [
    ['HEAD', 'manifests/latest', ['pull']],
    ['GET', 'manifests/latest', ['pull']],
    ['GET', `manifests/${digest}`, ['pull']],
    ['PUT', 'manifests/latest', ['pull', 'push']],
    ['PUT', `manifests/${digest}?tag=latest`, ['pull', 'push']],
    ['DELETE', 'manifests/latest', ['delete']],
    ['DELETE', `manifests/${digest}`, ['delete']],
    ['HEAD', `blobs/${layer}`, ['pull']],
    ['GET', `blobs/${layer}`, ['pull']],
    ['DELETE', `blobs/${layer}`, ['delete']],
    ['POST', 'blobs/uploads/', ['pull', 'push']],
    ['POST', `blobs/uploads/?digest=${layer}`, ['pull', 'push']],
    ['POST', `blobs/uploads/?mount=${layer}&from=${repository}`, ['pull', 'push']],
    ['GET', `blobs/uploads/${upload}`, ['pull', 'push']],
    ['PATCH', `blobs/uploads/${upload}`, ['pull', 'push']],
    ['PUT', `blobs/uploads/${upload}?digest=${layer}`, ['pull', 'push']],
    ['DELETE', `blobs/uploads/${upload}`, ['pull', 'push']],
    ['GET', 'tags/list', ['pull']],
    ['GET', `referrers/${digest}`, ['pull']],
  ];
}

test('a token opens what its actions are for, on every route, and nothing else', async () => {
  await using hub = await HubFixture.create('alice');
  const image = await hub.pushImage('alice', repository, 'latest');
  const full = await hub.fullToken('alice', repository);
  const started = await hub.send('POST', `/v2/${repository}/blobs/uploads/`, { token: full });
  const upload = started.headers.get('Docker-Upload-UUID') ?? '';
  const sets = [[], ['pull'], ['push'], ['delete'], ['pull', 'push'], ['pull', 'delete'], actions];
  for (const granted of sets) {
    const token = await hub.token('alice', `repository:${repository}:${granted.join(',')}`);
    for (const [method, path, needed] of routesOf(image, upload)) {
      if (needed.every((action) => granted.includes(action))) continue;
      const response = await hub.send(method, `/v2/${repository}/${path}`, { token });
      expect([method, path, granted, response.status]).toEqual([method, path, granted, 401]);
      const scope = `scope="repository:${repository}:${needed.join(',')}"`;
      expect(response.headers.get('WWW-Authenticate')).toContain(`${scope},error="insufficient_scope"`);
    }
  }
  // Nothing of it has happened, and with the actions that it needs each of them does.
  const after = await hub.send('GET', `/v2/${repository}/blobs/uploads/${upload}`, { token: full });
  expect(after.status).toBe(204);
  for (const [method, path, needed] of routesOf(image, upload)) {
    const token = await hub.token('alice', `repository:${repository}:${needed.join(',')}`);
    const response = await hub.send(method, `/v2/${repository}/${path}`, { token });
    expect([method, path, response.status]).not.toEqual([method, path, 401]);
    await hub.pushImage('alice', repository, 'latest');
  }
});

describe('a blob of another repository', () => {
  test('looks like none, whatever the method', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    const image = await hub.pushImage('alice', 'alice/app', 'latest');
    await hub.pushImage('bob', 'bob/app', 'own');
    const token = await hub.fullToken('bob', 'bob/app');
    for (const method of ['HEAD', 'GET', 'DELETE']) {
      const answers = [];
      for (const digest of [image.layer, digestOf('nobody has it')]) {
        const response = await hub.send(method, `/v2/bob/app/blobs/${digest}`, { token });
        const text = (await response.text()).replaceAll(digest, 'DIGEST');
        answers.push([response.status, text, [...response.headers.keys()].toSorted()]);
      }
      expect(answers[0]?.[0]).toBe(404);
      expect(answers[0]).toEqual(answers[1]);
    }
  });

  test('is not given for its digest: the bytes have to come, and to be right', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    const { layer } = await hub.pushImage('alice', 'alice/app', 'latest');
    const token = await hub.fullToken('bob', 'bob/app');
    for (const body of ['', 'not the layer']) {
      const response = await hub.send('POST', `/v2/bob/app/blobs/uploads/?digest=${layer}`, { token, body });
      expect(response.status).toBe(400);
      expect(await codesOf(response)).toEqual(['DIGEST_INVALID']);
      expect((await hub.send('HEAD', `/v2/bob/app/blobs/${layer}`, { token })).status).toBe(404);
    }
    // The one that was there is as it was.
    const owner = await hub.fullToken('alice', 'alice/app');
    const kept = await hub.send('GET', `/v2/alice/app/blobs/${layer}`, { token: owner });
    expect(digestOf(await kept.text())).toBe(layer);
  });
});

describe('an access token that does not reach the source', () => {
  const limits: readonly [string, object][] = [
    ['since it names its repositories', { scopes: ['repo:write'], repositories: ['alice/app'] }],
    ['since it reads what is public only', { scopes: ['repo:public_read'] }],
  ];
  test.each(limits)('%s mounts nothing from there', async (_why, limit) => {
    await using hub = await HubFixture.create('alice');
    const session = await hub.session('alice');
    const body = { namespace: 'alice', name: 'secret', is_private: true };
    await hub.send('POST', '/v2/repositories', { token: session, body });
    const { layer } = await hub.pushImage('alice', 'alice/secret', 'latest');
    await hub.pushImage('alice', 'alice/app', 'other');
    const made = await hub.send('POST', '/v2/access-tokens', {
      token: session,
      body: { token_label: 'limited', ...limit },
    });
    expect(made.status).toBe(201);
    const secret = (await bodyOf<{ token: string }>(made)).token;
    const scope = 'repository:alice/app:pull,push repository:alice/secret:pull';
    const headers = basic('alice', secret);
    const answer = await hub.send('GET', `/token?${new URLSearchParams({ scope })}`, { headers });
    const { token } = await bodyOf<{ token: string }>(answer);
    for (const from of ['&from=alice/secret', '']) {
      const path = `/v2/alice/app/blobs/uploads/?mount=${layer}${from}`;
      // Refused, where it may not even push; else an upload like any other.
      expect([202, 401]).toContain((await hub.send('POST', path, { token })).status);
      const owner = await hub.fullToken('alice', 'alice/app');
      expect((await hub.send('HEAD', `/v2/alice/app/blobs/${layer}`, { token: owner })).status).toBe(404);
    }
    expect((await hub.send('GET', `/v2/alice/secret/blobs/${layer}`, { token })).status).toBe(401);
  });
});
