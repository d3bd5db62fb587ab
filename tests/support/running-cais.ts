/** A whole cais of a test's own: `dist/cais up` on a data directory, a socket, a port and a bridge that nobody else has. */
import { expect } from 'bun:test';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Finished, run } from '../../src/lib/subprocess.ts';

/** The program under test, as users get it. */
export const caisBinary = join(import.meta.dir, '../../dist/cais');
const bin = join(import.meta.dir, '../../dist');

export interface RunningCais extends AsyncDisposable {
  readonly hubUrl: string;
  /** `127.0.0.1:port`, as it stands in image names. */
  readonly hubHost: string;
  readonly dataDirectory: string;
  readonly runDirectory: string;
  /** The name of its bridge, and of its firewall table. */
  readonly bridge: string;
  /** What makes `cais` and `docker` talk to this engine, with a config.json of their own. */
  readonly clientEnv: Record<string, string>;
  /** The process that holds the engine. */
  readonly pid: number;
  /** Ends the program without a chance to clean up. */
  killHard(): Promise<void>;
  /** Starts it again on the same data. */
  restart(): Promise<void>;
}

export interface StartOptions {
  /** With the built-in images in the hub. */
  readonly seed?: boolean;
  /** Where runtime files live instead of a directory of its own. Removed afterwards by who made it. */
  readonly runDirectory?: string;
  /** Hub and engine as two processes, to measure the engine alone. */
  readonly apart?: boolean;
  /** Where data lives instead of a directory of its own (a small disk). Not removed afterwards. */
  readonly dataDirectory?: string;
}

export async function startCais(options: StartOptions = {}): Promise<RunningCais> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-e2e-'));
  const cais = new Cais({
    directory,
    dataDirectory: options.dataDirectory ?? join(directory, 'data'),
    runDirectory: options.runDirectory ?? join(directory, 'run'),
    port: await freePort(),
    apart: options.apart ?? false,
  });
  if (options.seed) await cp(await seededHub(), join(cais.dataDirectory, 'hub'), { recursive: true });
  await cais.restart();
  return cais;
}

interface Place {
  readonly directory: string;
  readonly dataDirectory: string;
  readonly runDirectory: string;
  readonly port: number;
  readonly apart: boolean;
}

/** Number of instances so far in this process: keeps bridge names apart. */
let instances = 0;

class Cais implements RunningCais {
  readonly hubUrl: string;
  readonly hubHost: string;
  readonly dataDirectory: string;
  readonly runDirectory: string;
  readonly bridge: string;
  readonly clientEnv: Record<string, string>;
  readonly #directory: string;
  readonly #env: Record<string, string>;
  readonly #commands: readonly (readonly string[])[];
  /** The engine's last. */
  #processes: readonly Bun.Subprocess[] = [];

  constructor({ directory, dataDirectory, runDirectory, port, apart }: Place) {
    this.#directory = directory;
    this.dataDirectory = dataDirectory;
    this.runDirectory = runDirectory;
    this.hubHost = `127.0.0.1:${port}`;
    this.hubUrl = `http://${this.hubHost}`;
    this.#commands = apart
      ? [
          ['hub', 'serve'],
          ['engine', 'serve', '--hub', this.hubUrl],
        ]
      : [['up']];
    const socket = `unix://${this.runDirectory}/engine.sock`;
    this.bridge = `ct${(process.pid % 100_000).toString(36)}${(instances++).toString(36)}`;
    this.#env = {
      ...(process.env as Record<string, string>),
      CAIS_DATA: this.dataDirectory,
      CAIS_RUN: this.runDirectory,
      CAIS_HOST: socket,
      CAIS_HUB_LISTEN: this.hubHost,
      CAIS_BRIDGE: this.bridge,
      // No test opens a connection to the outside.
      CAIS_HUB_UPSTREAM: 'none',
    };
    this.clientEnv = {
      ...(process.env as Record<string, string>),
      DOCKER_HOST: socket,
      CAIS_HOST: socket,
      DOCKER_CONFIG: join(directory, 'config'),
      PATH: `${bin}:/usr/local/bin:${process.env['PATH'] ?? ''}`,
      LANG: 'C.UTF-8',
    };
  }

  get pid(): number {
    return this.#processes.at(-1)?.pid ?? 0;
  }

  async restart(): Promise<void> {
    await this.#stop('SIGTERM');
    this.#processes = this.#commands.map((command, index) => {
      const log = Bun.file(this.#logPath(index));
      return Bun.spawn([caisBinary, ...command], {
        env: this.#env,
        stdin: 'ignore',
        stdout: log,
        stderr: log,
      });
    });
    await this.#untilReady();
  }

  async killHard(): Promise<void> {
    await this.#stop('SIGKILL');
  }

  async #stop(signal: NodeJS.Signals): Promise<void> {
    for (const process of this.#processes) process.kill(signal);
    await Promise.all(this.#processes.map((process) => process.exited));
    this.#processes = [];
  }

  async #untilReady(): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (!(await this.#answers())) {
      if (Date.now() > deadline || this.#processes.some((process) => process.exitCode !== null)) {
        expect.unreachable(`cais did not start:\n${await this.#logs()}`);
      }
      await Bun.sleep(20);
    }
  }

  #logPath(index: number): string {
    return join(this.#directory, `cais-${index}.log`);
  }

  async #logs(): Promise<string> {
    const texts = this.#commands.map((_command, index) => Bun.file(this.#logPath(index)).text());
    return (await Promise.all(texts)).join('\n');
  }

  async #answers(): Promise<boolean> {
    try {
      const engine = await fetch('http://engine/_ping', { unix: `${this.runDirectory}/engine.sock` });
      const hub = await fetch(`${this.hubUrl}/readyz`);
      return engine.ok && hub.ok;
    } catch {
      return false;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const list = await runClient(this, 'docker', ['ps', '-aq']);
    const ids = list.stdout.split('\n').filter(Boolean);
    if (ids.length > 0) await runClient(this, 'docker', ['rm', '-f', ...ids]);
    await this.#stop('SIGTERM');
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** Runs `cais …` or `docker …` against this engine, without a terminal. */
export async function runClient(
  cais: RunningCais,
  client: string,
  args: readonly string[],
  options: { input?: string } = {},
): Promise<Finished> {
  return run([client === 'cais' ? caisBinary : client, ...args], { ...options, env: cais.clientEnv });
}

/** The built-in images, put into a hub's directory once and copied for each cais. */
let seeded: Promise<string> | undefined;

/** `npm test` makes it once for all groups and names it in CAIS_TEST_SEED; a single test file makes its own. */
async function seededHub(): Promise<string> {
  seeded ??= (async () => {
    const given = process.env['CAIS_TEST_SEED'];
    if (given !== undefined) return join(given, 'hub');
    const directory = await mkdtemp(join(tmpdir(), 'cais-seeded-'));
    process.once('exit', () => Bun.spawnSync(['rm', '-rf', directory]));
    await seedHub(directory);
    return join(directory, 'hub');
  })();
  return seeded;
}

/** Puts the built-in images into a hub that has its data in this directory. */
export async function seedHub(dataDirectory: string): Promise<void> {
  const { exitCode, stdout, stderr } = await run([caisBinary, 'hub', 'seed', '--data', dataDirectory]);
  if (exitCode !== 0) expect.unreachable(`cais hub seed failed:\n${stdout}${stderr}`);
}

/** A port of the loopback interface that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
