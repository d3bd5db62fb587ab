/**
 * What a receiver knows a webhook by: told once when it is made, and sealed in the database from then on. Whichever copy of the hub
 * sends has to open it, so it stays plain where not all of them were given the key.
 */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Log } from '../../lib/log.ts';
import type { HubDatabase } from '../db/database.ts';
import type { Secrets } from '../secrets/secrets.ts';

/** As Standard Webhooks has them: 24 bytes in base64. */
const mark = 'whsec_';
const keyBytes = 24;
/** In characters: what is sealed is longer. */
const length = mark.length + (keyBytes / 3) * 4;

export interface NewSecret {
  readonly secret: string;
  /** For the database. */
  readonly sealed: string;
}

export async function newSecret(secrets: Secrets): Promise<NewSecret> {
  const secret = mark + randomBytes(keyBytes).toString('base64');
  return { secret, sealed: secrets.isEverybodys ? await secrets.seal(secret) : secret };
}

/** @param stored sealed or plain. @throws CorruptError as Secrets.open. */
export async function openSecret(secrets: Secrets, stored: string): Promise<string> {
  return stored.length > length ? await secrets.open(stored) : stored;
}

/** Seals those of a hub that had them plain. Idempotent; of several copies that do it each row is written by one. */
export async function sealOldSecrets(
  { database, secrets }: { readonly database: HubDatabase; readonly secrets: Secrets },
  log: Log,
): Promise<void> {
  const rows = await database.read(sql<{ id: number; secret: string }>`SELECT id, secret FROM webhooks
    WHERE length(secret) <= ${length}`);
  if (rows.length > 0 && !secrets.isEverybodys) {
    log.warn('secrets of webhooks stay plain: give every copy of the hub the same CAIS_HUB_SECRETS_KEY');
    return;
  }
  for (const { id, secret } of rows) {
    const sealed = await secrets.seal(secret);
    await database.transaction((transaction) =>
      sql`UPDATE webhooks SET secret = ${sealed} WHERE id = ${id} AND secret = ${secret}`.execute(
        transaction,
      ),
    );
  }
}
