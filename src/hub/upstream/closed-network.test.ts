/** Where an upstream registry may have its blobs, in networks with addresses that are everybody's and others that are not. */
import { expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import type { Led } from '../../../tests/support/led-hub.ts';
import { run } from '../../lib/subprocess.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const program = join(import.meta.dir, '../../../tests/support/led-hub.ts');
const [everybodys, registry, store] = ['93.184.216.34', '10.9.9.9', '10.1.2.3'];

/** In a network namespace that has these addresses and no way out. */
async function led(...argv: readonly string[]): Promise<Led> {
  const addresses = [everybodys, registry, store].map((each) => `ip address add ${each}/32 dev lo`);
  const script = ['ip link set lo up', ...addresses, 'exec "$@"'].join(' && ');
  const apart = ['unshare', '--net', 'sh', '-c', script, 'sh'];
  const { exitCode, stdout, stderr } = await run([...apart, process.execPath, program, ...argv]);
  expect([exitCode, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Led;
}

test('a registry in a private network has them at another address there', async () => {
  expect(await led(registry, store)).toMatchObject({ status: 200, isWhole: true });
});

test('one at an address of everybody has them in a private network only where an administrator says so', async () => {
  expect(await led(everybodys, store)).toMatchObject({
    status: 503,
    text: expect.stringContaining('--upstream-reach'),
  });
  expect(await led(everybodys, store, '10.2.0.0/16')).toMatchObject({ status: 503 });
  expect(await led(everybodys, store, '10.1.0.0/16,192.168.0.0/16')).toMatchObject({
    status: 200,
    isWhole: true,
  });
});
