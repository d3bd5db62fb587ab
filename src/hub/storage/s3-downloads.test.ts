/** Clients get blobs of a private repository from the object store itself: right bytes, and the hub's token is not sent there. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import { faults, type FaultyProxy, startFaultyProxy } from '../../../tests/support/faulty-proxy.ts';
import { startSkopeo } from '../../../tests/support/peers.ts';
import { type Swift, startSwift } from '../../../tests/support/swift.ts';
import { RegistryClient } from '../../oci/distribution/client.ts';
import { endpointOf } from '../../oci/distribution/endpoint.ts';
import { readBlob } from '../../oci/distribution/transfer.ts';
import { type Digest, digestOf, hexOf } from '../../oci/image/digest.ts';
import type { RepositoryName } from '../../oci/image/reference.ts';
import { password } from '../testing/hub-fixture.ts';
import { RegistryTarget } from '../testing/registry-target.ts';
import { S3Client } from './s3-client.ts';
import { readS3Config } from './s3-config.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(180_000);

let swift: Swift;
/** The store as clients reach it; the hub goes there by another way. */
let store: FaultyProxy;
let registry: RegistryTarget;
let name: RepositoryName;
let client: RegistryClient;
/** What clients have sent to the store. */
const asked: Request[] = [];
const text = 'the quick brown fox. '.repeat(100_000);
let blob: { readonly digest: Digest; readonly size: number; readonly mediaType: string };

beforeAll(async () => {
  swift = await startSwift();
  store = startFaultyProxy(swift.endpoint);
  const settings = {
    CAIS_HUB_BLOBS: `s3://blobs/hub?endpoint=${swift.endpoint}&public-endpoint=${store.url}&downloads=redirect`,
    AWS_ACCESS_KEY_ID: swift.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: swift.credentials.secretAccessKey,
  };
  await new S3Client(readS3Config(settings.CAIS_HUB_BLOBS, settings)).call('PUT', null);
  registry = await RegistryTarget.startWith({ settings }, 'root1', 'alice');
  const { hub, url } = registry;
  await hub.pushImage('alice', 'alice/app', '1.0');
  await hub.send('PATCH', '/v2/repositories/alice/app/', {
    token: await hub.session('alice'),
    body: { is_private: true },
  });
  const digest = await hub.pushBlob(await hub.fullToken('alice', 'alice/app'), 'alice/app', text);
  blob = { digest, size: text.length, mediaType: 'application/octet-stream' };
  const domain = new URL(url).host;
  name = { domain, path: 'alice/app' };
  client = new RegistryClient({
    endpoint: endpointOf(domain, { hub: new URL(url), insecureRegistries: [] }),
    credentials: { kind: 'password', username: 'alice', password },
  });
  store.breakSometimes((request) => {
    asked.push(request);
    return undefined;
  });
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  await swift[Symbol.asyncDispose]();
});

/** Of this blob, without what the hub or a client would be known by. */
function expectPlain(requests: readonly Request[], digest: Digest): void {
  expect(requests.length).toBeGreaterThan(0);
  for (const { url, headers } of requests) {
    expect(url).toContain(hexOf(digest));
    expect([headers.get('Authorization'), headers.get('Cookie')]).toEqual([null, null]);
  }
}

test.each([0, 1_000_000])('our own client reads a blob from byte %i on', async (offset) => {
  asked.length = 0;
  const { offset: begins, stream } = await client.getBlob(name, blob.digest, offset);
  expect([begins, (await new Response(stream).text()) === text.slice(offset)]).toEqual([offset, true]);
  expect(asked).toHaveLength(1);
  expectPlain(asked, blob.digest);
});

test('a download that the store breaks off goes on there by a new address', async () => {
  asked.length = 0;
  store.breakNext(
    () => true,
    (request, forward) => {
      asked.push(request);
      return faults.truncated(request, forward);
    },
  );
  const parts = await Array.fromAsync(readBlob({ client, name }, blob, 0, { pauseMilliseconds: 1 }));
  expect(digestOf(Buffer.concat(parts))).toBe(blob.digest);
  expect(asked.map(({ headers }) => headers.get('Range'))).toEqual([null, `bytes=${text.length / 2}-`]);
  expectPlain(asked, blob.digest);
});

test('skopeo copies an image', async () => {
  asked.length = 0;
  await using skopeo = await startSkopeo();
  const target = join(skopeo.directory, 'copy');
  const source = ['--src-tls-verify=false', '--src-creds', `alice:${password}`];
  await skopeo.run(['copy', '-q', ...source, `docker://${name.domain}/alice/app:1.0`, `dir:${target}`]);
  const layer = digestOf('layer of 1.0');
  expect(await Bun.file(join(target, hexOf(layer))).text()).toBe('layer of 1.0');
  expect(asked).toHaveLength(2);
  expectPlain(
    asked.filter(({ url }) => url.includes(hexOf(layer))),
    layer,
  );
  expect(asked.filter(({ headers }) => headers.has('Authorization'))).toEqual([]);
});
