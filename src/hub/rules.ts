/** What the hub does by rules that people have set, while it serves. */
import type { Log } from '../lib/log.ts';
import type { HubConfig } from './config.ts';
import type { HubParts } from './parts.ts';
import { Replicator } from './replication/replicator.ts';
import type { TraceAlone } from './request-context.ts';
import { RetentionRunner } from './retention/retention-runner.ts';

export interface RuleParts {
  readonly retentionRunner: RetentionRunner;
}

/** @param stack ends with the hub. */
export function openRules(
  stores: HubParts,
  { garbage: { grace }, retentionInterval: interval }: HubConfig,
  { log, traceAlone }: { readonly log: Log; readonly traceAlone: TraceAlone },
  stack: AsyncDisposableStack,
): RuleParts {
  stack.use(new Replicator({ ...stores, traceAlone }, log));
  return { retentionRunner: stack.use(new RetentionRunner(stores, { grace, interval }, log)) };
}
