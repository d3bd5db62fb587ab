/** A Prometheus of a test's own, by the configuration that packaging/prometheus has, with our addresses in it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'bun:test';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/running-cais.ts';

export const prometheusFiles = join(import.meta.dir, '../../../packaging/prometheus');

/** What its API answers. https://prometheus.io/docs/prometheus/latest/querying/api/ */
interface Answer<T> {
  readonly status: 'success' | 'error';
  readonly error?: string;
  readonly data: T;
}

interface Targets {
  readonly activeTargets: readonly { readonly health: string; readonly lastError: string }[];
}

export class RunningPrometheus implements AsyncDisposable {
  readonly #url: string;
  readonly #open: AsyncDisposableStack;

  private constructor(url: string, open: AsyncDisposableStack) {
    this.#url = url;
    this.#open = open;
  }

  /** Resolves once it has read from both. @param hub and engine: HOST:PORT. */
  static async start(hub: string, engine: string): Promise<RunningPrometheus> {
    await using stack = new AsyncDisposableStack();
    const directory = await mkdtemp(join(tmpdir(), 'cais-prometheus-'));
    stack.defer(() => rm(directory, { recursive: true, force: true }));
    const file = join(directory, 'prometheus.yml');
    await Bun.write(file, await configuration(hub, engine));
    const address = `127.0.0.1:${await freePort()}`;
    const log = Bun.file(join(directory, 'log'));
    const child = Bun.spawn(
      [
        'prometheus',
        `--config.file=${file}`,
        `--storage.tsdb.path=${directory}/data`,
        `--web.listen-address=${address}`,
      ],
      { stdin: 'ignore', stdout: log, stderr: log },
    );
    stack.defer(async () => {
      child.kill();
      await child.exited;
    });
    const running = new RunningPrometheus(`http://${address}`, stack);
    await eventually(async () => {
      if (child.exitCode !== null) expect.unreachable(await log.text());
      const { activeTargets } = await running.ask<Targets>('targets');
      expect(activeTargets.map(({ health, lastError }) => health + lastError)).toEqual(['up', 'up']);
    });
    return new RunningPrometheus(running.#url, stack.move());
  }

  /** @param path below /api/v1/. @throws what Prometheus says is wrong. */
  async ask<T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
    const response = await fetch(`${this.#url}/api/v1/${path}?${new URLSearchParams(query)}`);
    const answer = (await response.json()) as Answer<T>;
    if (answer.status === 'error') throw new Error(answer.error);
    return answer.data;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open.disposeAsync();
  }
}

/** With the engine, which stands there as a comment, and with less patience. */
async function configuration(hub: string, engine: string): Promise<string> {
  const text = await readFile(join(prometheusFiles, 'prometheus.yml'), 'utf8');
  const [before = '', after = ''] = text.split(/^ {2}# With `cais engine.*\n/m);
  return (before + after.replaceAll(/^ {2}# /gm, '  '))
    .replace('127.0.0.1:5000', hub)
    .replace('127.0.0.1:9323', engine)
    .replaceAll('15s', '1s')
    .replace('[alerts.yml]', `[${prometheusFiles}/alerts.yml]`);
}
