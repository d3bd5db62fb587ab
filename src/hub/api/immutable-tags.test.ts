/** Tags that never move, whichever way one tries. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { Repository, Tag } from '../../hub-api/types.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { codesOf, HubFixture, type PushedImage } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const address = '/v2/namespaces/alice/repositories/app';

async function withRules(
  rules?: readonly string[],
): Promise<{ hub: HubFixture; session: string; token: string; image: PushedImage }> {
  const hub = await HubFixture.create('alice', 'bob');
  const image = await hub.pushImage('alice', 'alice/app', 'v1', 'one');
  const session = await hub.session('alice');
  const body = { immutable_tags: true, ...(rules && { immutable_tags_rules: rules }) };
  const response = await hub.send('PATCH', `${address}/immutabletags`, { token: session, body });
  expect(response.status).toBe(200);
  return { hub, session, token: await hub.fullToken('alice', 'alice/app'), image };
}

async function digestOfTag(hub: HubFixture, tag: string): Promise<string | undefined> {
  const response = await hub.send('GET', `${address}/tags/${tag}`);
  return response.status === 200 ? ((await response.json()) as Tag).digest : undefined;
}

/** Another image, without a tag. */
async function other(hub: HubFixture): Promise<PushedImage> {
  return hub.pushImage('alice', 'alice/app', 'dev', 'two');
}

describe('an immutable tag', () => {
  test('cannot be pushed again with something else, by its name or as a parameter', async () => {
    const { hub, token, image } = await withRules(['v.*']);
    await using _ = hub;
    const { bytes, digest } = await other(hub);
    const byName = await hub.putManifest(token, 'alice/app', 'v1', bytes);
    expect([byName.status, await codesOf(byName)]).toEqual([403, ['DENIED']]);
    const byParameter = await hub.putManifest(token, 'alice/app', `${digest}?tag=v2&tag=v1`, bytes);
    expect(byParameter.status).toBe(403);
    expect(await digestOfTag(hub, 'v1')).toBe(image.digest);
    // Nothing of a refused push is done.
    expect(await digestOfTag(hub, 'v2')).toBeUndefined();
  });

  test('cannot be deleted: not by its name, its digest or the API', async () => {
    const { hub, session, token, image } = await withRules(['v.*']);
    await using _ = hub;
    const refused = [
      await hub.send('DELETE', '/v2/alice/app/manifests/v1', { token }),
      await hub.send('DELETE', `/v2/alice/app/manifests/${image.digest}`, { token }),
      await hub.send('DELETE', `${address}/tags/v1`, { token: session }),
      await hub.send('DELETE', '/v2/repositories/alice/app/tags/v1/', { token: session }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
    expect(await digestOfTag(hub, 'v1')).toBe(image.digest);
  });

  test('keeps what it needs: its blobs, and the images of its index', async () => {
    const { hub, token, image } = await withRules(['v.*']);
    await using _ = hub;
    const child = await other(hub);
    const manifests = [{ mediaType: mediaTypes.ociManifest, digest: child.digest, size: child.bytes.length }];
    const index = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests });
    expect((await hub.putManifest(token, 'alice/app', 'v2', index, mediaTypes.ociIndex)).status).toBe(201);
    for (const path of [
      `blobs/${image.layer}`,
      `blobs/${image.config}`,
      `manifests/${child.digest}`,
      `blobs/${child.layer}`,
    ]) {
      expect((await hub.send('DELETE', `/v2/alice/app/${path}`, { token })).status).toBe(403);
    }
  });

  test('of many that one image has keeps it, without looking at all of them', async () => {
    const { hub, token, image } = await withRules(['nothing']);
    await using _ = hub;
    for (let first = 0; first < 110; first += 10) {
      const tags = Array.from({ length: 10 }, (_, index) => `tag=t${first + index}`).join('&');
      await hub.putManifest(token, 'alice/app', `${image.digest}?${tags}`, image.bytes);
    }
    const path = `/v2/alice/app/manifests/${image.digest}`;
    expect((await hub.send('DELETE', path, { token })).status).toBe(403);
    for (let tag = 0; tag < 20; tag += 1) {
      await hub.send('DELETE', `/v2/alice/app/manifests/t${tag}`, { token });
    }
    expect((await hub.send('DELETE', path, { token })).status).toBe(202);
  });

  test('may be pushed again as it is, and be new', async () => {
    const { hub, token, image } = await withRules();
    await using _ = hub;
    expect((await hub.putManifest(token, 'alice/app', 'v1', image.bytes)).status).toBe(201);
    expect((await hub.putManifest(token, 'alice/app', 'v2', image.bytes)).status).toBe(201);
  });

  test('is only what a whole rule matches; the others move and go', async () => {
    const { hub, session, token, image } = await withRules(['v.*']);
    await using _ = hub;
    await other(hub);
    expect((await hub.putManifest(token, 'alice/app', 'dev', image.bytes)).status).toBe(201);
    expect((await hub.send('DELETE', `${address}/tags/dev`, { token: session })).status).toBe(204);
  });

  test('moves again when the rules are taken away, which its administrators may', async () => {
    const { hub, session, token } = await withRules();
    await using _ = hub;
    const off = { immutable_tags: false };
    const bob = await hub.session('bob');
    expect((await hub.send('PATCH', `${address}/immutabletags`, { token: bob, body: off })).status).toBe(403);
    expect((await hub.send('PATCH', `${address}/immutabletags`, { body: off })).status).toBe(401);
    const response = await hub.send('PATCH', `${address}/immutabletags`, { token: session, body: off });
    const { immutable_tags_settings } = (await response.json()) as Repository;
    expect(immutable_tags_settings).toEqual({ enabled: false, rules: ['.*'] });
    expect((await hub.send('DELETE', '/v2/alice/app/manifests/v1', { token })).status).toBe(202);
  });
});

describe('a rule', () => {
  test('is tried before it is set: which tags it matches', async () => {
    const { hub, session } = await withRules(['v.*']);
    await using _ = hub;
    for (const tag of ['v2', 'dev', '1.0']) await hub.pushImage('alice', 'alice/app', tag);
    const verify = async (regex: string): Promise<unknown> => {
      const options = { token: session, body: { regex } };
      return (await hub.send('POST', `${address}/immutabletags/verify`, options)).json();
    };
    expect(await verify('v.*')).toEqual({ tags: ['v1', 'v2'] });
    expect(await verify('v')).toEqual({ tags: [] });
    expect(await verify('(')).toMatchObject({ fields: { regex: [expect.stringContaining('"("')] } });
  });

  test.each(['(', '(?=a)', 'x'.repeat(300)])('that is none is refused beside its field: %p', async (rule) => {
    const { hub, session } = await withRules(['v.*']);
    await using _ = hub;
    const body = { immutable_tags: true, immutable_tags_rules: [rule] };
    const response = await hub.send('PATCH', `${address}/immutabletags`, { token: session, body });
    expect([response.status, Object.keys(((await response.json()) as { fields: object }).fields)]).toEqual([
      400,
      ['immutable_tags_rules'],
    ]);
  });

  test('of a nasty kind costs nobody any time', async () => {
    const { hub, session, token, image } = await withRules(['(a+)+$', '(.*a){20}']);
    await using _ = hub;
    const started = performance.now();
    const tag = `${'a'.repeat(127)}_`;
    expect((await hub.putManifest(token, 'alice/app', tag, image.bytes)).status).toBe(201);
    expect((await hub.send('DELETE', `${address}/tags/${tag}`, { token: session })).status).toBe(204);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
