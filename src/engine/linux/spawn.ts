/**
 * posix_spawn(3): a process that is the calling thread's in everything (user, capabilities, namespaces, seccomp), which
 * Bun's own way of starting one, on a thread of its own, is not.
 */
import { dlopen, ptr } from 'bun:ffi';
import { cString, SystemCallError, errnoName } from './libc.ts';

const library = dlopen('libc.so.6', {
  posix_spawn: { args: ['ptr', 'ptr', 'ptr', 'ptr', 'ptr', 'ptr'], returns: 'i32' },
  posix_spawnattr_init: { args: ['ptr'], returns: 'i32' },
  posix_spawnattr_setflags: { args: ['ptr', 'i16'], returns: 'i32' },
  posix_spawnattr_setsigdefault: { args: ['ptr', 'ptr'], returns: 'i32' },
  posix_spawnattr_setsigmask: { args: ['ptr', 'ptr'], returns: 'i32' },
  posix_spawn_file_actions_init: { args: ['ptr'], returns: 'i32' },
  posix_spawn_file_actions_addopen: { args: ['ptr', 'i32', 'ptr', 'i32', 'u32'], returns: 'i32' },
  posix_spawn_file_actions_adddup2: { args: ['ptr', 'i32', 'i32'], returns: 'i32' },
}).symbols;

const POSIX_SPAWN_SETSIGDEF = 0x04;
const POSIX_SPAWN_SETSIGMASK = 0x08;
const POSIX_SPAWN_SETSID = 0x80;
const O_RDWR = 2;
/** Larger than the C library's types: posix_spawnattr_t has 336 bytes, posix_spawn_file_actions_t 80, sigset_t 128. */
const room = 512;

export interface SpawnOptions {
  /** A path; nothing is looked for. */
  readonly program: string;
  readonly args: readonly string[];
  /** NAME=value. */
  readonly env: readonly string[];
  /** The path of the terminal that the session gets as its own, and as its standard streams; else these are inherited. */
  readonly terminal: string | undefined;
}

/** Starts it in a session of its own, signals as a new process has them. @returns its pid. @throws SystemCallError */
export function spawn({ program, args, env, terminal }: SpawnOptions): number {
  const attributes = new Uint8Array(room);
  library.posix_spawnattr_init(attributes);
  library.posix_spawnattr_setflags(
    attributes,
    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID,
  );
  library.posix_spawnattr_setsigdefault(attributes, new Uint8Array(room).fill(0xff));
  library.posix_spawnattr_setsigmask(attributes, new Uint8Array(room));
  const actions = new Uint8Array(room);
  library.posix_spawn_file_actions_init(actions);
  // The actions point to it until the call.
  const terminalPath = cString(terminal ?? '');
  if (terminal !== undefined) {
    // The leader of a session that opens a terminal gets it for the session: tty(4).
    library.posix_spawn_file_actions_addopen(actions, 0, terminalPath, O_RDWR, 0);
    library.posix_spawn_file_actions_adddup2(actions, 0, 1);
    library.posix_spawn_file_actions_adddup2(actions, 0, 2);
  }
  const pid = new Int32Array(1);
  const argv = new StringList(args);
  const envp = new StringList(env);
  const failed = library.posix_spawn(
    pid,
    cString(program),
    actions,
    attributes,
    argv.pointers,
    envp.pointers,
  );
  if (failed !== 0) throw new SystemCallError(errnoName(failed), 'exec', program);
  return pid[0] ?? 0;
}

/** A list of C strings, ended by a null pointer; it has to live as long as the list is used. */
class StringList {
  readonly #texts: readonly Buffer[];
  readonly pointers: BigUint64Array;

  constructor(texts: readonly string[]) {
    this.#texts = texts.map((text) => cString(text));
    this.pointers = BigUint64Array.from([...this.#texts.map((text) => BigInt(ptr(text))), 0n]);
  }
}
