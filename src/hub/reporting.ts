/** What goes on beside the answers so that it is known what happened: refusals are written down, old entries go. */
import type { Log } from '../lib/log.ts';
import { keepAudit } from './audit/keep-audit.ts';
import { Refusals } from './audit/refusals.ts';
import type { HubParts } from './parts.ts';
import type { ReportingConfig } from './reporting-config.ts';

export interface Reporting {
  readonly refusals: Refusals;
}

/** @param stack ends with the hub. */
export function openReporting(
  { database, events }: HubParts,
  config: ReportingConfig,
  log: Log,
  stack: AsyncDisposableStack,
): Reporting {
  stack.use(keepAudit(database, config.auditKeep, log));
  return { refusals: stack.use(new Refusals(database, events, log)) };
}
