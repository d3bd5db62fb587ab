/** `cais hub gc`: collects garbage from the shell of the hub's machine, also while the hub serves. */
import type { ServerCommand } from '../cli/context.ts';
import { formatSize } from '../cli/human.ts';
import { runCollection } from '../hub/registry/run-collection.ts';
import { hubConfig, openQuietly } from './hub-parts.ts';

export const hubGc: ServerCommand = async (flags, _input, output) => {
  const { grace } = hubConfig(flags).garbage;
  const dryRun = flags['dry-run'] === true;
  await using parts = await openQuietly(flags);
  const { manifests, blobs, bytes } = await runCollection(parts, {
    cause: 'shell',
    grace,
    untagged: flags['untagged'] === true,
    dryRun,
  });
  await output.write(
    `${dryRun ? 'Would remove' : 'Removed'} ${manifests} untagged manifests and ${blobs} blobs\n` +
      `Total reclaimed space: ${formatSize(bytes)}\n`,
  );
  return 0;
};
