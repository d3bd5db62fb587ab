/** One collection of garbage from its beginning to its end, whoever asked for it: uploads, garbage, and a line about it. */
import { ConflictError, messageOf } from '../../lib/errors.ts';
import type { CollectionStore, NewCollection } from '../administration/collection-store.ts';
import type { Changes } from '../changes.ts';
import { type Collected, collectGarbage, type CollectParts } from './collect-garbage.ts';
import { sweepUploads } from './upload-session.ts';

export interface RunParts extends CollectParts {
  readonly collections: CollectionStore;
  readonly changes: Changes;
}

export interface RunOptions extends NewCollection {
  /** In milliseconds: what was used within it stays. */
  readonly grace: number;
  readonly signal?: AbortSignal;
  /** Told once nobody else collects. */
  readonly onBegun?: () => void;
  /** Told now and then while it goes on. */
  readonly onProgress?: (collected: Collected) => void;
}

/** @throws ConflictError while another copy of the hub collects. */
export async function runCollection(parts: RunParts, options: RunOptions): Promise<Collected> {
  const collected = await parts.database.alone('garbage', (lost) => {
    options.onBegun?.();
    return collect(parts, options, options.signal ? AbortSignal.any([lost, options.signal]) : lost);
  });
  if (!collected) throw new ConflictError('garbage is being collected already, by another copy of the hub');
  return collected;
}

async function collect(parts: RunParts, options: RunOptions, signal: AbortSignal): Promise<Collected> {
  const { dryRun, grace, untagged } = options;
  const id = await parts.collections.begin(options);
  let latest: Collected = { manifests: 0, blobs: 0, bytes: 0 };
  try {
    if (!dryRun) await sweepUploads(parts);
    latest = await collectGarbage(parts, {
      before: new Date(Date.now() - grace),
      untagged,
      dryRun,
      signal,
      onProgress(collected) {
        latest = collected;
        options.onProgress?.(collected);
      },
    });
    const { cause } = options;
    const end = (): Promise<void> =>
      parts.collections.end(id, latest, signal.aborted ? 'stopped' : undefined);
    if (dryRun) await end();
    else await parts.changes.make(end, { kind: 'garbage-collected', cause, ...latest });
  } catch (error) {
    await parts.collections.end(id, latest, messageOf(error));
    throw error;
  }
  return latest;
}
