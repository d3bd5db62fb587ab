/**
 * The process that mounts a volume's file system: a server that does not answer would hold the engine for minutes.
 * It shares the engine's mount namespace, and ends with the engine.
 */
import { SystemCallError } from '../linux/libc.ts';
import { mount, mountFlags } from '../linux/mount.ts';
import { parseMountOptions } from '../linux/mount-options.ts';
import { dieWithParent } from '../linux/process.ts';
import type { VolumeSource } from './driver-options.ts';

export interface VolumeMount extends VolumeSource {
  readonly target: string;
}

/** What the child says: nothing went wrong, or the errno's name. */
export interface MountReport {
  readonly code?: string;
}

/** The request comes on standard input: it may hold a password. @returns the exit code. */
export async function runMountChild(): Promise<number> {
  dieWithParent();
  const request = (await Bun.stdin.json()) as VolumeMount;
  try {
    mountVolume(request);
    process.stdout.write(JSON.stringify({} satisfies MountReport));
    return 0;
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
    process.stdout.write(JSON.stringify({ code: error.code } satisfies MountReport));
    return 1;
  }
}

function mountVolume({ type, device: source, target, options }: VolumeMount): void {
  const { flags, propagation, data } = parseMountOptions(options);
  mount({ type, source, target, flags, options: data });
  if (propagation !== 0) mount({ type: '', source: '', target, flags: propagation });
  // A bind takes the flags of what it binds; to be read-only is a second step.
  const readOnlyBind = mountFlags.bind | mountFlags.readOnly;
  if ((flags & readOnlyBind) === readOnlyBind) {
    mount({ type: '', source: '', target, flags: flags | mountFlags.remount });
  }
}
