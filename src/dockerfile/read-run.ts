/** RUN: its flags and its command. Pure. */
import { InvalidError } from '../lib/errors.ts';
import { readFlags } from './flags.ts';
import type { Run } from './instruction.ts';
import { checkMount } from './mount.ts';
import { readCommand, type Rest, type Without } from './read-command.ts';

/** @throws InvalidError */
export function readRun({ flags: words, rest }: Rest): Without<Run> {
  const flags = readFlags(words, {
    mount: 'strings',
    network: 'string',
    security: 'string',
    device: 'strings',
  });
  const { network, security, mount = [], device = [] } = flags;
  if (network !== undefined && network !== 'default' && network !== 'none' && network !== 'host') {
    throw new InvalidError(`invalid network mode ${JSON.stringify(network)}`);
  }
  if (security !== undefined && security !== 'sandbox' && security !== 'insecure') {
    throw new InvalidError(`security ${JSON.stringify(security)} is not valid`);
  }
  for (const value of mount) checkMount(value);
  return {
    kind: 'RUN',
    command: readCommand(rest),
    mounts: mount,
    devices: device,
    ...(network && { network }),
    ...(security && { security }),
  };
}
