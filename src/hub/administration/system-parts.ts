/** What an administrator looks at, of a hub that serves. */
import type { HubConfig } from '../config.ts';
import type { HubParts } from '../parts.ts';
import type { GarbageCollector } from '../registry/garbage-collector.ts';
import type { CollectionStore } from './collection-store.ts';
import { RecentFailures } from './recent-failures.ts';
import { type Setting, settingsOf } from './settings.ts';
import { StorageReport } from './storage-report.ts';

export interface SystemParts {
  readonly collector: GarbageCollector;
  readonly collections: CollectionStore;
  readonly storage: StorageReport;
  readonly failures: RecentFailures;
  readonly settings: readonly Setting[];
  /** Of the blobs. */
  readonly directory: string;
}

/** @param stack ends with the hub. */
export function openSystem(
  { collections, database, events }: HubParts,
  collector: GarbageCollector,
  config: HubConfig,
  stack: AsyncDisposableStack,
): SystemParts {
  const failures = new RecentFailures();
  stack.use(
    events.listen((event) => {
      if (event.kind === 'request-failed') failures.add(event.method, event.path, event.error);
    }),
  );
  return {
    collector,
    collections,
    storage: new StorageReport(database),
    failures,
    settings: settingsOf(config),
    directory: config.contentDirectory,
  };
}
