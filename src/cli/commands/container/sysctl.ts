/** `--sysctl name=value`: docker's client lets through what a container has for itself. */
import { InvalidError } from '../../../lib/errors.ts';

const ownNames: ReadonlySet<string> = new Set([
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
]);

/** @throws InvalidError for one of the whole machine, or without a value. */
export function parseSysctl(text: string): string {
  const equals = text.indexOf('=');
  const name = text.slice(0, Math.max(0, equals));
  if (ownNames.has(name) || name.startsWith('net.') || name.startsWith('fs.mqueue.')) return text;
  throw new InvalidError(`sysctl '${text}' is not allowed`);
}
