/** The part of the client that reads audit logs. */
import { path, queryString } from './address.ts';
import type { Sender } from './sender.ts';
import type { AuditExportQuery, AuditLogPage, AuditQuery } from './types.ts';

export class AuditClient {
  readonly #hub: Sender;

  constructor(hub: Sender) {
    this.#hub = hub;
  }

  /** @param account undefined: the whole hub's, for an administrator. @throws DeniedError, NotFoundError */
  page(account: string | undefined, query: AuditQuery): Promise<AuditLogPage> {
    return this.#hub.json('GET', addressOf(account) + queryString({ ...query }));
  }
}

/** Where a browser with a session finds all that fits, as a file. */
export function auditExportPath(account: string | undefined, query: AuditExportQuery): string {
  return `${addressOf(account)}/export${queryString({ ...query })}`;
}

function addressOf(account: string | undefined): string {
  return account === undefined ? '/v2/system/auditlogs' : path`/v2/auditlogs/${account}`;
}
