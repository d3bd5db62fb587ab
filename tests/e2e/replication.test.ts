/** Replication to docker-registry: no referrers of its own, no deletion of a tag alone. */
import { expect, setDefaultTimeout, test } from 'bun:test';
import { referrersTag } from '../../src/oci/attestation/referrers.ts';
import { digestOf } from '../../src/oci/image/digest.ts';
import { mediaTypes } from '../../src/oci/image/media-type.ts';
import { HubFixture } from '../../src/hub/testing/hub-fixture.ts';
import { startDistribution } from '../support/distribution.ts';
import { eventually } from '../support/eventually.ts';

setDefaultTimeout(120_000);

test('images, what refers to them, and deletions reach a registry that knows less', async () => {
  await using registry = await startDistribution();
  await using hub = await HubFixture.create('root1', 'alice');
  const session = await hub.session('root1');
  const body = {
    name: 'away',
    repositories: 'alice/*',
    registry: `http://${registry.host}`,
    deletions: true,
  };
  const made = await hub.send('POST', '/v2/system/replications', { token: session, body });
  expect(made.status).toBe(201);
  const there = (reference: string): Promise<Response> =>
    fetch(`http://${registry.host}/v2/alice/app/manifests/${reference}`, {
      headers: { Accept: `${mediaTypes.ociManifest}, ${mediaTypes.ociIndex}` },
    });
  const statusOf = async (reference: string): Promise<number> => (await there(reference)).status;

  const image = await hub.pushImage('alice', 'alice/app', '1.0');
  const token = await hub.fullToken('alice', 'alice/app');
  const empty = await hub.pushBlob(token, 'alice/app', '{}');
  const signature = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType: 'application/vnd.test.signature',
    config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: empty, size: 2 },
    layers: [],
    subject: { mediaType: mediaTypes.ociManifest, digest: image.digest, size: image.bytes.length },
  });
  await hub.putManifest(token, 'alice/app', digestOf(signature), signature);
  await eventually(async () => expect(await statusOf(referrersTag(image.digest))).toBe(200));
  expect(await (await there('1.0')).text()).toBe(image.bytes);
  const listed = (await (await there(referrersTag(image.digest))).json()) as {
    manifests: { digest: string }[];
  };
  expect(listed.manifests.map(({ digest }) => digest)).toEqual([digestOf(signature)]);

  await hub.pushImage('alice', 'alice/app', '2.0');
  await eventually(async () => expect(await statusOf('2.0')).toBe(200));
  const alice = await hub.session('alice');
  await hub.send('DELETE', '/v2/namespaces/alice/repositories/app/tags/2.0', { token: alice });
  await eventually(async () => expect(await statusOf('2.0')).toBe(404));
  expect(await statusOf('1.0')).toBe(200);
});
