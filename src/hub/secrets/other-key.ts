/**
 * Secrets that another key has sealed fail when they are needed, which may be at night: whoever starts the hub hears of it then.
 */
import { sql } from 'kysely';
import { CorruptError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { HubDatabase } from '../db/database.ts';
import { openSecret } from '../webhooks/webhook-secret.ts';
import type { Secrets } from './secrets.ts';

/** The latest of a kind tell enough. */
const looked = 100;

export async function tellOfOtherKey(
  { database, secrets }: { readonly database: HubDatabase; readonly secrets: Secrets },
  log: Log,
): Promise<void> {
  const webhooks = await database.read(sql<{ secret: string }>`SELECT secret FROM webhooks
    ORDER BY id DESC LIMIT ${looked}`);
  const replications = await database.read(sql<{ secret: string }>`SELECT secret FROM replication_rules
    WHERE secret <> '' ORDER BY id DESC LIMIT ${looked}`);
  const closed = {
    webhooks: await countClosed(secrets, webhooks),
    replications: await countClosed(secrets, replications),
  };
  if (closed.webhooks + closed.replications === 0) return;
  log.warn(
    closed,
    'cannot open secrets that were sealed with another key: bring that key back (CAIS_HUB_SECRETS_KEY, or keys/secrets.key), or set them again',
  );
}

async function countClosed(secrets: Secrets, rows: readonly { readonly secret: string }[]): Promise<number> {
  let count = 0;
  for (const { secret } of rows) {
    try {
      await openSecret(secrets, secret);
    } catch (error) {
      if (!(error instanceof CorruptError)) throw error;
      count += 1;
    }
  }
  return count;
}
