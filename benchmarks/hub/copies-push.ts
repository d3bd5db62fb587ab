/** How many small images in a second one copy and two of them take, and how long a push holds what only one may hold. */
import { type Row, summarize } from '../support/measure.ts';
import { BenchClient, prepareImage } from './client.ts';
import type { CopiesField } from './copies-field.ts';
import { startLockWatch } from './lock-watch.ts';

const rounds = 3;
const seconds = 3;
const clientsOfCopy = 4;

/** Each image has a layer and a config that nobody has. The store is part of it. */
export async function measurePushes(field: CopiesField): Promise<Row[]> {
  const clients = await Promise.all(field.copies.map((copy) => BenchClient.of(copy)));
  const contestants = [
    { name: 'one copy', clients: clients.slice(0, 1) },
    { name: 'cais', clients },
  ];
  const rates = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  const holds = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  let pushed = 0;
  for (let round = -1; round < rounds; round++) {
    for (const { name, clients } of contestants) {
      await using lock = await startLockWatch(field);
      const before = pushed;
      const start = performance.now();
      const end = start + seconds * 1000;
      const push = async (client: BenchClient): Promise<void> => {
        while (performance.now() < end) {
          const bytes = crypto.getRandomValues(new Uint8Array(1024));
          await client.pushImage(prepareImage(bytes, `push-${pushed}`));
          pushed += 1;
        }
      };
      const workers = clients.flatMap((client) => Array.from({ length: clientsOfCopy }, () => push(client)));
      await Promise.all(workers);
      const rate = (1000 * (pushed - before)) / (performance.now() - start);
      if (round < 0) continue;
      rates.get(name)?.push(rate);
      holds.get(name)?.push((1e6 * lock.share) / rate);
    }
  }
  return [
    ...[...rates].map(([name, samples]) => summarize('pushes', name, '/s', samples)),
    ...[...holds].map(([name, samples]) => summarize('lock of writers for a push', name, 'µs', samples)),
  ];
}
