/** What every conmon is started with, and how it tells of a failure: https://github.com/containers/conmon/blob/main/docs/conmon.8.md */
import { join } from 'node:path';
import { UnavailableError } from '../../lib/errors.ts';

export interface Monitored {
  readonly pid: number;
  readonly monitorPid: number;
}

/** @param unique names this conmon's files; @param directory a directory of its own, for its socket and fifos. */
export function monitorCommand(program: string, id: string, unique: string, directory: string): string[] {
  const options = {
    '--api-version': '1',
    '--log-level': 'error',
    '--cid': id,
    '--cuuid': unique,
    '--name': unique,
    '--bundle': directory,
    '--container-pidfile': join(directory, 'pidfile'),
  };
  return [program, '--sync', '--full-attach', '--no-sync-log', ...Object.entries(options).flat()];
}

export function runtimeOptions(program: string, globalArguments: readonly string[]): string[] {
  return ['--runtime', program, ...globalArguments.map((argument) => `--runtime-arg=${argument}`)];
}

/** @param pipes descriptors that it inherits, by the names it looks for. */
export function monitorEnvironment(pipes: Readonly<Record<string, number>>): Record<string, string> {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ...Object.fromEntries(Object.entries(pipes).map(([name, number]) => [name, String(number)])),
  };
}

/** Our end of a pipe of `Bun.spawn`. */
export function descriptorOf(end: unknown): number {
  if (typeof end === 'number') return end;
  throw new UnavailableError('cannot start conmon: no pipe to it');
}

/** As docker words it; its CLI reads from this text whether to exit with 126 or 127. */
export function runtimeError(message: string | undefined): UnavailableError {
  const text = message?.trim() ?? '';
  return new UnavailableError(`OCI runtime error: ${text === '' ? 'the runtime gave no reason' : text}`);
}
