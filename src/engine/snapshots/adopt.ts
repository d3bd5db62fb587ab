/**
 * A container's writable directory becomes a layer: sealed while its archive is written, then renamed, and visible with
 * its row. A crash leaves the container's directory, or a directory without a row: recovery sweeps both.
 */
import { readdirSync, renameSync } from 'node:fs';
import type { Digest } from '../../oci/image/digest.ts';
import { chainIds } from '../../oci/image/image-config.ts';
import { InvalidError } from '../../lib/errors.ts';
import { statFile } from '../linux/file.ts';
import { AT_FDCWD } from '../linux/libc.ts';
import { type DiffJob, sealedLayerOf } from './diff.ts';
import { hasLooksOf } from './diff-layer.ts';
import type { SnapshotDirectories } from './directories.ts';
import { maxDepth } from './overlay-mount.ts';
import type { Adoption } from './snapshot-store.ts';
import type { ContainerRow, SnapshotTable } from './snapshot-table.ts';

export interface AdoptionHost {
  readonly table: SnapshotTable;
  readonly directories: SnapshotDirectories;
  /** This boot of the machine. */
  readonly boot: string;
  /** Told of a new layer that is not on the disk yet. */
  readonly onLayer: (chainId: Digest, directory: string, onDisk: Promise<void>) => void;
}

/** Nothing is in the directory, and it looks as the root below does: no process is needed to see that. */
export function isUntouched({ upper, lower: [below] }: DiffJob): boolean {
  if (readdirSync(upper).length > 0) return false;
  return below === undefined || hasLooksOf(statFile(AT_FDCWD, upper), statFile(AT_FDCWD, below));
}

/** @param row of a container that is not mounted. @throws InvalidError for a layer too many. */
export function beginAdoption(
  { table, directories, boot, onLayer }: AdoptionHost,
  row: ContainerRow,
  job: DiffJob,
  epoch: number | undefined,
): Adoption {
  if (job.lower.length >= maxDepth) throw new InvalidError('max depth exceeded');
  const parent = row.chain_id ?? undefined;
  const diff = sealedLayerOf(job, epoch);
  const commit = async (diffId: Digest): Promise<void> => {
    const size = await diff.size;
    const chainId = chainIds(parent === undefined ? [diffId] : [parent, diffId]).at(-1) ?? diffId;
    const name = directories.make('l');
    const place = directories.path('l', name);
    let isNew = false;
    try {
      renameSync(job.upper, place);
      isNew = table.adoptLayer(
        {
          chain_id: chainId,
          parent: parent ?? null,
          diff_id: diffId,
          directory: name,
          size,
          unsynced_since: boot,
        },
        row.id,
      );
      if (isNew) onLayer(chainId, name, diff.onDisk);
    } catch (error) {
      giveBack(place, job.upper);
      await directories.discard('l', name);
      throw error;
    }
    // The same changes were made before, and are a layer already.
    if (!isNew) await directories.discard('l', name);
    await directories.discard('c', row.directory);
  };
  return { parent, diff, commit };
}

/** Where it never left its place, it is there. */
function giveBack(place: string, upper: string): void {
  try {
    renameSync(place, upper);
  } catch {
    // The error that led here is the one to report.
  }
}
