/** kill -9 of the hub that copies, and of the registry that it copies to, in the middle of a layer: both real processes. */
import { expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HubClient } from '../../src/hub-api/client.ts';
import { type HubProcess, startHubProcess } from '../../src/hub/testing/hub-process.ts';
import { pushImage, type PushedImage } from '../browser/support/push-image.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultyProxy } from '../support/faulty-proxy.ts';
import { tokenFor } from '../support/hub-account.ts';

const account = { username: 'root1', password: 'sail-to-the-quay-9' };
const layer = 2_000_000;
const patience = 240_000;

/** A hub that is killed and comes back at another port, with what it had. */
class Mortal implements AsyncDisposable {
  readonly #directory: string;
  #process: HubProcess;

  private constructor(directory: string, process: HubProcess) {
    this.#directory = directory;
    this.#process = process;
  }

  static async start(): Promise<Mortal> {
    const directory = await mkdtemp(join(tmpdir(), 'cais-replication-'));
    const hub = new Mortal(directory, await startHubProcess(directory));
    await new HubClient({ baseUrl: hub.url }).signup({ ...account, email: 'root1@hub.test' });
    return hub;
  }

  get url(): string {
    return this.#process.url.replace(/\/$/, '');
  }

  async client(): Promise<HubClient> {
    const { token } = await new HubClient({ baseUrl: this.url }).login(account);
    return new HubClient({ baseUrl: this.url, token });
  }

  async killAndStart(): Promise<void> {
    await this.#process.kill();
    this.#process = await startHubProcess(this.#directory);
  }

  /** The bytes of a manifest or a blob. */
  async get(repository: string, what: string): Promise<Buffer> {
    const token = await tokenFor(
      this.url,
      account.username,
      account.password,
      `repository:${repository}:pull`,
    );
    const accept = 'application/vnd.oci.image.manifest.v1+json';
    const headers = { Authorization: `Bearer ${token}`, Accept: accept };
    const answer = await fetch(`${this.url}/v2/${repository}/${what}`, { headers });
    expect([what, answer.status]).toEqual([what, 200]);
    return Buffer.from(await answer.arrayBuffer());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.kill();
    await rm(this.#directory, { recursive: true });
  }
}

test('after kill -9 of either side a copy goes on: what is there then is the same, and nothing that had arrived was sent again', async () => {
  await using source = await Mortal.start();
  await using target = await Mortal.start();
  await using proxy = startFaultyProxy(() => target.url);
  const images = new Map<string, PushedImage>();
  for (const tag of ['1.0', '2.0']) {
    const push = { hubUrl: source.url, ...account, repository: 'root1/app', tag };
    images.set(
      tag,
      await pushImage(push, [
        ['one', layer],
        ['two', layer],
        ['three', layer],
      ]),
    );
  }
  const finished: string[] = [];
  let chunks = 0;
  proxy.breakSometimes((request) => {
    const digest = new URL(request.url).searchParams.get('digest');
    if (request.method === 'PUT' && digest !== null) {
      return async (_request, forward) => {
        const answer = await forward();
        if (answer.status === 201) finished.push(digest);
        return answer;
      };
    }
    if (request.method !== 'PATCH') return undefined;
    chunks += 1;
    // So that whoever kills comes in time.
    return async (_request, forward) => {
      await Bun.sleep(400);
      return forward();
    };
  });
  const { id } = await (
    await source.client()
  ).rules.createReplication({
    ...account,
    name: 'away',
    repositories: 'root1/*',
    registry: proxy.url,
    prefix: 'root1/',
  });
  const blobs = 8;
  await eventually(() => expect(finished.length).toBeGreaterThanOrEqual(2), patience);
  expect(finished.length).toBeLessThan(blobs - 1);
  await source.killAndStart();
  const before = finished.length;
  // The lease of the dead ends by itself.
  await eventually(() => expect(finished.length).toBeGreaterThan(before), patience);
  expect(finished.length).toBeLessThan(blobs);
  await target.killAndStart();
  const { rules } = await source.client();
  await eventually(async () => {
    const { results } = await rules.replicationItems(id);
    expect(results.map(({ tag, state }) => `${tag} ${state}`).toSorted()).toEqual(['1.0 done', '2.0 done']);
  }, patience);
  for (const [tag, image] of images) {
    const wanted = [`manifests/${tag}`, ...image.layers.map(({ digest }) => `blobs/${digest}`)];
    for (const what of [...wanted, `blobs/${image.configDigest}`]) {
      const here = await source.get('root1/app', what);
      expect([what, (await target.get('root1/root1/app', what)).equals(here)]).toEqual([what, true]);
    }
  }
  expect(finished.toSorted()).toEqual([...new Set(finished)].toSorted());
  // A comparison of everything finds all of it there.
  const sent = chunks;
  await rules.runReplication(id);
  await eventually(async () => {
    const [rule] = (await rules.replications()).results;
    expect(rule?.last_compared).not.toBeNull();
    expect(rule).toMatchObject({ waiting: 0, failed: 0, done: 2 });
  }, patience);
  expect(chunks).toBe(sent);
}, 600_000);
