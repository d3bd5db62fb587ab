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
  /** Where everything is pushed to and pulled from. */
  readonly repository: string;
  /** What opens it. */
  readonly headers: () => Promise<Record<string, string>>;
}

export interface RegistryField extends AsyncDisposable {
  readonly registries: readonly Registry[];
  readonly missing: readonly string[];
}

/** Where most is pushed to. */
export const repository = 'bench/app';

const password = 'sail-to-the-quay-9';

export async function startRegistries(): Promise<RegistryField> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'cais-bench-hub-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const registries = [await startHub(stack, join(directory, 'cais'), repository)];
  const missing: string[] = [];
  const another = process.env['CAIS_BENCH_DISTRIBUTION'];
  const peers = [['docker-registry', 'docker-registry'], ...(another ? [['distribution', another]] : [])];
  for (const [name = '', program = ''] of peers) {
    try {
      registries.push(await startDistribution(stack, join(directory, name), { name, program }));
    } catch (error) {
      missing.push(`${name} cannot run here: ${String(error)}`);
    }
  }
  const started = stack.move();
  return { registries, missing, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** A hub with an account that has this repository. @param flags more of them. */
export async function startHub(
  stack: AsyncDisposableStack,
  directory: string,
  path: string,
  flags: readonly string[] = [],
): Promise<Registry> {
  const host = `127.0.0.1:${await freePort()}`;
  const url = `http://${host}`;
  const argv = [caisBinary, 'hub', 'serve', '--data', directory, '--listen', host, ...flags];
  const pid = start(stack, argv);
  await until(async () => (await fetch(`${url}/readyz`)).ok);
  const [account = ''] = path.split('/');
  await signUp(url, account, password);
  const headers = async (): Promise<Record<string, string>> => ({
    Authorization: `Bearer ${await tokenFor(url, account, password, `repository:${path}:pull,push`)}`,
  });
  return { name: 'cais', url, pid, repository: path, headers };
}

/** @param config more of it. */
export async function startDistribution(
  stack: AsyncDisposableStack,
  directory: string,
  { name, program }: { readonly name: string; readonly program: string },
  config: Readonly<Record<string, unknown>> = {},
): Promise<Registry> {
  const host = `127.0.0.1:${await freePort()}`;
  const path = `${directory}.yml`;
  // As its package sets it up, without a log of requests.
  const settings = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: directory },
      cache: { blobdescriptor: 'inmemory' },
    },
    http: { addr: host },
    ...config,
  };
  await Bun.write(path, JSON.stringify(settings));
  const pid = start(stack, [program, 'serve', path]);
  const url = `http://${host}`;
  await until(async () => (await fetch(`${url}/v2/`)).ok);
  return { name, url, pid, repository, headers: async () => ({}) };
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
