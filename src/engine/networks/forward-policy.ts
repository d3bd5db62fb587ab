/**
 * Other firewalls on the host that drop what passes through: a drop in any table wins over every accept in ours, and theirs are not
 * ours to change. So the engine says it once, at its start, and what to do about it.
 */
import { z } from 'zod';
import { run } from '../../lib/subprocess.ts';

const chainSchema = z.object({
  chain: z.object({
    family: z.string(),
    table: z.string(),
    name: z.string(),
    hook: z.string().optional(),
    policy: z.string().optional(),
  }),
});

const listingSchema = z.object({ nftables: z.array(z.unknown()) });

/** The chains that drop forwarded packets unless told otherwise, as `ip filter FORWARD`. */
export async function droppingChains(): Promise<string[]> {
  const { exitCode, stdout } = await run(['nft', '--json', 'list', 'chains']);
  return exitCode === 0 ? parseDroppingChains(stdout) : [];
}

export function parseDroppingChains(listing: string): string[] {
  const { nftables } = listingSchema.parse(JSON.parse(listing));
  return nftables.flatMap((entry) => {
    const chain = chainSchema.safeParse(entry).data?.chain;
    if (chain?.hook !== 'forward' || chain.policy !== 'drop') return [];
    return [`${chain.family} ${chain.table} ${chain.name}`];
  });
}
