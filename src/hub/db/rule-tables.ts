/** The tables of what people have set rules for, as types, in the manner of schema.ts. */
import type { Generated } from 'kysely';

export interface RuleTables {
  quotas: QuotaTable;
  quota_contents: QuotaContentTable;
  quota_default: QuotaDefaultTable;
  repository_quotas: RepositoryQuotaTable;
  retention_policies: RetentionPolicyTable;
  retention_runs: RetentionRunTable;
  replication_rules: ReplicationRuleTable;
  replication_changes: ReplicationChangeTable;
  replication_items: ReplicationItemTable;
}

interface QuotaTable {
  namespace: string;
  max_bytes: number;
  used_bytes: number;
}

interface QuotaContentTable {
  namespace: string;
  digest: string;
  size: number;
  links: number;
}

interface QuotaDefaultTable {
  id: number;
  max_bytes: number;
}

interface RepositoryQuotaTable {
  namespace: string;
  max_all: number | null;
  max_private: number | null;
}

interface RetentionPolicyTable {
  id: Generated<number>;
  namespace: string | null;
  repository_id: number | null;
  rules: string;
  untagged_days: number | null;
  is_enabled: number;
  updated_at: number;
  last_run_at: number | null;
}

interface RetentionRunTable {
  id: Generated<number>;
  policy_id: number;
  cause: 'schedule' | 'shell' | 'person';
  account_id: number | null;
  started_at: number;
  ended_at: number | null;
  tags: number;
  kept: number;
  manifests: number;
  removed: string;
  failure: string | null;
}

interface ReplicationRuleTable {
  id: Generated<number>;
  name: string;
  repositories: string;
  tags: string;
  registry: string;
  prefix: string;
  username: string;
  secret: string;
  secret_file: string;
  is_insecure: number;
  is_on_push: number;
  period: number;
  mirrors_deletions: number;
  is_enabled: number;
  created_at: number;
  swept_at: number;
}

interface ReplicationChangeTable {
  id: Generated<number>;
  namespace: string;
  name: string;
  tag: string | null;
}

interface ReplicationItemTable {
  rule_id: number;
  repository: string;
  tag: string;
  digest: string | null;
  due_at: number | null;
  version: number;
  attempts: number;
  failure: string | null;
  lease: string | null;
  leased_until: number;
  bytes_done: number;
  bytes_total: number;
  done_at: number | null;
}
