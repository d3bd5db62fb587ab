/** The registry that most others are measured by, as Debian has it. */
import { expect } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './running-cais.ts';

/** Debian's docker-registry 2.8. */
export async function startDistribution(): Promise<AsyncDisposable & { readonly host: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-distribution-'));
  const host = `127.0.0.1:${await freePort()}`;
  const settings = {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: directory }, delete: { enabled: true } },
    http: { addr: host },
  };
  await Bun.write(join(directory, 'config.yml'), JSON.stringify(settings));
  const child = Bun.spawn(['docker-registry', 'serve', join(directory, 'config.yml')], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const answers = (): Promise<boolean> =>
    fetch(`http://${host}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    );
  for (const deadline = Date.now() + 60_000; !(await answers()); await Bun.sleep(50)) {
    if (Date.now() > deadline) expect.unreachable('docker-registry did not start');
  }
  return {
    host,
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
