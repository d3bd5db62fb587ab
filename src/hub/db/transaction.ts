/** What happens whole or not at all; `Database.transaction` gives one. */
import type { Transaction as KyselyTransaction } from 'kysely';
import type { Schema } from './schema.ts';

export type Transaction = KyselyTransaction<Schema>;
