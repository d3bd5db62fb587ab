/** How many repositories namespaces may have, and how many of these private: beside how much they may hold. */
import type { Words } from '../words.ts';

export function repositoryQuotas(words: Words): string[] {
  return [
    // Null: no limit. That of nobody, '', is what new accounts and organizations get.
    `CREATE TABLE repository_quotas (
       namespace    TEXT PRIMARY KEY,
       max_all      BIGINT,
       max_private  BIGINT)`,
    ...words.trigger({
      name: 'repository_quota_begun',
      event: 'INSERT',
      table: 'accounts',
      body: `INSERT INTO repository_quotas (namespace, max_all, max_private)
        SELECT NEW.name, d.max_all, d.max_private FROM repository_quotas d WHERE d.namespace = ''
        ON CONFLICT (namespace) DO NOTHING;`,
    }),
    ...words.trigger({
      name: 'repository_quota_ended',
      event: 'DELETE',
      table: 'accounts',
      body: 'DELETE FROM repository_quotas WHERE namespace = OLD.name;',
    }),
  ];
}
