/** A PostgreSQL server of its own for tests, on a socket in a temporary directory. It goes with the process that started it. */
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { UnavailableError } from '../../lib/errors.ts';

/** Debian's, the newest that there is. */
const programs = [...new Bun.Glob('/usr/lib/postgresql/*/bin').scanSync({ onlyFiles: false })]
  .toSorted()
  .at(-1);
const user = 'postgres';

export class PostgresServer implements AsyncDisposable {
  readonly directory: string;
  readonly #settings: readonly string[];
  #child: Bun.Subprocess<'pipe', 'ignore', Bun.BunFile> | undefined;
  #databases = 0;

  private constructor(directory: string, settings: readonly string[]) {
    this.directory = directory;
    this.#settings = settings;
  }

  /** @param settings `name=value`; without any nothing is synced, since a test's machine does not lose its power. */
  static async start(settings: readonly string[] = ['fsync=off']): Promise<PostgresServer> {
    const directory = await mkdtemp(join(tmpdir(), 'cais-postgres-'));
    const { uid, gid } = await idsOf(user);
    await chown(directory, uid, gid);
    const make =
      '--auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync --no-instructions --username=postgres';
    const made = Bun.spawnSync([
      ...asUser,
      `${programs}/initdb`,
      `--pgdata=${join(directory, 'data')}`,
      ...make.split(' '),
    ]);
    if (made.exitCode !== 0) throw new UnavailableError(`initdb: ${made.stderr.toString()}`);
    const server = new PostgresServer(directory, settings);
    await server.resume();
    return server;
  }

  /** `postgres://…` of a new database. @param template what it is a copy of; nobody may be connected to that. */
  async create(template = 'template1'): Promise<string> {
    this.#databases += 1;
    const name = `hub_${process.pid}_${this.#databases}`;
    await this.run(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`);
    return this.urlOf(name);
  }

  urlOf(database: string): string {
    return `postgres://${user}@/${database}?host=${encodeURIComponent(this.directory)}`;
  }

  /** One statement, as an administrator from outside. */
  async run(text: string, database = 'template1'): Promise<readonly object[]> {
    const client = new Client({ connectionString: this.urlOf(database) });
    await client.connect();
    try {
      return (await client.query(text)).rows as object[];
    } finally {
      await client.end();
    }
  }

  /** At once: all its processes are gone and have written nothing more. What is on the disk stays. */
  async kill(): Promise<void> {
    const [first] = (await Bun.file(join(this.directory, 'data', 'postmaster.pid')).text()).split('\n');
    const children = Bun.spawnSync(['ps', '-o', 'pid=', '--ppid', `${first}`]).stdout.toString();
    for (const pid of [first, ...children.trim().split(/\s+/)].map(Number)) killIfThere(pid);
    await this.#tell('keep');
  }

  /** Starts it again over what is on its disk, and waits until it answers. */
  async resume(): Promise<void> {
    const settings = ['listen_addresses=', 'max_connections=300', 'shared_buffers=64MB', ...this.#settings];
    const command = [
      ...asUser,
      `${programs}/postgres`,
      '-D',
      join(this.directory, 'data'),
      '-k',
      this.directory,
      ...settings.flatMap((setting) => ['-c', setting]),
    ];
    const child = Bun.spawn(['sh', '-c', keeper, this.directory, ...command], {
      stdin: 'pipe',
      stdout: 'ignore',
      stderr: Bun.file(join(this.directory, 'log')),
    });
    this.#child = child;
    for (const end = Date.now() + 60_000; ;) {
      try {
        await this.run('SELECT 1');
        return;
      } catch (error) {
        if (Date.now() > end || child.exitCode !== null) throw error;
        await Bun.sleep(20);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tell('');
    // Where it was killed last.
    await rm(this.directory, { recursive: true, force: true });
  }

  async #tell(word: 'keep' | ''): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child) return;
    void child.stdin.write(`${word}\n`);
    await child.stdin.end();
    await child.exited;
  }
}

/** Runs the server until it is told to end it, or whoever would tell it has ended in whatever way; then removes its files. */
const keeper = `trap '' INT TERM HUP
"$@" & read word; kill -QUIT $!; wait; [ "$word" = keep ] || rm -rf "$0"`;

/** It refuses to run as root. */
const asUser = ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--'];

async function idsOf(name: string): Promise<{ readonly uid: number; readonly gid: number }> {
  const accounts = await Bun.file('/etc/passwd').text();
  const [, , uid, gid] =
    accounts
      .split('\n')
      .find((line) => line.startsWith(`${name}:`))
      ?.split(':') ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}
