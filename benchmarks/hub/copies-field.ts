/**
 * Two copies of the hub over one PostgreSQL server and one object store, with twenty thousand repositories, each with ten tags: more
 * than what is kept of reads holds, so that a pull costs the database what it costs a large team's.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '../../src/hub/storage/s3-client.ts';
import { readS3Config } from '../../src/hub/storage/s3-config.ts';
import { PostgresServer } from '../../src/hub/testing/postgres-server.ts';
import { digestOf } from '../../src/oci/image/digest.ts';
import { signUp, tokenFor } from '../../tests/support/hub-account.ts';
import { caisBinary, freePort } from '../../tests/support/running-cais.ts';
import { startSwift } from '../../tests/support/swift.ts';
import { cpuMilliseconds, cpuMillisecondsBelow } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { BenchClient, prepareImage } from './client.ts';
import { fillWithRepositories, type SharedLayer } from './million-repositories.ts';
import { type Registry, repository } from './registries.ts';

export interface CopiesField extends AsyncDisposable {
  readonly server: PostgresServer;
  readonly database: string;
  readonly copies: readonly Registry[];
  readonly repositories: number;
  readonly layer: SharedLayer;
  /** What each has taken so far, in milliseconds of a processor. */
  readonly cpu: () => Promise<Record<Station, number>>;
}

/** Who takes processor time of a pull or a push. The store takes none of a pull: clients are sent there for the bytes. */
export const stations = ['copies', 'PostgreSQL', 'client'] as const;
type Station = (typeof stations)[number];

const repositories = 20_000;
const database = 'hub_of_copies';
const password = 'sail-to-the-quay-9';
const layerSize = 64 * 1024;

export async function startCopies(): Promise<CopiesField> {
  await using stack = new AsyncDisposableStack();
  // A collection of statistics in the middle of a round would be somebody's.
  const server = stack.use(
    await PostgresServer.start(['fsync=off', 'autovacuum=off', 'shared_buffers=512MB']),
  );
  const swift = stack.use(await startSwift());
  const settings = {
    CAIS_HUB_DATABASE: server.urlOf(database),
    CAIS_HUB_BLOBS: `s3://blobs/hub?endpoint=${swift.endpoint}`,
    AWS_ACCESS_KEY_ID: swift.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: swift.credentials.secretAccessKey,
    CAIS_HUB_TOKEN_LIMIT: '1000000/1m',
  };
  await new S3Client(readS3Config(settings.CAIS_HUB_BLOBS, settings)).call('PUT', null);
  await server.run(`CREATE DATABASE ${database}`);
  const copies = [await startCopy(stack, settings), await startCopy(stack, settings)];
  const layer = await pushLayer(copies[0] as Registry);
  await fillWithRepositories(server, database, repositories, layer);
  // As if they had been pulled for long: the first pulls of a repository move it in the search, which hardly any later one does.
  await server.run(
    'UPDATE repositories SET pull_count = 1100, search_rank = -(10 * 4294967296 + id) WHERE id >= 1000',
    database,
  );
  await server.run('VACUUM (ANALYZE)', database);
  const postmaster = Number(
    (await Bun.file(join(server.directory, 'data/postmaster.pid')).text()).split('\n')[0],
  );
  const cpu = async (): Promise<Record<Station, number>> => ({
    copies: await cpuMilliseconds(copies.map(({ pid }) => pid)),
    PostgreSQL: await cpuMillisecondsBelow(postmaster),
    client: await cpuMilliseconds([process.pid]),
  });
  const started = stack.move();
  return {
    server,
    database,
    copies,
    repositories,
    layer,
    cpu,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

async function startCopy(
  stack: AsyncDisposableStack,
  settings: Readonly<Record<string, string>>,
): Promise<Registry> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-bench-copy-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const host = `127.0.0.1:${await freePort()}`;
  const argv = [caisBinary, 'hub', 'serve', '--data', directory, '--listen', host, '--log-level', 'warn'];
  const child = Bun.spawn([...argv, '--upstream', 'none'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...settings },
  });
  stack.defer(async () => {
    child.kill();
    await child.exited;
  });
  const url = `http://${host}`;
  await until(async () => (await fetch(`${url}/readyz`)).ok);
  const scope = `repository:${repository}:pull,push`;
  const headers = async (): Promise<Record<string, string>> => ({
    Authorization: `Bearer ${await tokenFor(url, 'bench', password, scope)}`,
  });
  return { name: host, url, pid: child.pid, repository, headers };
}

/** Into a repository of its own; what the others hold of it are rows. */
async function pushLayer(copy: Registry): Promise<SharedLayer> {
  await signUp(copy.url, 'bench', password);
  const bytes = crypto.getRandomValues(new Uint8Array(layerSize));
  await (await BenchClient.of(copy)).pushImage(prepareImage(bytes, 'latest'));
  return { digest: digestOf(bytes), size: layerSize };
}
