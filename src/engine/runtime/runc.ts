/**
 * runc (or another runtime of the same command line): all that conmon does not do for us.
 * https://github.com/opencontainers/runc/blob/v1.1.5/man/runc.8.md
 */
import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { errnoOf, UnavailableError } from '../../lib/errors.ts';
import { run, runChecked } from '../../lib/subprocess.ts';
import type { RuntimeResources } from '../../oci/runtime/runtime-spec.ts';
import { ProgramVersion } from './program-version.ts';
import { freeze, hasFreezer, thaw } from './freezer.ts';

export interface RuncState {
  /** The container's first process on the host, and when it started, in clock ticks since boot. */
  readonly pid: number;
  readonly startTime: number;
  /** Directories by controller, `name=systemd` among them; the unified hierarchy's has no name. */
  readonly cgroups: Readonly<Record<string, string>>;
}

const stateSchema = z.object({
  init_process_pid: z.number(),
  init_process_start: z.number(),
  cgroup_paths: z.record(z.string(), z.string()).default({}),
});

export class Runc {
  /** Absolute path of the program. */
  readonly program: string;
  /** Where it keeps a directory for each container. */
  readonly root: string;
  readonly #version: ProgramVersion;

  constructor(program: string, root: string) {
    this.program = program;
    this.root = root;
    this.#version = new ProgramVersion(program);
  }

  /**
   * Lets the process of a created container go on to its program. What `runc start` does, without starting a
   * program (about 15 ms here): the container's init waits in open(2) for a reader of exec.fifo, writes a byte and
   * executes. Whoever has read it removes the fifo: to runc, its absence means "running".
   */
  async release(id: string): Promise<void> {
    const path = this.#fifo(id);
    let fd: number;
    try {
      fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
      await runChecked([...this.#command(), 'start', id]);
      return;
    }
    try {
      await readByte(fd);
      unlinkSync(path);
    } finally {
      closeSync(fd);
    }
  }

  /** True for a container that was created and not released. */
  isWaiting(id: string): boolean {
    return existsSync(this.#fifo(id));
  }

  /** Signals the first process, or with `all` every process of the container. A dead one is no error. */
  async kill(id: string, signal: number, all = false): Promise<void> {
    await run([...this.#command(), 'kill', ...(all ? ['--all'] : []), id, String(signal)]);
  }

  /** Removes cgroups and state, killing what is left. Idempotent. */
  async delete(id: string): Promise<void> {
    if (!existsSync(join(this.root, id))) return;
    await run([...this.#command(), 'delete', '--force', id]);
  }

  /** Freezes every process of the container. */
  async pause(id: string): Promise<void> {
    const cgroup = this.#freezerOf(id);
    await (cgroup === undefined ? runChecked([...this.#command(), 'pause', id]) : freeze(cgroup));
  }

  async resume(id: string): Promise<void> {
    const cgroup = this.#freezerOf(id);
    await (cgroup === undefined ? runChecked([...this.#command(), 'resume', id]) : thaw(cgroup));
  }

  #freezerOf(id: string): string | undefined {
    const { cgroups = {} } = this.state(id) ?? {};
    return [cgroups['freezer'], cgroups['']].find((path) => path !== undefined && hasFreezer(path));
  }

  /** What the runtime has noted of a container, on a file system in memory; undefined where it does not know it. */
  state(id: string): RuncState | undefined {
    const path = join(this.root, id, 'state.json');
    if (!existsSync(path)) return undefined;
    const state = stateSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    return {
      pid: state.init_process_pid,
      startTime: state.init_process_start,
      cgroups: state.cgroup_paths,
    };
  }

  /** Process ids on the host. */
  async processes(id: string): Promise<number[]> {
    return JSON.parse(await runChecked([...this.#command(), 'ps', '--format', 'json', id])) as number[];
  }

  /** Changes the limits of a container that runs. */
  async update(id: string, resources: Partial<RuntimeResources>): Promise<void> {
    await runChecked([...this.#command(), 'update', '--resources', '-', id], {
      input: JSON.stringify(resources),
    });
  }

  /** The ids that runc keeps state of. */
  list(): string[] {
    try {
      return readdirSync(this.root);
    } catch {
      return [];
    }
  }

  /** Of the program, asked for again when its file is another. */
  version(): Promise<string> {
    return this.#version.read();
  }

  #fifo(id: string): string {
    return join(this.root, id, 'exec.fifo');
  }

  /** `--log=/dev/null` makes it write a plain message to stderr, which conmon sends back, instead of a log line. */
  get globalArguments(): readonly string[] {
    return [`--root=${this.root}`, '--log=/dev/null'];
  }

  #command(): string[] {
    return [this.program, '--root', this.root];
  }
}

/** The writer is woken by our opening; it has written after a moment, unless it has died. */
async function readByte(fd: number): Promise<void> {
  const byte = new Uint8Array(1);
  const deadline = Date.now() + 5000;
  for (;;) {
    try {
      if (readSync(fd, byte) === 1) return;
    } catch (error) {
      if (errnoOf(error) !== 'EAGAIN') throw error;
    }
    if (Date.now() > deadline) throw new UnavailableError('the container process did not start');
    await Bun.sleep(0);
  }
}
