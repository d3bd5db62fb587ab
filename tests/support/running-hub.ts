/** A hub alone: `dist/cais hub serve` on a data directory and a port of its own. */
import { expect } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { caisBinary, freePort } from './running-cais.ts';

export interface RunningHub extends AsyncDisposable {
  readonly url: string;
  /** `127.0.0.1:port`, as it stands in image names. */
  readonly host: string;
  readonly pid: number;
}

/** @param settings its environment beside that of the test; without any it takes nothing from elsewhere. */
export async function startHub(settings: Readonly<Record<string, string>> = {}): Promise<RunningHub> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-hub-'));
  const host = `127.0.0.1:${await freePort()}`;
  const url = `http://${host}`;
  const child = Bun.spawn(
    [caisBinary, 'hub', 'serve', '--data', directory, '--listen', host, '--log-level', 'error'],
    {
      env: { ...process.env, CAIS_HUB_UPSTREAM: 'none', ...settings },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const answers = (): Promise<boolean> =>
    fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  for (const deadline = Date.now() + 60_000; !(await answers()); await Bun.sleep(20)) {
    if (Date.now() > deadline) expect.unreachable('the hub did not start');
  }
  return {
    url,
    host,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
