/** What a backup costs of which nothing has changed since the last one; rsync of the same directory beside it. */
import { Database } from 'bun:sqlite';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteDatabase } from '../../src/hub/db/sqlite-database.ts';
import { digestOf, hexOf } from '../../src/oci/image/digest.ts';
import { caisBinary } from '../../tests/support/running-cais.ts';
import { command, type Question, type Row, summarize } from '../support/measure.ts';

export interface BackupField extends AsyncDisposable {
  readonly directory: string;
  /** Of the hub. */
  readonly data: string;
}

const blobs = 10_000;
const blobSize = 20_000;
const rounds = 3;

export const backupQuestions: readonly Question<BackupField>[] = [
  { name: `backup: ${blobs} blobs of ${blobSize / 1000} kB, none changed`, target: 0.1, ask: askBackup },
];

/** A hub whose blobs were pushed into one repository, written straight to where they end. */
export async function startBackupField(): Promise<BackupField> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'cais-bench-backup-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const hub = join(directory, 'data', 'hub');
  await mkdir(hub, { recursive: true });
  const path = join(hub, 'hub.sqlite');
  await (await SqliteDatabase.open(path))[Symbol.asyncDispose]();
  using database = new Database(path);
  database.run(`INSERT INTO repositories (id, namespace, name, is_private, is_pending, description, full_description,
    star_count, pull_count, created_at, updated_at) VALUES (1, 'bench', 'app', 0, 0, '', '', 0, 0, 0, 0)`);
  const link = database.prepare(
    'INSERT INTO repository_blobs (repository_id, digest, size, created_at) VALUES (1, ?, ?, 0)',
  );
  const digests: string[] = [];
  for (let number = 0; number < blobs; number++) {
    const bytes = crypto.getRandomValues(new Uint8Array(blobSize));
    const digest = digestOf(bytes);
    const hex = hexOf(digest);
    await Bun.write(join(hub, 'blobs', 'sha256', hex.slice(0, 2), hex), bytes);
    digests.push(digest);
  }
  database.transaction(() => {
    for (const digest of digests) link.run(digest, blobSize);
  })();
  const started = stack.move();
  return {
    directory,
    data: join(directory, 'data'),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** Into a new directory each round, so that each has a first. cais checks and syncs every blob, rsync neither. */
async function askBackup({ directory, data }: BackupField): Promise<Row[]> {
  const ways = [
    {
      first: 'the first',
      second: 'cais',
      run: (to: string) => command([caisBinary, 'hub', 'backup', '--data', data, to]),
    },
    {
      first: "rsync's first",
      second: 'rsync',
      run: (to: string) => command(['rsync', '-a', `${data}/`, to]),
    },
  ];
  const times = new Map<string, number[]>(
    ways.flatMap(({ first, second }) => [first, second]).map((name) => [name, []]),
  );
  for (let round = 0; round < rounds; round++) {
    for (const { first, second, run } of ways) {
      const to = await mkdtemp(join(directory, 'backup-'));
      Bun.spawnSync(['sync', '-f', directory]);
      for (const name of [first, second]) {
        const start = performance.now();
        await run(to);
        times.get(name)?.push(performance.now() - start);
      }
      await rm(to, { recursive: true });
    }
  }
  return [...times].map(([name, samples]) => summarize('a backup', name, 'ms', samples));
}
