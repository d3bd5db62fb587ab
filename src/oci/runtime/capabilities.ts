/**
 * Linux capabilities by name, and what `--cap-add`, `--cap-drop` and `--privileged` make of Docker's fourteen.
 * https://man7.org/linux/man-pages/man7/capabilities.7.html
 */
import { InvalidError } from '../../lib/errors.ts';

/** All that Linux knows, by number: a bit in /proc/<pid>/status is an index here. */
export const allCapabilities: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
];

/** What a container gets when nothing is said. */
export const defaultCapabilities: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FSETID',
  'CAP_FOWNER',
  'CAP_MKNOD',
  'CAP_NET_RAW',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETFCAP',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_CHROOT',
  'CAP_KILL',
  'CAP_AUDIT_WRITE',
];

export interface CapabilityChoice {
  readonly add: readonly string[];
  readonly drop: readonly string[];
  readonly privileged: boolean;
}

/**
 * The capabilities of a container, cut to what the engine itself may hold: asking for more would fail its start.
 * As docker: `--cap-add ALL` is all but the dropped, `--cap-drop ALL` is none but the added, privileged is all.
 * @throws InvalidError when a name is no capability.
 */
export function capabilitiesFor(choice: CapabilityChoice, boundingSet: readonly string[]): string[] {
  return wanted(choice).filter((capability) => boundingSet.includes(capability));
}

/** The names in a mask as /proc/<pid>/status writes it: 64 bits in hex. */
export function capabilitiesFromMask(mask: string): string[] {
  const bits = BigInt(`0x${mask.trim()}`);
  return allCapabilities.filter((_, bit) => (bits >> BigInt(bit)) & 1n);
}

function wanted(choice: CapabilityChoice): readonly string[] {
  const add = choice.add.map((name) => normalize(name, 'CapAdd'));
  const drop = choice.drop.map((name) => normalize(name, 'CapDrop'));
  if (choice.privileged) return allCapabilities;
  if (add.includes('ALL')) return allCapabilities.filter((name) => !drop.includes(name));
  const kept = drop.includes('ALL') ? [] : defaultCapabilities.filter((name) => !drop.includes(name));
  return [...kept, ...add.filter((name, at) => !kept.includes(name) && add.indexOf(name) === at)];
}

function normalize(name: string, option: string): string {
  const upper = name.toUpperCase();
  if (upper === 'ALL') return upper;
  const full = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
  if (!allCapabilities.includes(full)) {
    throw new InvalidError(`invalid ${option}: unknown capability: "${full}"`);
  }
  return full;
}
