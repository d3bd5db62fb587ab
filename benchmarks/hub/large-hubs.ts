/** Two hubs that differ in nothing but how much they hold. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAccountName } from '../../src/hub/accounts/account-name.ts';
import { AccountStore } from '../../src/hub/accounts/account-store.ts';
import { hashPassword } from '../../src/hub/accounts/password.ts';
import { SqliteDatabase } from '../../src/hub/db/sqlite-database.ts';
import { startHubProcess } from '../../src/hub/testing/hub-process.ts';
import { sessionOf, tokenFor } from '../../tests/support/hub-account.ts';
import { anonymousToken } from './client.ts';
import { fill, randomFrom, repositoryAt } from './many-repositories.ts';

export interface LargeHub {
  readonly name: string;
  readonly url: string;
  readonly repositories: number;
  /** Of somebody with twenty repositories, private ones among them. */
  readonly session: string;
  readonly catalogTokens: readonly string[];
  /** Paths of public repositories, each with a token. */
  readonly pulls: readonly { readonly path: string; readonly token: string }[];
}

export interface LargeField extends AsyncDisposable {
  readonly hubs: readonly LargeHub[];
}

export const fullSize = 100_000;
const tagsOfEach = 10;
const account = 'user7';
const password = 'sail-to-the-quay-9';

export async function startLargeHubs(): Promise<LargeField> {
  await using stack = new AsyncDisposableStack();
  const hubs = [
    await start(stack, 'cais', fullSize),
    await start(stack, 'a hundredth', Math.ceil(fullSize / 100)),
  ];
  const started = stack.move();
  return { hubs, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

async function start(stack: AsyncDisposableStack, name: string, repositories: number): Promise<LargeHub> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-large-hub-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  await mkdir(join(directory, 'hub'), { recursive: true });
  const database = join(directory, 'hub', 'hub.sqlite');
  await makeAccount(database);
  fill(database, { repositories, tagsOfEach });
  const hub = await startHubProcess(directory);
  stack.defer(() => hub.kill());
  const { url } = hub;
  return {
    name,
    url,
    repositories,
    session: await sessionOf(url, account, password),
    catalogTokens: [
      await anonymousToken(url, 'registry:catalog:*'),
      await tokenFor(url, account, password, 'registry:catalog:*'),
    ],
    pulls: await pullTokens(url, repositories),
  };
}

/** Before its repositories: a namespace in use is not given to anybody. */
async function makeAccount(path: string): Promise<void> {
  await using database = await SqliteDatabase.open(path);
  await new AccountStore(database).create({
    name: parseAccountName(account),
    email: 'user7@example.com',
    passwordHash: await hashPassword(password),
    isAdmin: false,
  });
}

async function pullTokens(url: string, repositories: number): Promise<LargeHub['pulls']> {
  const random = randomFrom(1);
  const pulls = [];
  while (pulls.length < 200) {
    const { namespace, name, isPrivate } = repositoryAt(Math.floor(repositories * random()));
    if (isPrivate) continue;
    const path = `${namespace}/${name}`;
    pulls.push({ path, token: await anonymousToken(url, `repository:${path}:pull`) });
  }
  return pulls;
}
