/** `cais hub gc`: collects garbage from the shell of the hub's machine, also while the hub serves. */
import type { ServerCommand } from '../cli/context.ts';
import { formatSize } from '../cli/human.ts';
import { collectGarbage } from '../hub/registry/collect-garbage.ts';
import { sweepUploads } from '../hub/registry/upload-session.ts';
import { hubConfig, openQuietly } from './hub-parts.ts';

export const hubGc: ServerCommand = async (flags, _input, output) => {
  const { grace } = hubConfig(flags).garbage;
  const dryRun = flags['dry-run'] === true;
  await using parts = await openQuietly(flags);
  if (!dryRun) await sweepUploads(parts);
  const { manifests, blobs, bytes } = await collectGarbage(parts, {
    before: new Date(Date.now() - grace),
    untagged: flags['untagged'] === true,
    dryRun,
  });
  await output.write(
    `${dryRun ? 'Would remove' : 'Removed'} ${manifests} untagged manifests and ${blobs} blobs\n` +
      `Total reclaimed space: ${formatSize(bytes)}\n`,
  );
  return 0;
};
