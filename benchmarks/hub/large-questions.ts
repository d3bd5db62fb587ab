/** Does a hub get slower with what it holds? Both hubs are asked the same in turn. */
import { CorruptError } from '../../src/lib/errors.ts';
import { type Question, type Row, summarize } from '../support/measure.ts';
import { fullSize, type LargeHub } from './large-hubs.ts';
import { privateWord, randomFrom, repositoryAt, wordOf } from './many-repositories.ts';

type Random = () => number;

interface Target {
  readonly path: string;
  readonly token: string | undefined;
}

type Choose = (hub: LargeHub, random: Random) => Target;

const rounds = 9;
const millisecondsOfRound = 2000;
const connections = 2;
const target = 2;

/** What people type: words that are in thousands of repositories, rare ones, beginnings, names, nothing. */
const searchTexts: readonly ((random: Random, hub: LargeHub) => string)[] = [
  (random) => wordOf(Math.floor(20 * random())),
  (random) => wordOf(Math.floor(3000 * random())),
  (random) => `${wordOf(Math.floor(20 * random()))} ${wordOf(Math.floor(300 * random()))}`,
  (random) => wordOf(Math.floor(3000 * random())).slice(0, 1 + Math.floor(3 * random())),
  () => privateWord,
  (random) => `${privateWord} ${wordOf(Math.floor(20 * random()))}`,
  () => '',
  () => 'nothing-like-this',
  (random, { repositories }) => {
    const { namespace, name } = repositoryAt(Math.floor(repositories * random()));
    return `${namespace}/${name}`;
  },
];

export const largeQuestions: readonly Question<readonly LargeHub[]>[] = [
  question('tags/list', ({ pulls }, random) => {
    const { path, token } = pick(pulls, random);
    return { path: `/v2/${path}/tags/list`, token };
  }),
  question('catalog, 100 of a page', ({ catalogTokens, repositories }, random) => {
    const { namespace, name } = repositoryAt(Math.floor(repositories * random()));
    const last = encodeURIComponent(`${namespace}/${name}`);
    return { path: `/v2/_catalog?n=100&last=${last}`, token: pick(catalogTokens, random) };
  }),
  question('docker search', (hub, random) => ({
    path: `/v1/search?q=${searchText(hub, random)}&n=25`,
    token: pick([undefined, hub.session], random),
  })),
  question('search of the pages', (hub, random) => ({
    path: `/v2/search/repositories/?page_size=25&query=${searchText(hub, random)}`,
    token: pick([undefined, hub.session], random),
  })),
];

function question(what: string, choose: Choose): Question<readonly LargeHub[]> {
  const name = `hub with ${fullSize} repositories: ${what}, p99`;
  return { name, target, ask: (hubs) => askInTurn(hubs, name, choose) };
}

/** One round does not count. */
async function askInTurn(hubs: readonly LargeHub[], name: string, choose: Choose): Promise<Row[]> {
  const slowest = new Map<string, number[]>(hubs.map((hub) => [hub.name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const hub of hubs) {
      const p99 = await askRound(hub, choose, round);
      if (round >= 0) slowest.get(hub.name)?.push(p99);
    }
  }
  return [...slowest].map(([hub, samples]) => summarize(name, hub, 'ms', samples));
}

/** @param round the same one asks both hubs for the same. */
async function askRound(hub: LargeHub, choose: Choose, round: number): Promise<number> {
  const random = randomFrom(round + 2);
  const times: number[] = [];
  const end = performance.now() + millisecondsOfRound;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const { path, token } = choose(hub, random);
      const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
      const started = performance.now();
      const response = await fetch(hub.url + path, { headers });
      await response.arrayBuffer();
      times.push(performance.now() - started);
      if (response.status !== 200) throw new CorruptError(`cannot measure: ${response.status} for ${path}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN;
}

function searchText(hub: LargeHub, random: Random): string {
  return encodeURIComponent(pick(searchTexts, random)(random, hub));
}

function pick<T>(values: readonly T[], random: Random): T {
  return values[Math.floor(values.length * random())] as T;
}
