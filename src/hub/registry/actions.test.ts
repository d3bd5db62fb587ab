/** What a token opens is what it names, on every route and by every method: of its owner, who may do everything. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { digestOf } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { HubFixture, type PushedImage } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(60_000);

type Needs = 'pull' | 'pull,push' | 'delete';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly needs: Needs;
  readonly body?: string;
}

const grants = ['', 'pull', 'push', 'delete', 'pull,push', 'pull,delete', 'push,delete'];

/** One of every route and method; what is named is not there, so that nothing changes from one to the next. */
function everything({ digest, layer, bytes }: PushedImage, upload: string): readonly Asked[] {
  const none = digestOf('none');
  return [
    { method: 'HEAD', path: 'manifests/latest', needs: 'pull' },
    { method: 'GET', path: 'manifests/latest', needs: 'pull' },
    { method: 'GET', path: `manifests/${digest}`, needs: 'pull' },
    { method: 'PUT', path: 'manifests/latest', needs: 'pull,push', body: bytes },
    { method: 'PUT', path: 'manifests/new', needs: 'pull,push', body: bytes },
    { method: 'PUT', path: `manifests/${digest}`, needs: 'pull,push', body: bytes },
    { method: 'DELETE', path: 'manifests/none', needs: 'delete' },
    { method: 'DELETE', path: `manifests/${none}`, needs: 'delete' },
    { method: 'HEAD', path: `blobs/${layer}`, needs: 'pull' },
    { method: 'GET', path: `blobs/${layer}`, needs: 'pull' },
    { method: 'DELETE', path: `blobs/${none}`, needs: 'delete' },
    { method: 'POST', path: 'blobs/uploads/', needs: 'pull,push' },
    { method: 'POST', path: `blobs/uploads/?digest=${digestOf('x')}`, needs: 'pull,push', body: 'x' },
    { method: 'POST', path: `blobs/uploads/?mount=${layer}&from=alice/other`, needs: 'pull,push' },
    { method: 'GET', path: `blobs/uploads/${upload}`, needs: 'pull,push' },
    { method: 'PATCH', path: `blobs/uploads/${upload}`, needs: 'pull,push', body: '' },
    { method: 'PUT', path: `blobs/uploads/${upload}?digest=${none}`, needs: 'pull,push', body: '' },
    { method: 'DELETE', path: `blobs/uploads/${crypto.randomUUID()}`, needs: 'pull,push' },
    { method: 'GET', path: 'tags/list', needs: 'pull' },
    { method: 'GET', path: `referrers/${digest}`, needs: 'pull' },
  ];
}

describe('a token', () => {
  const resources = new AsyncDisposableStack();
  let hub: HubFixture;
  let asked: readonly Asked[] = [];

  beforeAll(async () => {
    hub = resources.use(await HubFixture.create('alice'));
    const image = await hub.pushImage('alice', 'alice/app', 'latest');
    const token = await hub.fullToken('alice', 'alice/app');
    const begun = await hub.send('POST', '/v2/alice/app/blobs/uploads/', { token });
    asked = everything(image, (begun.headers.get('Location') ?? '').split('/').at(-1) ?? '');
  });

  afterAll(() => resources.disposeAsync());

  test.each(grants)('for %p does that and nothing else', async (granted) => {
    const scope = `repository:alice/app:${granted}`;
    const token = await hub.token('alice', scope, 'repository:alice/other:pull,push,delete');
    for (const { method, path, needs, body } of asked) {
      const headers = {
        'Content-Type': path.startsWith('manifests') ? mediaTypes.ociManifest : 'text/plain',
      };
      const response = await hub.send(method, `/v2/alice/app/${path}`, {
        token,
        headers,
        ...(body !== undefined && { body }),
      });
      const isOpen = needs.split(',').every((action) => granted.split(',').includes(action));
      expect({ method, path, isOpen: response.status !== 401 }).toEqual({ method, path, isOpen });
      if (isOpen) continue;
      const challenge = response.headers.get('WWW-Authenticate') ?? '';
      expect(challenge).toContain('error="insufficient_scope"');
      expect(challenge).toContain(`repository:alice/app:${needs}`);
    }
  });
});
