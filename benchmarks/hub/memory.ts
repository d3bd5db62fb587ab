/** How much memory a registry takes: when idle, under load, and while many clients move large blobs, which has to stay flat. */
import { type Digest, Digester } from '../../src/oci/image/digest.ts';
import { mediaTypes } from '../../src/oci/image/media-type.ts';
import { forgetPeak, peakOf } from '../../tests/support/peak-memory.ts';
import { type Answered, prepareRequest, sendLoad } from '../support/http-load.ts';
import { type Row, summarize } from '../support/measure.ts';
import { BenchClient, prepareImage } from './client.ts';
import type { Registry } from './registries.ts';

const megabyte = 1024 * 1024;
const clients = 32;

export async function askMemory(registries: readonly Registry[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const registry of registries) {
    const tell = async (what: string): Promise<void> => {
      rows.push(
        summarize(`resident, ${what}`, registry.name, 'MB', [(await peakOf(registry.pid)) / megabyte]),
      );
      await forgetPeak(registry.pid);
    };
    await Bun.sleep(5000);
    await forgetPeak(registry.pid);
    await tell('idle');
    const client = await BenchClient.of(registry);
    await client.pushImage(prepareImage(new Uint8Array(1000), 'latest'));
    await forgetPeak(registry.pid);
    const get = async (address: string, connections: number, seconds: number): Promise<Answered> => {
      const { origin, pathname } = new URL(address);
      const headers = { Accept: mediaTypes.ociManifest, ...(await registry.headers()) };
      const requests = [prepareRequest('GET', pathname, headers)];
      return await sendLoad({ urls: [origin], next: () => requests, connections, seconds });
    };
    await get(client.address('manifests/latest'), 16, 5);
    await tell('manifests to 16 connections');
    for (const size of [10, 100]) {
      const digests = await Promise.all(Array.from({ length: clients }, () => push(client, size)));
      await tell(`${clients} clients push ${size} MB each`);
      await Promise.all(digests.map((digest) => get(client.address(`blobs/${digest}`), 1, 0)));
      await tell(`${clients} clients pull ${size} MB each`);
    }
  }
  return rows;
}

/** A blob that nobody else sends: a stamp, and one megabyte over and over. */
async function push(client: BenchClient, size: number): Promise<Digest> {
  const first = crypto.getRandomValues(new Uint8Array(32));
  const rest = new Uint8Array(megabyte).fill(first[0] ?? 0);
  const digester = new Digester().update(first);
  for (let part = 0; part < size; part++) digester.update(rest);
  const digest = digester.digest();
  let sent = -1;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent === size) controller.close();
      else controller.enqueue(sent < 0 ? first : rest);
      sent += 1;
    },
  });
  await client.pushBlob(body, digest);
  return digest;
}
