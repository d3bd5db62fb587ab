/** Bit rot: a disk changes or loses bytes, the check finds them, and a push brings them back. */
import { expect, setDefaultTimeout, test } from 'bun:test';
import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, hexOf } from '../../oci/image/digest.ts';
import { HubFixture } from '../testing/hub-fixture.ts';
import { type Damage, findDamage, takeAway } from './check-blobs.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

/** As the shell does it, beside the hub that serves. */
async function check(hub: HubFixture, repair = false): Promise<Damage[]> {
  await using parts = await hub.openParts();
  const found = await Array.fromAsync(findDamage(parts));
  if (repair) for (const damage of found) await takeAway(parts, damage);
  return found;
}

function fileOf(hub: HubFixture, digest: Digest): string {
  const hex = hexOf(digest);
  return join(hub.directory, 'hub/blobs/sha256', hex.slice(0, 2), hex);
}

test('what is whole is left alone', async () => {
  await using hub = await HubFixture.create('alice');
  await hub.pushImage('alice', 'alice/app', 'latest');
  expect(await check(hub, true)).toEqual([]);
});

test('a flipped byte and a lost file are found with the images that they break, and healed by a push', async () => {
  await using hub = await HubFixture.create('alice', 'bob');
  const image = await hub.pushImage('alice', 'alice/app', 'latest');
  await hub.pushImage('bob', 'bob/copy', 'latest');
  const file = fileOf(hub, image.layer);
  const bytes = await Bun.file(file).bytes();
  bytes[3] = (bytes[3] ?? 0) ^ 1;
  await chmod(file, 0o644);
  await Bun.write(file, bytes);
  await rm(fileOf(hub, image.config));
  const repositories = ['alice/app', 'bob/copy'];
  const damage: Damage[] = [
    { digest: image.layer, kind: 'changed', repositories },
    { digest: image.config, kind: 'missing', repositories },
  ];
  expect(await check(hub)).toEqual(damage);
  expect(await check(hub, true)).toEqual(damage);
  expect(await check(hub)).toEqual([]);
  const token = await hub.fullToken('alice', 'alice/app');
  const statusOf = async (method: string, digest: Digest): Promise<number> =>
    (await hub.send(method, `/v2/alice/app/blobs/${digest}`, { token })).status;
  for (const digest of [image.layer, image.config]) {
    expect([await statusOf('HEAD', digest), await statusOf('GET', digest)]).toEqual([404, 404]);
  }
  await hub.pushImage('alice', 'alice/app', 'latest');
  const got = await hub.send('GET', `/v2/alice/app/blobs/${image.layer}`, { token });
  expect(await got.text()).toBe('layer of latest');
  expect(await check(hub)).toEqual([]);
});
