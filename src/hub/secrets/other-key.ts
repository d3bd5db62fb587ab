/**
 * Secrets that another key has sealed fail when they are needed, which may be at night: whoever starts the hub hears of it then.
 */
import { sql } from 'kysely';
import { messageOf } from '../../lib/errors.ts';
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
  const failures = new Set<string>();
  const closed = {
    webhooks: await countClosed(secrets, webhooks, failures),
    replications: await countClosed(secrets, replications, failures),
  };
  if (failures.size === 0) return;
  log.warn(
    { ...closed, reason: [...failures].join('; ') },
    'cannot open secrets of webhooks or replications',
  );
}

/** A key that cannot be read keeps no hub from its start: all else works without. */
async function countClosed(
  secrets: Secrets,
  rows: readonly { readonly secret: string }[],
  failures: Set<string>,
): Promise<number> {
  let count = 0;
  for (const { secret } of rows) {
    try {
      await openSecret(secrets, secret);
    } catch (error) {
      count += 1;
      failures.add(messageOf(error));
    }
  }
  return count;
}
