/** One copy of the hub in a process of its own, at an address that it keeps: it ends in whatever way and is started again. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnavailableError } from '../../../src/lib/errors.ts';
import { freePort } from '../running-cais.ts';
import { serveCopyProgram } from './serve-copy.ts';

type Signal = 'SIGKILL' | 'SIGTERM';

export class HubCopy implements AsyncDisposable {
  readonly port: number;
  readonly directory: string;
  readonly #settings: Readonly<Record<string, string>>;
  #child: Bun.Subprocess<'ignore', 'pipe', 'inherit'> | undefined;

  private constructor(port: number, directory: string, settings: Readonly<Record<string, string>>) {
    this.port = port;
    this.directory = directory;
    this.#settings = settings;
  }

  /** @param settings the environment that all copies have. */
  static async start(settings: Readonly<Record<string, string>>): Promise<HubCopy> {
    const copy = new HubCopy(await freePort(), await mkdtemp(join(tmpdir(), 'cais-copy-')), settings);
    await copy.start();
    return copy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Resolves when it serves. */
  async start(): Promise<void> {
    const child = Bun.spawn([process.execPath, serveCopyProgram], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        ...this.#settings,
        CAIS_DATA: this.directory,
        CAIS_HUB_LISTEN: `127.0.0.1:${this.port}`,
      },
    });
    this.#child = child;
    const { done } = await child.stdout.getReader().read();
    if (done) throw new UnavailableError(`a copy of the hub did not start: exit ${await child.exited}`);
  }

  /** Resolves when its process is gone. */
  async end(signal: Signal): Promise<void> {
    this.#child?.kill(signal);
    await this.#child?.exited;
    this.#child = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
  }
}
