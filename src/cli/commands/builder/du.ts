/** `cais builder du`: what the build cache takes. */
import { defineCommand, exactly } from '../../command.ts';
import { string } from '../../flags.ts';
import { formatList } from '../../format.ts';
import { formatSize } from '../../human.ts';
import { listFormatHelp } from '../format-help.ts';
import { buildCacheListing, type DiskUsage } from '../system/df-details.ts';

export const du = defineCommand({
  usage: '[OPTIONS]',
  flags: { format: string(listFormatHelp) },
  count: exactly(0),
  run: async ({ context, flags }) => {
    const { BuildCache } = await context.engine.get<DiskUsage>('/system/df', { type: 'build-cache' });
    const records = BuildCache ?? [];
    await context.out.write(formatList(buildCacheListing, records, flags.format));
    if (flags.format !== undefined) return;
    const total = records.reduce((sum, { Size = 0, Shared }) => (Shared === true ? sum : sum + Size), 0);
    const free = records.reduce(
      (sum, { Size = 0, InUse, Shared }) => (InUse === true || Shared === true ? sum : sum + Size),
      0,
    );
    await context.out.write(`Reclaimable:\t${formatSize(free, 4)}\nTotal:\t\t${formatSize(total, 4)}\n`);
  },
});
