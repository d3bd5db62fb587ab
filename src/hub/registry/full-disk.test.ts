/** A disk without space: what is sent is refused with the reason, what was there stays, and pushes work as soon as there is room. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { type HubProcess, startHubProcess } from '../testing/hub-process.ts';
import { ImageClient } from '../testing/image-client.ts';

const megabyte = 1024 * 1024;
const repository = 'alice/app';
const layer = new Uint8Array(megabyte).fill(1);
const large = new Uint8Array(30 * megabyte).fill(2);

let disk = '';
let hub: HubProcess;
let client: ImageClient;

beforeAll(async () => {
  disk = await mkdtemp(join(tmpdir(), 'cais-hub-disk-'));
  expect(Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk]).exitCode).toBe(0);
  hub = await startHubProcess(disk);
  client = await ImageClient.signUp(hub.url, 'alice');
  expect(await client.push(repository, 'before', [layer])).toBeDefined();
});
afterAll(async () => {
  await hub.kill();
  Bun.spawnSync(['umount', disk]);
  await rm(disk, { recursive: true, force: true });
});

async function expectFull(response: Response): Promise<void> {
  expect(await response.json()).toMatchObject({
    errors: [{ code: 'UNAVAILABLE', message: expect.stringContaining('no space left on device') }],
  });
  expect(response.status).toBe(503);
}

test('a blob that does not fit is refused with the reason and takes no room', async () => {
  const digest = digestOf(large);
  await expectFull(await client.send(repository, 'POST', `blobs/uploads/?digest=${digest}`, { body: large }));
  const begun = await client.send(repository, 'POST', 'blobs/uploads/');
  const session = begun.headers.get('Location')?.split(`${repository}/`)[1] ?? '';
  await expectFull(await client.send(repository, 'PATCH', session, { body: large }));
  expect((await client.send(repository, 'GET', session)).status).toBe(404);
  expect(await readdir(join(disk, 'hub/ingest'))).toEqual([]);
  expect(await client.push(repository, 'between', [new Uint8Array(5 * megabyte).fill(3)])).toBeDefined();
});

test('without room for a row nothing changes, and the next push after there is some works', async () => {
  const ballast = join(disk, 'ballast');
  Bun.spawnSync(['dd', 'if=/dev/zero', `of=${ballast}`, 'bs=4k'], { stderr: 'ignore' });
  const manifest = await (await client.send(repository, 'GET', 'manifests/before')).text();
  const headers = { 'Content-Type': mediaTypes.ociManifest };
  // The room that the database's files have left is used up first.
  let tags = 0;
  let answer: Response;
  for (; ; tags++) {
    answer = await client.send(repository, 'PUT', `manifests/t${tags}`, { headers, body: manifest });
    if (answer.status !== 201) break;
    expect(tags).toBeLessThan(1000);
  }
  await expectFull(answer);
  expect((await client.send(repository, 'HEAD', `manifests/t${tags}`)).status).toBe(404);
  await client.pull(repository, 'before');
  await rm(ballast);
  const again = await client.send(repository, 'PUT', `manifests/t${tags}`, { headers, body: manifest });
  expect(again.status).toBe(201);
  expect(await client.push(repository, 'after', [layer, new Uint8Array(megabyte).fill(4)])).toBeDefined();
  for (const tag of ['before', 'between', 'after', `t${tags}`]) await client.pull(repository, tag);
});
