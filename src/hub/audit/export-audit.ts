/** The audit log as text, a part at a time: a JSON object in each line, or CSV for a spreadsheet. */
import type { AuditLog } from '../../hub-api/types.ts';
import type { AuditFilter, AuditScope, AuditStore } from './audit-store.ts';
import { presentEntry } from './present-entry.ts';

export type AuditFormat = 'csv' | 'json';

const columns = [
  'timestamp',
  'action',
  'outcome',
  'times',
  'actor',
  'token',
  'address',
  'account',
  'name',
  'data',
  'request_id',
] as const satisfies readonly (keyof AuditLog)[];

/** Oldest first, so that what is added later follows. */
export async function* exportAudit(
  store: AuditStore,
  scope: AuditScope,
  filter: AuditFilter,
  format: AuditFormat,
): AsyncGenerator<string, void, undefined> {
  if (format === 'csv') yield `${columns.join(',')}\r\n`;
  for await (const entries of store.all(scope, filter)) {
    const lines = entries
      .map(presentEntry)
      .map((entry) => (format === 'csv' ? csvLine(entry) : jsonLine(entry)));
    yield lines.join('');
  }
}

function jsonLine(entry: AuditLog): string {
  return `${JSON.stringify(entry)}\n`;
}

/** https://www.rfc-editor.org/rfc/rfc4180#section-2 */
function csvLine(entry: AuditLog): string {
  const cells = columns.map((column) => {
    const value = entry[column];
    return cell(typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? ''));
  });
  return `${cells.join(',')}\r\n`;
}

/** A spreadsheet would run what begins like a formula, and names are what anybody chose. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
