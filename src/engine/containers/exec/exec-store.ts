/** Exec sessions: in memory only, they end with the engine's knowledge of them. */
import { NotFoundError } from '../../../lib/errors.ts';
import { Console } from '../attach/console.ts';

export interface ExecConfig {
  readonly attachStdin: boolean;
  readonly attachStdout: boolean;
  readonly attachStderr: boolean;
  readonly tty: boolean;
  readonly detachKeys: string | undefined;
  readonly env: readonly string[];
  readonly cmd: readonly string[];
  readonly privileged: boolean;
  readonly user: string;
  readonly workingDir: string;
  readonly consoleSize: readonly [number, number] | undefined;
}

export class ExecSession {
  readonly id = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex');
  readonly containerId: string;
  readonly config: ExecConfig;
  readonly console = new Console(true);
  status: 'created' | 'running' | 'exited' = 'created';
  pid = 0;
  /** Of its conmon's socket and fifos, while it runs. */
  directory = '';
  exitCode: number | undefined;

  constructor(containerId: string, config: ExecConfig) {
    this.containerId = containerId;
    this.config = config;
  }
}

/** How long a finished session can be inspected. */
const keepFor = 5 * 60_000;

export class ExecStore {
  readonly #sessions = new Map<string, ExecSession>();

  add(session: ExecSession): void {
    this.#sessions.set(session.id, session);
  }

  /** @throws NotFoundError in docker's words. */
  get(id: string): ExecSession {
    const session = this.#sessions.get(id);
    if (!session) throw new NotFoundError(`No such exec instance: ${id}`);
    return session;
  }

  #ofContainer(containerId: string): ExecSession[] {
    return [...this.#sessions.values()].filter((session) => session.containerId === containerId);
  }

  /** Those that have not ended. */
  runningOf(containerId: string): ExecSession[] {
    return this.#ofContainer(containerId).filter(({ status }) => status !== 'exited');
  }

  /** Idempotent. */
  forget(id: string): void {
    this.#sessions.delete(id);
  }

  /** After the process has ended: forgotten once nobody will ask any more. */
  expire(id: string): void {
    setTimeout(() => this.#sessions.delete(id), keepFor).unref();
  }

  forgetContainer(containerId: string): void {
    for (const session of this.#ofContainer(containerId)) this.#sessions.delete(session.id);
  }
}
