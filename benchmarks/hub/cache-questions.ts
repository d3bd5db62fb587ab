/** What it costs to have a cache in between: the first pull through it, and those after. */
import { type Question, race, type Row } from '../support/measure.ts';
import { type CacheField, forAnybody, type Link } from './cache-field.ts';
import { BenchClient, prepareImage, randomBytes } from './client.ts';
import type { Registry } from './registries.ts';

const megabyte = 1024 * 1024;
const sizes = [1, 100];
const rounds = 7;

/** As far as a registry on the same continent, over half of a gigabit. */
export const farLink: Link = { delay: 10, rate: 500 };

/** With an upstream on this machine. */
export const cacheQuestions: readonly Question<CacheField>[] = [
  ...sizes.map((size) => firstPull(size, '')),
  ...sizes.map((size) => ({
    name: `cache: pull of a ${size} MB image that is there`,
    target: 1.1,
    ask: (field: CacheField) => askKept(field, `cache: pull of a ${size} MB image that is there`, size),
  })),
];

/** With one behind that link. */
export const farCacheQuestions: readonly Question<CacheField>[] = sizes.map((size) =>
  firstPull(size, ', upstream 10 ms away at 500 Mbit/s'),
);

function firstPull(size: number, where: string): Question<CacheField> {
  const name = `cache: first pull of a ${size} MB image${where}`;
  return { name, target: 1.2, ask: (field) => askFirst(field, name, size) };
}

/** Each round a new image, which upstream sends to whoever asks it, last itself. */
async function askFirst(
  { upstream, direct, caches }: CacheField,
  question: string,
  size: number,
): Promise<Row[]> {
  let tag = '';
  let number = 0;
  const contestants = [{ ...direct, name: 'no cache' }, ...caches];
  return race(
    question,
    contestants.map((registry, index) => ({
      name: registry.name,
      before: async () => {
        if (index === 0) {
          tag = `first-${size}-${number++}`;
          await push(upstream, tag, size);
          await pull(upstream, tag);
        }
        Bun.spawnSync(['sync']);
      },
      run: () => pull(registry, tag),
    })),
    rounds,
  );
}

/** An image that was pulled before, and one of the same size that the hub has itself. */
async function askKept(
  { upstream, caches, own }: CacheField,
  question: string,
  size: number,
): Promise<Row[]> {
  const tag = `kept-${size}`;
  await push(upstream, tag, size);
  await push(own, tag, size);
  const times = Math.max(1, Math.round(20 / size));
  return race(
    question,
    [{ ...forAnybody(own), name: 'no cache' }, ...caches].map((registry) => ({
      name: registry.name,
      run: async () => {
        for (let time = 0; time < times; time += 1) await pull(registry, tag);
      },
    })),
    rounds,
  );
}

async function push(registry: Registry, tag: string, size: number): Promise<void> {
  await (await BenchClient.of(registry)).pushImage(prepareImage(randomBytes(size * megabyte), tag));
}

async function pull(registry: Registry, tag: string): Promise<void> {
  await (await BenchClient.of(registry)).pullImage(tag);
}
