/**
 * Does a hub get slower with what it holds? tags/list, search and catalog of a hub with 100,000 repositories and 1,000,000 tags,
 * against one with a hundredth of that; in turn, so that a machine that slows down slows both.
 *   bun benchmarks/large-hub.ts [REPOSITORIES]
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAccountName } from '../src/hub/accounts/account-name.ts';
import { AccountStore } from '../src/hub/accounts/account-store.ts';
import { hashPassword } from '../src/hub/accounts/password.ts';
import { HubDatabase } from '../src/hub/db/database.ts';
import { startHubProcess } from '../src/hub/testing/hub-process.ts';
import { fill, privateWord, randomFrom, repositoryAt, wordOf } from './support/many-repositories.ts';

interface LargeHub {
  readonly url: string;
  readonly repositories: number;
  /** Of somebody with twenty repositories, private ones among them. */
  readonly session: string;
  readonly catalogTokens: readonly string[];
  /** Paths of public repositories, each with a token. */
  readonly pulls: readonly { readonly path: string; readonly token: string }[];
}

interface Target {
  readonly path: string;
  readonly token?: string | undefined;
}

type Question = (hub: LargeHub, random: () => number) => Target;

const full = Number(process.argv[2] ?? 100_000);
const tagsOfEach = 10;
const account = 'user7';
const password = 'correct horse battery';
const rounds = 8;
const requestsOfRound = 1500;
const connections = 2;
const aim = 2;

const searchTexts: readonly ((random: () => number, hub: LargeHub) => string)[] = [
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

const pick = <T>(values: readonly T[], random: () => number): T =>
  values[Math.floor(values.length * random())] as T;

const searchText = (hub: LargeHub, random: () => number): string =>
  encodeURIComponent(pick(searchTexts, random)(random, hub));

const questions: Readonly<Record<string, Question>> = {
  'tags/list': ({ pulls }, random) => {
    const { path, token } = pick(pulls, random);
    return { path: `/v2/${path}/tags/list`, token };
  },
  '_catalog, 100 of a page': ({ catalogTokens, repositories }, random) => {
    const { namespace, name } = repositoryAt(Math.floor(repositories * random()));
    const last = encodeURIComponent(`${namespace}/${name}`);
    return { path: `/v2/_catalog?n=100&last=${last}`, token: pick(catalogTokens, random) };
  },
  '/v1/search': (hub, random) => ({
    path: `/v1/search?q=${searchText(hub, random)}&n=25`,
    token: pick([undefined, hub.session], random),
  }),
  '/v2/search/repositories': (hub, random) => ({
    path: `/v2/search/repositories/?page_size=25&query=${searchText(hub, random)}`,
    token: pick([undefined, hub.session], random),
  }),
};

await using stack = new AsyncDisposableStack();
const hubs = {
  small: await open(stack, Math.ceil(full / 100)),
  large: await open(stack, full),
};
console.log(`${full} repositories, ${full * tagsOfEach} tags, against a hundredth; milliseconds`);
for (const [name, question] of Object.entries(questions)) {
  const times = { small: [] as number[], large: [] as number[] };
  // One round that does not count.
  for (let round = -1; round < rounds; round++) {
    for (const size of ['small', 'large'] as const) {
      const found = await ask(hubs[size], question, round);
      if (round >= 0) times[size].push(...found);
    }
  }
  const p99 = { small: percentile(times.small, 0.99), large: percentile(times.large, 0.99) };
  const p50 = { small: percentile(times.small, 0.5), large: percentile(times.large, 0.5) };
  const ratio = p99.large / p99.small;
  console.log(
    `  ${name.padEnd(26)} p50 ${p50.small.toFixed(2)} and ${p50.large.toFixed(2)}` +
      `   p99 ${p99.small.toFixed(2)} and ${p99.large.toFixed(2)}: ${ratio.toFixed(2)}, to reach ${aim}`,
  );
}

async function open(resources: AsyncDisposableStack, repositories: number): Promise<LargeHub> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-large-hub-'));
  resources.defer(() => rm(directory, { recursive: true, force: true }));
  const database = join(directory, 'hub', 'hub.sqlite');
  await mkdir(join(directory, 'hub'), { recursive: true });
  await makeAccount(database);
  fill(database, { repositories, tagsOfEach });
  const hub = await startHubProcess(directory);
  resources.defer(() => hub.kill());
  const { url } = hub;
  return { url, repositories, ...(await enter(url)), pulls: await pullTokens(url, repositories) };
}

/** Before its repositories: a namespace in use is not given to anybody. */
async function makeAccount(path: string): Promise<void> {
  await using database = await HubDatabase.openSqlite(path);
  await new AccountStore(database).create({
    name: parseAccountName(account),
    email: 'user7@hub.test',
    passwordHash: await hashPassword(password),
    isAdmin: false,
  });
}

async function enter(url: string): Promise<Pick<LargeHub, 'session' | 'catalogTokens'>> {
  const send = (path: string, body: object): Promise<Response> =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  const login = await send('/v2/users/login/', { username: account, password });
  const { token: session } = (await login.json()) as { token: string };
  const basic = { Authorization: `Basic ${btoa(`${account}:${password}`)}` };
  const scope = 'registry:catalog:*';
  return { session, catalogTokens: [await tokenFor(url, scope, {}), await tokenFor(url, scope, basic)] };
}

async function pullTokens(url: string, repositories: number): Promise<LargeHub['pulls']> {
  const random = randomFrom(1);
  const pulls = [];
  while (pulls.length < 200) {
    const { namespace, name, isPrivate } = repositoryAt(Math.floor(repositories * random()));
    if (isPrivate) continue;
    const path = `${namespace}/${name}`;
    pulls.push({ path, token: await tokenFor(url, `repository:${path}:pull`, {}) });
  }
  return pulls;
}

async function tokenFor(url: string, scope: string, headers: Record<string, string>): Promise<string> {
  const response = await fetch(`${url}/token?scope=${encodeURIComponent(scope)}`, { headers });
  return ((await response.json()) as { token: string }).token;
}

/** The time of each request. @param round the same one asks both hubs for the same. */
async function ask(hub: LargeHub, question: Question, round: number): Promise<number[]> {
  const random = randomFrom(round + 2);
  const times: number[] = [];
  let left = requestsOfRound;
  const client = async (): Promise<void> => {
    while (left-- > 0) {
      const { path, token } = question(hub, random);
      const started = performance.now();
      const response = await fetch(hub.url + path, {
        ...(token !== undefined && { headers: { Authorization: `Bearer ${token}` } }),
      });
      await response.arrayBuffer();
      times.push(performance.now() - started);
      if (response.status !== 200) console.log(`${response.status} for ${path}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  return times;
}

function percentile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}
