/** An entry of the audit log as the API and exports give it, in Docker Hub's shape and with more. */
import type { AuditLog } from '../../hub-api/types.ts';
import { auditActions } from './actions.ts';
import type { AuditData } from './add-entries.ts';
import type { AuditEntry } from './audit-store.ts';

export function presentEntry(entry: AuditEntry): AuditLog {
  const { id, happened_at: at, data: text, ...rest } = entry;
  const data = JSON.parse(text) as AuditData;
  return {
    id: String(id),
    ...rest,
    data,
    timestamp: new Date(at).toISOString(),
    action_description: describe(entry, data),
  };
}

/** `Tag pushed: alice/app (tag latest, digest sha256:…)` */
function describe({ action, name }: AuditEntry, data: AuditData): string {
  const [group = '', ...verb] = action.split('.');
  const known = (auditActions as Readonly<Record<string, { readonly actions: object }>>)[group]?.actions;
  const label = (known as Readonly<Record<string, string>> | undefined)?.[verb.join('.')] ?? action;
  const facts = Object.entries(data).map(([key, value]) => `${key.replaceAll('_', ' ')} ${value}`);
  return `${label}${name && `: ${name}`}${facts.length > 0 ? ` (${facts.join(', ')})` : ''}`;
}
