/** Webhooks, and what was delivered to whom. */
import { sql } from 'kysely';
import { ConflictError, NotFoundError } from '../../lib/errors.ts';
import type { HubDatabase } from '../db/database.ts';
import { addDelivery, giveUp } from './queue-deliveries.ts';
import type { PayloadFacts } from './payload.ts';
import type { Webhook, WebhookFormat } from './webhook.ts';

/** One repository's, or all of a namespace's. */
export interface WebhookScope {
  readonly namespace: string;
  readonly repositoryId: number | undefined;
}

export interface WebhookAttributes {
  readonly name: string;
  readonly url: string;
  readonly format: WebhookFormat;
  readonly events: readonly string[];
  readonly isActive: boolean;
}

export interface Delivery {
  readonly uuid: string;
  readonly event: string;
  readonly body: string;
  readonly created_at: number;
  readonly attempts: number;
  readonly next_at: number | null;
  readonly tried_at: number | null;
  readonly status: number | null;
  readonly took: number | null;
  readonly response: string | null;
  readonly failure: string | null;
}

export interface PlacedWebhook extends Webhook {
  /** A namespace, or a repository's path. */
  readonly of: string;
}

const maxWebhooks = 20;
const columnNames = [
  'id',
  'uuid',
  'namespace',
  'repository_id',
  'name',
  'url',
  'format',
  'events',
  'is_active',
  'failing_since',
  'disabled_at',
  'created_at',
];
const columns = sql.raw(columnNames.join(', '));
const placedColumns = sql.raw(columnNames.map((name) => `w.${name}`).join(', '));
const deliveryColumns = sql.raw(
  'uuid, event, body, created_at, attempts, next_at, tried_at, status, took, response, failure',
);

export class WebhookStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  list(scope: WebhookScope): Promise<readonly Webhook[]> {
    return this.#database.read(
      sql<Webhook>`SELECT ${columns} FROM webhooks WHERE ${within(scope)} ORDER BY id`,
    );
  }

  /** Everybody's whose id begins so, with where they are. */
  everywhere(idPrefix = ''): Promise<readonly PlacedWebhook[]> {
    return this.#database.read(
      sql<PlacedWebhook>`SELECT ${placedColumns}, CASE WHEN r.id IS NULL THEN w.namespace
          ELSE r.namespace || '/' || r.name END AS of
        FROM webhooks w LEFT JOIN repositories r ON r.id = w.repository_id
        WHERE substr(w.uuid, 1, ${idPrefix.length}) = ${idPrefix} ORDER BY of, w.id`,
    );
  }

  /** @throws NotFoundError */
  async get(scope: WebhookScope, uuid: string): Promise<Webhook> {
    const [found] = await this.#database.read(
      sql<Webhook>`SELECT ${columns} FROM webhooks WHERE ${within(scope)} AND uuid = ${uuid}`,
    );
    if (!found) throw new NotFoundError('object not found');
    return found;
  }

  /** @param sealed its secret. @param createdBy undefined: the shell. @throws ConflictError when there are too many. */
  create(
    scope: WebhookScope,
    { name, url, format, events, isActive }: WebhookAttributes,
    sealed: string,
    createdBy: number | undefined,
  ): Promise<Webhook> {
    return this.#database.transaction(async (transaction) => {
      const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM webhooks
        WHERE ${within(scope)}`.execute(transaction);
      if ((rows[0]?.count ?? 0) >= maxWebhooks) {
        throw new ConflictError(`there are ${maxWebhooks} webhooks already: delete one first`);
      }
      const uuid = crypto.randomUUID();
      const made = await sql<Webhook>`INSERT INTO webhooks
          (uuid, namespace, repository_id, name, url, secret, format, events, is_active, created_by, created_at)
        VALUES (${uuid}, ${scope.namespace}, ${scope.repositoryId ?? null}, ${name}, ${url}, ${sealed}, ${format},
          ${events.join(',')}, ${isActive ? 1 : 0}, ${createdBy ?? null}, ${Date.now()})
        RETURNING ${columns}`.execute(transaction);
      return made.rows[0] as Webhook;
    });
  }

  /**
   * One that is switched on again, or leads elsewhere, begins anew; to one that is switched off nothing is sent any more.
   * @param sealed another secret. @throws NotFoundError
   */
  update(
    { id }: Webhook,
    { name, url, format, events, isActive }: WebhookAttributes,
    sealed?: string,
  ): Promise<Webhook> {
    return this.#database.transaction(async (transaction) => {
      const isNew = sql`(url <> ${url} OR is_active <> ${isActive ? 1 : 0})`;
      const { rows } =
        await sql<Webhook>`UPDATE webhooks SET name = ${name}, url = ${url}, format = ${format},
          events = ${events.join(',')}, is_active = ${isActive ? 1 : 0},
          failing_since = CASE WHEN ${isNew} THEN NULL ELSE failing_since END,
          disabled_at = CASE WHEN ${isNew} THEN NULL ELSE disabled_at END
          ${sealed === undefined ? sql`` : sql`, secret = ${sealed}`}
        WHERE id = ${id} RETURNING ${columns}`.execute(transaction);
      const [changed] = rows;
      if (!changed) throw new NotFoundError('object not found');
      if (!isActive) await giveUp(transaction, id);
      return changed;
    });
  }

  async delete({ id }: Webhook): Promise<void> {
    await this.#database.transaction((transaction) =>
      sql`DELETE FROM webhooks WHERE id = ${id}`.execute(transaction),
    );
  }

  /** The latest first. */
  deliveries({ id }: Webhook, limit: number): Promise<readonly Delivery[]> {
    return this.#database.read(
      sql<Delivery>`SELECT ${deliveryColumns} FROM webhook_deliveries WHERE webhook_id = ${id}
        ORDER BY id DESC LIMIT ${limit}`,
    );
  }

  /** Sends it again at once: with the same id, so that receivers know it. @throws NotFoundError */
  async redeliver({ id }: Webhook, uuid: string): Promise<void> {
    const { numAffectedRows } = await this.#database.transaction((transaction) =>
      sql`UPDATE webhook_deliveries SET next_at = ${Date.now()}, attempts = 0
        WHERE webhook_id = ${id} AND uuid = ${uuid}`.execute(transaction),
    );
    if (numAffectedRows === 0n) throw new NotFoundError('object not found');
  }

  /** Sends a test. @returns its id. */
  ping(webhook: Webhook, path: string, facts: Omit<PayloadFacts, 'id'>): Promise<string> {
    return this.#database.transaction((transaction) =>
      addDelivery(transaction, webhook, { event: 'ping', path, action: 'test', tag: 'test' }, facts),
    );
  }
}

function within({ namespace, repositoryId }: WebhookScope) {
  return repositoryId === undefined
    ? sql`namespace = ${namespace} AND repository_id IS NULL`
    : sql`repository_id = ${repositoryId}`;
}
