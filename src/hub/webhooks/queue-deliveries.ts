/** What webhooks have to tell is written down in the transaction of what happened: it is sent later, whatever comes between. */
import { sql } from 'kysely';
import type { Transaction } from '../db/transaction.ts';
import type { HubEvent } from '../events.ts';
import { tryParseRepositoryPath } from '../repositories/repository-path.ts';
import { payloadOf, type PayloadFacts } from './payload.ts';
import { type Told, toldOf, type Webhook } from './webhook.ts';

/** Waiting for one receiver: of what comes beyond it is told no more. */
const maxWaiting = 1000;
/** Kept of one webhook's deliveries that have ended. */
const maxKept = 100;

type Facts = Omit<PayloadFacts, 'id' | 'repository'>;

/** True when there is something to send. */
export async function queueDeliveries(
  transaction: Transaction,
  events: readonly HubEvent[],
  facts: Facts,
): Promise<boolean> {
  let isQueued = false;
  for (const event of events) {
    const told = toldOf(event);
    if (told && (await queueOne(transaction, told, facts))) isQueued = true;
  }
  return isQueued;
}

type Row = Webhook & { readonly waiting: number } & {
  readonly [Key in keyof PayloadFacts['repository'] as `r_${Key}`]: PayloadFacts['repository'][Key];
};

async function queueOne(transaction: Transaction, told: Told, facts: Facts): Promise<boolean> {
  const { rows } = await sql<Row>`SELECT w.*, r.namespace AS r_namespace, r.name AS r_name,
      r.description AS r_description, r.full_description AS r_full_description, r.is_private AS r_is_private,
      r.star_count AS r_star_count, r.created_at AS r_created_at,
      (SELECT count(*) FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.next_at IS NOT NULL) AS waiting
    FROM repositories r JOIN webhooks w ON w.is_active = 1
      AND (w.repository_id = r.id OR (w.repository_id IS NULL AND w.namespace = ${namespaceOf(told.path)}))
    WHERE r.id = ${idOf(told.path)}`.execute(transaction);
  const wanted = rows.filter(
    ({ events, format, waiting }) =>
      events.split(',').includes(told.event) &&
      waiting < maxWaiting &&
      (format !== 'docker' || told.event === 'push'),
  );
  for (const row of wanted) {
    const { namespace = '', name = '' } = tryParseRepositoryPath(told.path) ?? {};
    const repository = {
      namespace,
      name,
      description: row.r_description,
      full_description: row.r_full_description,
      is_private: row.r_is_private,
      star_count: row.r_star_count,
      created_at: row.r_created_at,
    };
    await addDelivery(transaction, row, told, { ...facts, repository });
  }
  return wanted.length > 0;
}

/** To be sent at once. @returns its id. */
export async function addDelivery(
  transaction: Transaction,
  { id: webhookId, format }: Pick<Webhook, 'id' | 'format'>,
  told: Told,
  facts: Omit<PayloadFacts, 'id'>,
): Promise<string> {
  const id = crypto.randomUUID();
  const body = payloadOf(format, told, { ...facts, id });
  await sql`INSERT INTO webhook_deliveries (uuid, webhook_id, event, body, created_at, attempts, next_at)
    VALUES (${id}, ${webhookId}, ${told.event}, ${body}, ${facts.at}, 0, ${facts.at})`.execute(transaction);
  await sql`DELETE FROM webhook_deliveries WHERE webhook_id = ${webhookId} AND next_at IS NULL AND id <= (
    SELECT id FROM webhook_deliveries WHERE webhook_id = ${webhookId} AND next_at IS NULL
      ORDER BY id DESC LIMIT 1 OFFSET ${maxKept})`.execute(transaction);
  return id;
}

/** What waits is not sent, unless somebody asks for it again. */
export async function giveUp(transaction: Transaction, webhookId: number): Promise<void> {
  await sql`UPDATE webhook_deliveries SET next_at = NULL WHERE webhook_id = ${webhookId}`.execute(
    transaction,
  );
}

/** One that was deleted has no name any more, but its webhooks are there as long as it can come back. */
function idOf(path: string) {
  const parsed = tryParseRepositoryPath(path);
  const named = sql`namespace = ${parsed?.namespace ?? ''} AND name = ${parsed?.name ?? ''}`;
  return sql`(SELECT coalesce((SELECT id FROM repositories WHERE ${named}),
    (SELECT repository_id FROM deleted_repositories WHERE ${named} ORDER BY deleted_at DESC LIMIT 1)))`;
}

function namespaceOf(path: string): string {
  return path.slice(0, Math.max(path.indexOf('/'), 0));
}
