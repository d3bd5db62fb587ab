/** Two hubs over one PostgreSQL server that differ in nothing but how much they hold. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgresServer } from '../../src/hub/testing/postgres-server.ts';
import { digestOf } from '../../src/oci/image/digest.ts';
import { signUp, tokenFor } from '../../tests/support/hub-account.ts';
import { caisBinary, freePort } from '../../tests/support/running-cais.ts';
import { until } from '../support/until.ts';
import { BenchClient, prepareImage } from './client.ts';
import { fillWithRepositories, type SharedLayer } from './million-repositories.ts';
import { repository } from './registries.ts';

export interface MillionHub {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly repositories: number;
  readonly layer: SharedLayer;
}

export interface MillionField extends AsyncDisposable {
  readonly hubs: readonly MillionHub[];
}

/** CAIS_BENCH_REPOSITORIES asks for fewer, where fifteen gigabytes of disk or fifteen minutes are too much. */
export const fullSize = Number(process.env['CAIS_BENCH_REPOSITORIES'] ?? 1_000_000);
/** With a thousand tags. */
const smallSize = 100;
const password = 'sail-to-the-quay-9';
const layerSize = 64 * 1024;
/** Of a server that has some memory; its log has room for what is filled in. */
const serverSettings = ['fsync=off', 'shared_buffers=1GB', 'max_wal_size=8GB'];

export async function startMillionHubs(): Promise<MillionField> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await PostgresServer.start(serverSettings));
  const hubs = [
    await startHub(stack, server, 'cais', fullSize),
    await startHub(stack, server, 'a thousand tags', smallSize),
  ];
  const started = stack.move();
  return { hubs, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** An image is pushed first: the schema is there then, and the layer that all images share. */
async function startHub(
  stack: AsyncDisposableStack,
  server: PostgresServer,
  name: string,
  repositories: number,
): Promise<MillionHub> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-million-hub-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const database = `hub_of_${repositories}`;
  await server.run(`CREATE DATABASE ${database}`);
  const host = `127.0.0.1:${await freePort()}`;
  const argv = [caisBinary, 'hub', 'serve', '--data', directory, '--listen', host];
  const settings = ['--database', server.urlOf(database), '--token-limit', 'none', '--log-level', 'warn'];
  const child = Bun.spawn([...argv, ...settings], { stdio: ['ignore', 'ignore', 'inherit'] });
  stack.defer(async () => {
    child.kill();
    await child.exited;
  });
  const url = `http://${host}`;
  await until(async () => (await fetch(`${url}/readyz`)).ok);
  await signUp(url, 'bench', password);
  const scope = `repository:${repository}:pull,push`;
  const headers = async (): Promise<Record<string, string>> => ({
    Authorization: `Bearer ${await tokenFor(url, 'bench', password, scope)}`,
  });
  const bytes = crypto.getRandomValues(new Uint8Array(layerSize));
  const client = await BenchClient.of({ name, url, pid: child.pid, repository, headers });
  await client.pushImage(prepareImage(bytes, 'latest'));
  const layer = { digest: digestOf(bytes), size: layerSize };
  await fillWithRepositories(server, database, repositories, layer);
  return { name, url, pid: child.pid, repositories, layer };
}
