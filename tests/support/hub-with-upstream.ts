/** A hub with an upstream registry of the test's own, and what a client without an account does with both. */
import { expect } from 'bun:test';
import { FakeRegistry, type Intercept } from './fake-registry.ts';
import { type Digest, digestOf } from '../../src/oci/image/digest.ts';
import { HubFixture } from '../../src/hub/testing/hub-fixture.ts';

/** What a client without an account does at a hub. */
export interface Puller {
  /** With a token for the repository, as a client asks for it. @param path below /v2/. */
  send(method: 'GET' | 'HEAD', path: string, headers?: Record<string, string>): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  head(path: string): Promise<Response>;
  /** The blob, whole. */
  blob(repository: string, digest: Digest): Promise<Uint8Array>;
  /** Everything that a tag names. @returns the manifest's digest. */
  pull(repository: string, tag: string): Promise<Digest>;
}

export interface HubWithUpstream extends Puller, AsyncDisposable {
  readonly hub: HubFixture;
  readonly upstream: FakeRegistry;
  /** Blobs and manifests that the cache holds. */
  held(): Promise<readonly string[]>;
}

/** @param settings of the hub; its upstreams are docker.io and ghcr.io, both the same registry. */
export async function startHubWithUpstream(
  settings: Readonly<Record<string, string>> = {},
  ...accounts: readonly string[]
): Promise<HubWithUpstream> {
  await using stack = new AsyncDisposableStack();
  const upstream = stack.use(new FakeRegistry());
  const given = { ...settingsFor(upstream), ...settings };
  const hub = stack.use(await HubFixture.createWith({ settings: given }, ...accounts));
  const started = stack.move();
  return {
    ...pullerAt(hub),
    hub,
    upstream,
    held: () => heldBy(hub),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** Of a hub whose upstreams are docker.io and ghcr.io, both this registry. */
export function settingsFor({ url: { origin } }: FakeRegistry): Readonly<Record<string, string>> {
  return { CAIS_HUB_UPSTREAM: `${origin} ghcr.io=${origin}` };
}

export function pullerAt(hub: HubFixture): Puller {
  const puller: Puller = {
    async send(method, path, headers = {}) {
      const repository = /^(.+)\/(?:manifests|blobs|tags|referrers)\//.exec(path)?.[1] ?? '';
      const named = new URLSearchParams(path.split('?')[1]).get('ns');
      const prefix = named === null || named === 'docker.io' ? '' : `${named}/`;
      const token = await hub.token(undefined, `repository:${prefix}${repository}:pull`);
      return hub.send(method, `/v2/${path}`, { token, headers });
    },
    get: (path, headers) => puller.send('GET', path, headers),
    head: (path) => puller.send('HEAD', path),
    async blob(repository, digest) {
      const response = await puller.get(`${repository}/blobs/${digest}`);
      expect(response.status).toBe(200);
      return response.bytes();
    },
    async pull(repository, tag) {
      const response = await puller.get(`${repository}/manifests/${tag}`);
      expect(response.status).toBe(200);
      const bytes = await response.bytes();
      const { config, layers } = JSON.parse(new TextDecoder().decode(bytes)) as {
        config: { digest: Digest };
        layers: { digest: Digest }[];
      };
      for (const { digest } of [config, ...layers])
        expect(digestOf(await puller.blob(repository, digest))).toBe(digest);
      return digestOf(bytes);
    },
  };
  return puller;
}

/** Blobs and manifests that the hub's cache holds. */
export async function heldBy(hub: HubFixture): Promise<readonly string[]> {
  await using parts = await hub.openParts();
  const { queries } = parts.database;
  const blobs = await queries.selectFrom('cached_blobs').select('digest').execute();
  const manifests = await queries.selectFrom('cached_manifests').select('digest').execute();
  return [...blobs, ...manifests].map(({ digest }) => digest).toSorted();
}

/** Answers in the place of the blob. */
export const forBlob =
  (repository: string, digest: Digest, answer: (request: Request) => Response | undefined): Intercept =>
  (request, line) =>
    line === `GET /v2/${repository}/blobs/${digest}` ? answer(request) : undefined;

/** Larger than what is withheld of a blob until it is verified. */
export const largeBlob = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 2_654_435_761) >>> 13);
