/**
 * The registries that race on the loopback interface, each with its storage on the same disk: cais' hub, which checks a token and
 * counts pulls, and docker-registry (distribution), which is asked for neither. CAIS_BENCH_DISTRIBUTION names the program of another
 * version of it, which races too.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signUp, tokenFor } from '../../tests/support/hub-account.ts';
import { caisBinary, freePort } from '../../tests/support/running-cais.ts';
import { until } from '../support/until.ts';

export interface Registry {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  /** What opens `repository`. */
  readonly headers: () => Promise<Record<string, string>>;
}

export interface RegistryField extends AsyncDisposable {
  readonly registries: readonly Registry[];
  readonly missing: readonly string[];
}

/** Where everything is pushed to. */
export const repository = 'bench/app';

const password = 'sail-to-the-quay-9';

export async function startRegistries(): Promise<RegistryField> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'cais-bench-hub-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const registries = [await startHub(stack, directory)];
  const missing: string[] = [];
  const another = process.env['CAIS_BENCH_DISTRIBUTION'];
  const peers = [['docker-registry', 'docker-registry'], ...(another ? [['distribution', another]] : [])];
  for (const [name = '', program = ''] of peers) {
    try {
      registries.push(await startDistribution(stack, directory, name, program));
    } catch (error) {
      missing.push(`${name} cannot run here: ${String(error)}`);
    }
  }
  const started = stack.move();
  return { registries, missing, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

async function startHub(stack: AsyncDisposableStack, directory: string): Promise<Registry> {
  const host = `127.0.0.1:${await freePort()}`;
  const url = `http://${host}`;
  const argv = [caisBinary, 'hub', 'serve', '--data', join(directory, 'cais'), '--listen', host];
  const pid = start(stack, argv);
  await until(async () => (await fetch(`${url}/readyz`)).ok);
  await signUp(url, 'bench', password);
  const scope = `repository:${repository}:pull,push`;
  const headers = async (): Promise<Record<string, string>> => ({
    Authorization: `Bearer ${await tokenFor(url, 'bench', password, scope)}`,
  });
  return { name: 'cais', url, pid, headers };
}

async function startDistribution(
  stack: AsyncDisposableStack,
  directory: string,
  name: string,
  program: string,
): Promise<Registry> {
  const host = `127.0.0.1:${await freePort()}`;
  const path = join(directory, `${name}.yml`);
  // As its package sets it up, without a log of requests.
  const config = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: join(directory, name) },
      cache: { blobdescriptor: 'inmemory' },
    },
    http: { addr: host },
  };
  await Bun.write(path, JSON.stringify(config));
  const pid = start(stack, [program, 'serve', path]);
  const url = `http://${host}`;
  await until(async () => (await fetch(`${url}/v2/`)).ok);
  return { name, url, pid, headers: async () => ({}) };
}

function start(stack: AsyncDisposableStack, argv: readonly string[]): number {
  const child = Bun.spawn([...argv], {
    stdio: ['ignore', 'ignore', 'ignore'],
    // distribution 3 would send traces.
    env: { ...process.env, OTEL_TRACES_EXPORTER: 'none' },
  });
  stack.defer(async () => {
    child.kill();
    await child.exited;
  });
  return child.pid;
}
