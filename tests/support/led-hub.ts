/**
 * A hub whose upstream registry has its blobs at another address. A program of its own, for a network namespace where both addresses
 * are this machine's: what is private, and what everybody's, is seen as in a real network.
 *   bun tests/support/led-hub.ts REGISTRY BLOBS [NETWORK]     prints the hub's answer to the blob as JSON
 */
import { digestOf } from '../../src/oci/image/digest.ts';
import { HubFixture } from '../../src/hub/testing/hub-fixture.ts';
import { FakeRegistry } from './fake-registry.ts';
import { forBlob, pullerAt, settingsFor } from './hub-with-upstream.ts';

export interface Led {
  readonly status: number;
  /** The blob was given, whole. */
  readonly isWhole: boolean;
  readonly text: string;
}

const path = 'library/debian';

async function lead(registry: string, blobs: string, network = ''): Promise<Led> {
  await using upstream = new FakeRegistry(registry);
  await using store = new FakeRegistry(blobs);
  const settings = { ...settingsFor(upstream), CAIS_HUB_UPSTREAM_REACH: network };
  await using hub = await HubFixture.createWith({ settings });
  const digest = upstream.addBlob(path, new TextEncoder().encode('a layer of it'));
  store.intercept = () => new Response('a layer of it');
  upstream.intercept = forBlob(path, digest, () => Response.redirect(`${store.url.origin}/layer`, 307));
  const answer = await pullerAt(hub).get(`${path}/blobs/${digest}`);
  const text = await answer.text();
  return { status: answer.status, isWhole: digestOf(text) === digest, text };
}

if (import.meta.main) {
  const [registry = '', blobs = '', network] = process.argv.slice(2);
  process.stdout.write(`${JSON.stringify(await lead(registry, blobs, network))}\n`);
}
