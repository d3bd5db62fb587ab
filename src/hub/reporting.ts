/** What goes on beside the answers so that it is known what happened: refusals are written down, old entries go, receivers are told. */
import type { Log } from '../lib/log.ts';
import { keepAudit } from './audit/keep-audit.ts';
import { Refusals } from './audit/refusals.ts';
import { Deliveries } from './webhooks/deliveries.ts';
import type { HubParts } from './parts.ts';
import type { TraceAlone } from './request-context.ts';
import type { ReportingConfig } from './reporting-config.ts';

export interface Reporting {
  readonly refusals: Refusals;
  readonly deliveries: Deliveries;
}

/** @param stack ends with the hub. */
export function openReporting(
  { database, events, changes, secrets }: HubParts,
  config: ReportingConfig,
  { log, traceAlone }: { readonly log: Log; readonly traceAlone: TraceAlone },
  stack: AsyncDisposableStack,
): Reporting {
  const deliveries = stack.use(
    new Deliveries({ database, changes, secrets, traceAlone }, config.webhookAllow, log),
  );
  changes.onQueued = () => deliveries.wake();
  stack.use(keepAudit(database, config.auditKeep, log));
  return { deliveries, refusals: stack.use(new Refusals(database, events, log)) };
}
