/** kill -9 of a serving hub: what was answered is there, what was not is nowhere, and uploads go on. */
import { expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '../../oci/image/digest.ts';
import { password } from '../testing/hub-fixture.ts';
import { startHubProcess } from '../testing/hub-process.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

async function tokenFrom(url: string): Promise<string> {
  const response = await fetch(`${url}/token?scope=repository:alice/app:pull,push`, {
    headers: { Authorization: `Basic ${btoa(`alice:${password}`)}` },
  });
  return ((await response.json()) as { token: string }).token;
}

test('an upload cut off by kill -9 shows nothing, and goes on from what arrived', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'cais-hub-crash-'));
  let hub = await startHubProcess(directory);
  try {
    await fetch(`${hub.url}/v2/users/signup/`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ username: 'alice', email: 'a@hub.test', password }),
    });
    const headers = { Authorization: `Bearer ${await tokenFrom(hub.url)}` };
    const bytes = new Uint8Array(4 * 1024 * 1024).fill(7);
    const digest = digestOf(bytes);
    const started = await fetch(`${hub.url}/v2/alice/app/blobs/uploads/`, { method: 'POST', headers });
    const location = started.headers.get('Location') ?? '';
    const half = bytes.length / 2;
    await fetch(hub.url + location, { method: 'PATCH', headers, body: bytes.subarray(0, half) });
    const endless = new ReadableStream<Uint8Array>({
      async pull(controller) {
        controller.enqueue(bytes.subarray(0, 1024));
        await Bun.sleep(5);
      },
    });
    const cut = fetch(hub.url + location, { method: 'PATCH', headers, body: endless }).catch(() => undefined);
    await Bun.sleep(100);
    await hub.kill();
    await cut;
    expect(await readdir(join(directory, 'hub/blobs')).catch(() => [])).toEqual([]);

    hub = await startHubProcess(directory);
    const status = await fetch(hub.url + location, { headers });
    expect(status.status).toBe(204);
    const held = Number(status.headers.get('Range')?.split('-')[1]) + 1;
    expect(held).toBeGreaterThanOrEqual(half);
    // The bytes in between were never promised; here they happen to be right.
    const rest = bytes.subarray(held);
    const done = await fetch(`${hub.url}${location}?digest=${digest}`, {
      method: 'PUT',
      headers: { ...headers, 'Content-Range': `${held}-${bytes.length - 1}` },
      body: rest,
    });
    expect(done.status).toBe(201);
    await hub.kill();

    hub = await startHubProcess(directory);
    const head = await fetch(`${hub.url}/v2/alice/app/blobs/${digest}`, { method: 'HEAD', headers });
    expect(head.status).toBe(200);
    expect(await readdir(join(directory, 'hub/ingest'))).toEqual([]);
  } finally {
    await hub.kill();
    await rm(directory, { recursive: true, force: true });
  }
});
