/** Does what the queue holds, while the hub serves: a few tags at a time, woken by pushes and looking now and then. */
import { messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { ContentStore } from '../../oci/content/content-store.ts';
import type { RegistryClient } from '../../oci/distribution/client.ts';
import { RegistryError } from '../../oci/distribution/errors.ts';
import type { Digest } from '../../oci/image/digest.ts';
import type { RepositoryName } from '../../oci/image/reference.ts';
import type { HubDatabase } from '../db/database.ts';
import type { Events, HubEvent } from '../events.ts';
import type { ManifestStore } from '../repositories/manifest-store.ts';
import { tryParseRepositoryPath } from '../repositories/repository-path.ts';
import { type RepositoryStore, visibilityOf } from '../repositories/repository-store.ts';
import type { TraceAlone } from '../request-context.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { ImageCopier } from './copy-image.ts';
import { isShared, replicatedHolders } from './replicated.ts';
import { type LeasedItem, leaseTime, type ReplicationQueue } from './replication-queue.ts';
import type { ReplicationStore } from './replication-store.ts';
import { clientOf, type ReplicationRule, RuleMatcher, targetOf } from './rule.ts';
import { Uploads } from './uploads.ts';

export interface ReplicatorParts {
  readonly database: HubDatabase;
  readonly contents: ContentStore;
  readonly manifests: ManifestStore;
  readonly repositories: RepositoryStore;
  readonly replications: ReplicationStore;
  readonly replicationQueue: ReplicationQueue;
  readonly secrets: Secrets;
  readonly events: Events;
  readonly traceAlone: TraceAlone;
}

const workers = 2;
/** In milliseconds: what other copies of the hub were pushed, and what is tried again, is seen so late. */
const lookEvery = 5_000;
const waking: ReadonlySet<HubEvent['kind']> = new Set([
  'manifest-pushed',
  'manifest-deleted',
  'tag-restored',
  'tag-expired',
  'repository-deleted',
  'repository-restored',
  'repository-moved',
  'replication-changed',
] as const);

export class Replicator implements AsyncDisposable {
  readonly #parts: ReplicatorParts;
  readonly #log: Log;
  readonly #uploads = new Uploads();
  readonly #stop = new AbortController();
  readonly #listening: Disposable;
  readonly #working: Promise<unknown>;
  #woken = Promise.withResolvers<void>();

  constructor(parts: ReplicatorParts, log: Log) {
    this.#parts = parts;
    this.#log = log;
    this.#listening = parts.events.listen(({ kind }) => {
      if (waking.has(kind)) this.#wake();
    });
    this.#working = Promise.all(Array.from({ length: workers }, () => this.#work()));
  }

  #wake(): void {
    this.#woken.resolve();
    this.#woken = Promise.withResolvers();
  }

  async #work(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const woken = this.#woken.promise;
      if (!(await this.#next())) await pause(woken, lookEvery);
    }
  }

  /** True when there may be more to do. */
  async #next(): Promise<boolean> {
    const { replicationQueue: queue } = this.#parts;
    try {
      if (!(await queue.hasRules())) return false;
      await queue.takeUp();
      const item = this.#stop.signal.aborted ? undefined : await queue.claim();
      if (!item) return false;
      await this.#replicate(item);
      return true;
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#log.warn({ reason: messageOf(error) }, 'cannot replicate');
      return false;
    }
  }

  async #replicate(item: LeasedItem): Promise<void> {
    const { replicationQueue: queue, replications, events, traceAlone } = this.#parts;
    const rule = await replications.get(item.rule_id);
    const what = { rule: rule.name, repository: item.repository, reference: item.tag };
    const lost = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, lost.signal]);
    const task = new Task(this.#parts, rule, item, this.#uploads, signal);
    const beat = setInterval(() => {
      queue.renew(item, task.bytes).then(
        (isOurs) => isOurs || lost.abort(),
        () => undefined,
      );
    }, leaseTime / 10).unref();
    try {
      const attributes = { 'cais.rule': rule.name, 'cais.repository': item.repository, 'cais.tag': item.tag };
      const digest = await traceAlone('replicate', attributes, () => task.run());
      await queue.done(item, digest, task.bytes.total);
      if (digest !== item.digest) events.report({ kind: 'replicated', ...what, digest: digest ?? '' });
    } catch (error) {
      if (this.#stop.signal.aborted) return await queue.giveBack(item);
      const reason = messageOf(error);
      await queue.failed(item, reason);
      events.report({ kind: 'replication-failed', ...what, reason });
    } finally {
      clearInterval(beat);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listening[Symbol.dispose]();
    this.#stop.abort();
    this.#wake();
    await this.#working;
  }
}

/** One tag of one rule. */
class Task {
  readonly #parts: ReplicatorParts;
  readonly #rule: ReplicationRule;
  readonly #item: LeasedItem;
  readonly #uploads: Uploads;
  readonly #signal: AbortSignal;
  #copier: ImageCopier | undefined;

  constructor(
    parts: ReplicatorParts,
    rule: ReplicationRule,
    item: LeasedItem,
    uploads: Uploads,
    signal: AbortSignal,
  ) {
    this.#uploads = uploads;
    this.#parts = parts;
    this.#rule = rule;
    this.#item = item;
    this.#signal = signal;
  }

  get bytes(): ImageCopier['bytes'] {
    return this.#copier?.bytes ?? { done: 0, total: 0 };
  }

  /** What the tag is here it is there. @returns its digest; undefined when it is no longer the rule's matter. */
  async run(): Promise<Digest | undefined> {
    const { repository: path, tag, digest } = this.#item;
    const matcher = new RuleMatcher(this.#rule);
    if (!matcher.matchesRepository(path) || !matcher.matchesTag(tag)) return undefined;
    const client = await clientOf(this.#rule, this.#parts.secrets, this.#signal);
    const copied = await this.#copy(client);
    if (copied === undefined && digest !== null && this.#rule.mirrors_deletions === 1) {
      await this.#remove(client, digest as Digest);
    }
    return copied;
  }

  async #copy(client: RegistryClient): Promise<Digest | undefined> {
    const { contents, manifests, repositories, database } = this.#parts;
    const path = tryParseRepositoryPath(this.#item.repository);
    const repository = path && (await repositories.find(path));
    if (!repository || visibilityOf(repository) === 'absent') return undefined;
    const holdersOf = async (blob: Digest): Promise<readonly RepositoryName[]> =>
      (await replicatedHolders(database, this.#item, blob)).map((holder) => targetOf(this.#rule, holder));
    this.#copier = new ImageCopier(
      { contents, manifests, repositoryId: repository.id },
      {
        client,
        name: targetOf(this.#rule, this.#item.repository),
        holdersOf,
        uploads: this.#uploads,
        signal: this.#signal,
      },
    );
    return this.#copier.copyTag(this.#item.tag);
  }

  /** By its name; a registry that removes manifests only is asked for that, unless another tag has it too. */
  async #remove(client: RegistryClient, digest: Digest): Promise<void> {
    const name = targetOf(this.#rule, this.#item.repository);
    try {
      await client.deleteManifest(name, this.#item.tag);
    } catch (error) {
      const isUnknown = error instanceof RegistryError && (error.status === 400 || error.status === 405);
      if (!isUnknown) throw error;
      if (!(await isShared(this.#parts.database, this.#item, digest)))
        await client.deleteManifest(name, digest);
    }
  }
}

async function pause(woken: Promise<void>, milliseconds: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds).unref();
  await Promise.race([woken, promise]);
  clearTimeout(timer);
}
