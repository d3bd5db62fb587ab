/** Webhooks, and what was delivered to whom. */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { ConflictError, NotFoundError } from '../../lib/errors.ts';
import type { HubDatabase } from '../db/database.ts';
import { addDelivery } from './queue-deliveries.ts';
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

const maxWebhooks = 20;
const columns = sql.raw(
  'id, uuid, namespace, repository_id, name, url, format, events, is_active, failing_since, disabled_at, created_at',
);
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

  /** @throws NotFoundError */
  async get(scope: WebhookScope, uuid: string): Promise<Webhook> {
    const [found] = await this.#database.read(
      sql<Webhook>`SELECT ${columns} FROM webhooks WHERE ${within(scope)} AND uuid = ${uuid}`,
    );
    if (!found) throw new NotFoundError('object not found');
    return found;
  }

  /** The secret is told once. @throws ConflictError when there are too many. */
  create(
    scope: WebhookScope,
    { name, url, format, events, isActive }: WebhookAttributes,
    createdBy: number,
  ): Promise<{ readonly uuid: string; readonly secret: string }> {
    return this.#database.transaction(async (transaction) => {
      const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM webhooks
        WHERE ${within(scope)}`.execute(transaction);
      if ((rows[0]?.count ?? 0) >= maxWebhooks) {
        throw new ConflictError(`there are ${maxWebhooks} webhooks already: delete one first`);
      }
      const uuid = crypto.randomUUID();
      const secret = newSecret();
      await sql`INSERT INTO webhooks
          (uuid, namespace, repository_id, name, url, secret, format, events, is_active, created_by, created_at)
        VALUES (${uuid}, ${scope.namespace}, ${scope.repositoryId ?? null}, ${name}, ${url}, ${secret}, ${format},
          ${events.join(',')}, ${isActive ? 1 : 0}, ${createdBy}, ${Date.now()})`.execute(transaction);
      return { uuid, secret };
    });
  }

  /** One that is switched on again begins anew. */
  async update({ id }: Webhook, { name, url, format, events, isActive }: WebhookAttributes): Promise<void> {
    await this.#database.transaction((transaction) =>
      sql`UPDATE webhooks SET name = ${name}, url = ${url}, format = ${format}, events = ${events.join(',')},
          is_active = ${isActive ? 1 : 0}, failing_since = NULL, disabled_at = NULL WHERE id = ${id}`.execute(
        transaction,
      ),
    );
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

/** As Standard Webhooks has them: 24 bytes in base64. */
function newSecret(): string {
  return `whsec_${randomBytes(24).toString('base64')}`;
}
