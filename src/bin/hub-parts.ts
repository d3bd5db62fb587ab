/** The hub's stores for a command of the shell, with its log kept quiet: works while the hub serves. */
import type { ServerFlags } from '../cli/context.ts';
import { type HubConfig, readHubConfig } from '../hub/config.ts';
import { type HubParts, openHubParts } from '../hub/parts.ts';
import { createLog } from '../lib/log.ts';
import { text } from './server-flags.ts';

/** The hub's settings out of a command's flags. @param listen the flag's name in this command. */
export function hubConfig(flags: ServerFlags, listen: 'listen' | 'hub-listen' = 'listen'): HubConfig {
  return readHubConfig({
    data: text(flags, 'data'),
    listen: text(flags, listen),
    publicUrl: text(flags, 'public-url'),
    database: text(flags, 'database'),
    blobs: text(flags, 'blobs'),
    upstream: text(flags, 'upstream'),
    gcGrace: text(flags, 'gc-grace'),
    gcInterval: text(flags, 'gc-interval'),
  });
}

export async function openQuietly(flags: ServerFlags): Promise<HubParts> {
  return await openHubParts(hubConfig(flags), createLog('hub', 'warn'));
}
