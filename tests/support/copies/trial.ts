/**
 * Three copies of the hub behind one address, over a real PostgreSQL and a real object store: 64 clients push and pull while copies
 * are killed or told to end, PostgreSQL is killed, and the store is slow, refuses, or breaks off; some of them remove what they have
 * pushed, and garbage is collected meanwhile. Then it is quiet, and what was acknowledged has to be there, and nothing else. A program of its own, so that all of it can be in a network namespace.
 *   bun tests/support/copies/trial.ts SEED SECONDS     prints a TrialReport as JSON
 */
import { sql } from 'kysely';
import { fsck } from '../../../src/hub/keeping/fsck/fsck.ts';
import { readHubConfig } from '../../../src/hub/config.ts';
import { type HubParts, openHubParts } from '../../../src/hub/parts.ts';
import { S3Client } from '../../../src/hub/storage/s3-client.ts';
import { readS3Config } from '../../../src/hub/storage/s3-config.ts';
import { PostgresServer } from '../../../src/hub/testing/postgres-server.ts';
import { messageOf } from '../../../src/lib/errors.ts';
import { createLog } from '../../../src/lib/log.ts';
import { type Digest, digestOf } from '../../../src/oci/image/digest.ts';
import { type Fault, faults, startFaultyProxy } from '../faulty-proxy.ts';
import { startSwift } from '../swift.ts';
import { startBalancer } from './balancer.ts';
import { HubCopy } from './hub-copy.ts';
import { type Pushed, RetryingClient } from './retrying-client.ts';

export interface TrialReport {
  /** Images that were acknowledged, and pulled, while it went on. */
  readonly pushed: number;
  readonly pulled: number;
  /** Images whose removal was acknowledged, and that the garbage collector has taken since. */
  readonly collected: number;
  /** Those of them that it had taken before it was quiet. */
  readonly collectedMeanwhile: number;
  readonly retries: number;
  readonly events: readonly string[];
  /** Empty when all is well. */
  readonly failures: readonly string[];
}

const clients = 64;
const account = 'crowd';
const leastEvents = 5;
/** In seconds: garbage is what nothing needs for so long. Short, so that it is collected between kills, and under pushes that last. */
const grace = 10;
/** In milliseconds, after the grace. */
const patience = 120_000;

/** An image that was pushed and removed, with a layer that no other one has. */
interface Removed extends Pushed {
  readonly layer: Digest;
}

/** The same numbers for the same seed. https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32 */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Trial {
  readonly #random: () => number;
  readonly #client: RetryingClient;
  readonly #end: number;
  readonly pushed: Pushed[] = [];
  readonly removed: Removed[] = [];
  readonly events: string[] = [];
  readonly failures: string[] = [];
  pulled = 0;

  constructor(seed: number, seconds: number, client: RetryingClient) {
    this.#random = randomOf(seed);
    this.#client = client;
    this.#end = Date.now() + seconds * 1000;
  }

  /** On a slow machine it takes longer until enough has happened. */
  get #isOver(): boolean {
    return Date.now() >= this.#end && this.events.length >= leastEvents;
  }

  /** Pushes and pulls until it is over, at least once. */
  async visit(number: number): Promise<void> {
    const repository = `${account}/app${number % 16}`;
    try {
      for (let round = 0; round === 0 || !this.#isOver; round += 1) {
        const tag = `t${number}-${round}`;
        const isLarge = this.#random() < 0.02;
        const own = layer(tag, isLarge ? 9_000_000 : 30_000);
        this.pushed.push(await this.#client.push(repository, tag, [layer('base of all', 60_000), own]));
        const some = this.pushed[Math.floor(this.#random() * this.pushed.length)];
        if (some) await this.#client.pull(some);
        this.pulled += 1;
        if (number % 4 === 0) await this.#pushAndRemove(repository, `gone-${tag}`);
      }
    } catch (error) {
      this.failures.push(`client ${number}: ${messageOf(error)}`);
    }
  }

  async #pushAndRemove(repository: string, tag: string): Promise<void> {
    const own = layer(tag, 20_000);
    const pushed = await this.#client.push(repository, tag, [layer('base of all', 60_000), own]);
    await this.#client.delete(pushed);
    this.removed.push({ ...pushed, layer: digestOf(own) });
  }

  /** One copy after the other ends, by kill -9 or as it is told to; in between PostgreSQL does. */
  async disturb(copies: readonly HubCopy[], postgres: PostgresServer): Promise<void> {
    while (!this.#isOver) {
      await Bun.sleep(300 + this.#random() * 1500);
      const chance = this.#random();
      if (chance < 0.25) {
        this.events.push('PostgreSQL is killed');
        await postgres.kill();
        await Bun.sleep(this.#random() * 1500);
        await postgres.resume();
        continue;
      }
      const copy = copies[Math.floor(this.#random() * copies.length)];
      const signal = chance < 0.85 ? 'SIGKILL' : 'SIGTERM';
      this.events.push(`${signal} for ${copy?.url}`);
      await copy?.end(signal);
      await Bun.sleep(this.#random() * 1000);
      await copy?.start();
    }
  }

  /** What becomes of a request to the store. */
  trouble(request: Request): Fault | undefined {
    if (this.#isOver) return undefined;
    const chance = this.#random();
    if (chance < 0.03) return faults.status(503);
    if (chance < 0.04) return faults.lostAnswer;
    if (chance < 0.05 && request.method === 'GET') return faults.truncated;
    return chance < 0.1 ? faults.slow(this.#random() * 2000) : undefined;
  }

  /** The audit log has each push once, however often its client has had to send it. */
  async verifyAudit({ database }: HubParts): Promise<void> {
    const entries = await database.read(
      sql<{ name: string; data: string }>`SELECT name, data FROM audit WHERE action = 'repo.tag.push'`,
    );
    const found = entries.map(({ name, data }) => {
      const { tag, digest } = JSON.parse(data) as { tag: string; digest: string };
      return `${name}:${tag} ${digest}`;
    });
    for (const { repository, tag, digest } of [...this.pushed, ...this.removed]) {
      const times = found.filter((each) => each === `${repository}:${tag} ${digest}`).length;
      if (times !== 1) this.failures.push(`the audit log has ${repository}:${tag} ${times} times`);
    }
  }

  /** Removed images whose layer is gone already. */
  async countCollected({ contents }: HubParts): Promise<number> {
    const found = await Promise.all(this.removed.map(({ layer: digest }) => contents.stat(digest)));
    return found.filter((blob) => !blob).length;
  }

  /** What was removed is garbage, and goes; all else is whole. */
  async verifyContents(parts: HubParts): Promise<void> {
    const end = Date.now() + grace * 1000 + patience;
    for (const { tag, layer: digest } of this.removed) {
      while ((await parts.contents.stat(digest)) && Date.now() < end) await Bun.sleep(500);
      if (await parts.contents.stat(digest)) this.failures.push(`the layer of ${tag} was never collected`);
    }
    for await (const problem of fsck(parts, { isQuick: false })) this.failures.push(JSON.stringify(problem));
  }

  /** Everything that was acknowledged, through each of these. */
  async verify(urls: readonly string[]): Promise<void> {
    const each = urls.map(async (url, at) => {
      const client = new RetryingClient(url, account);
      for (const pushed of this.pushed.filter((_, number) => number % urls.length === at)) {
        try {
          await client.pull(pushed);
          const named = await client.digestOfTag(pushed.repository, pushed.tag);
          if (named !== pushed.digest) this.failures.push(`${pushed.tag} names ${named}`);
        } catch (error) {
          this.failures.push(`lost: ${messageOf(error)}`);
        }
      }
      for (const { repository, tag } of this.removed.filter((_, number) => number % urls.length === at)) {
        if ((await client.digestOfTag(repository, tag)) !== null) this.failures.push(`${tag} is there again`);
      }
    });
    await Promise.all(each);
  }
}

function layer(name: string, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  bytes.set(new TextEncoder().encode(name));
  return bytes;
}

async function run(seed: number, seconds: number): Promise<TrialReport> {
  await using stack = new AsyncDisposableStack();
  const swift = stack.use(await startSwift());
  const store = stack.use(startFaultyProxy(swift.endpoint));
  const postgres = stack.use(await PostgresServer.start());
  const settings = {
    CAIS_HUB_DATABASE: await postgres.create(),
    CAIS_HUB_BLOBS: `s3://blobs/hub?endpoint=${store.url}&downloads=stream`,
    AWS_ACCESS_KEY_ID: swift.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: swift.credentials.secretAccessKey,
    // What is under way has two seconds to end.
    CAIS_HUB_DRAIN: '0',
    CAIS_HUB_GC_GRACE: `${grace}s`,
    CAIS_HUB_GC_INTERVAL: '2s',
  };
  await new S3Client(readS3Config(settings.CAIS_HUB_BLOBS, settings)).call('PUT', null);
  const copies = await Promise.all([1, 2, 3].map(() => HubCopy.start(settings)));
  for (const copy of copies) stack.use(copy);
  const balancer = stack.use(await startBalancer(copies.map(({ port }) => port)));
  const client = new RetryingClient(balancer.url, account);
  await client.signUp();
  const trial = new Trial(seed, seconds, client);
  store.breakSometimes((request) => trial.trouble(request));
  const visits = Array.from({ length: clients }, (_, number) => trial.visit(number));
  await Promise.all([trial.disturb(copies, postgres), ...visits]);
  await using parts = await openHubParts(readHubConfig({}, settings), createLog('hub', 'silent'));
  const collectedMeanwhile = await trial.countCollected(parts);
  await trial.verify(copies.map(({ url }) => url));
  await trial.verifyAudit(parts);
  await trial.verifyContents(parts);
  const { pushed, pulled, removed, events, failures } = trial;
  return {
    pushed: pushed.length,
    pulled,
    collected: removed.length,
    collectedMeanwhile,
    retries: client.retries,
    events,
    failures,
  };
}

if (import.meta.main) {
  const [seed, seconds] = process.argv.slice(2).map(Number);
  process.stdout.write(`${JSON.stringify(await run(seed ?? 1, seconds ?? 20))}\n`);
}
