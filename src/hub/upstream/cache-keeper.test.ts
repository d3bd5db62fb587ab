/** The cache is kept as small as was said: what was unused for longest goes first, and what the hub needs itself stays. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { eventually } from '../../../tests/support/eventually.ts';
import { type Finished, run } from '../../lib/subprocess.ts';
import { type HubParts, openHubParts } from '../parts.ts';
import { createLog } from '../../lib/log.ts';
import { collectGarbage } from '../registry/collect-garbage.ts';
import { testSelf } from '../testing/test-self.ts';
import { type HubWithUpstream, startHubWithUpstream } from '../../../tests/support/hub-with-upstream.ts';
import { CacheKeeper } from './cache-keeper.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

/** Of the bytes that a compression leaves as they are. */
const layerSize = 60_000;

/** What is here now was used before; object stores tell times in whole seconds. */
const soon = (): Date => new Date(Date.now() + 60_000);

/** Says when what the repository has was last used. */
async function setUse({ database }: HubParts, path: string, at: number): Promise<void> {
  const links = database.queries
    .selectFrom('cached_links')
    .innerJoin('cached_repositories', 'cached_repositories.id', 'repository_id')
    .where('path', '=', path);
  const blobs = await links.select('digest').execute();
  const digests = blobs.map(({ digest }) => digest);
  const manifests = (await links.select('manifest_digest').execute()).map((row) => row.manifest_digest);
  await database.queries
    .updateTable('cached_blobs')
    .set({ used_at: at })
    .where('digest', 'in', digests)
    .execute();
  await database.queries
    .updateTable('cached_manifests')
    .set({ used_at: at })
    .where('digest', 'in', manifests)
    .execute();
}

async function startPulled(...names: readonly string[]): Promise<HubWithUpstream> {
  const setting = await startHubWithUpstream({}, 'root1');
  for (const name of names) {
    setting.upstream.addImage(name, 'latest', [crypto.getRandomValues(new Uint8Array(layerSize))]);
    await setting.pull(name, 'latest');
  }
  // A client has the end of a blob before the cache has.
  await eventually(async () => expect(await setting.held()).toHaveLength(3 * names.length));
  return setting;
}

describe('the cache', () => {
  test('gives up what was unused for longest, with its bytes, until it is small enough', async () => {
    await using setting = await startPulled('library/oldest', 'library/older', 'library/newest');
    await using parts = await setting.hub.openParts();
    const keeper = new CacheKeeper(parts);
    const hour = 3600_000;
    await setUse(parts, 'library/oldest', Date.now() - 3 * hour);
    await setUse(parts, 'library/older', Date.now() - 2 * hour);
    const before = (await Array.fromAsync(parts.contents.list())).length;
    const size = await keeper.size();
    const removed = await keeper.shrink(size - layerSize, soon());
    expect(removed.bytes).toBeWithin(layerSize, 3 * layerSize);
    expect(await keeper.size()).toBeLessThanOrEqual(size - layerSize);
    expect((await Array.fromAsync(parts.contents.list())).length).toBe(before - removed.blobs);
    const asked = setting.upstream.requests.length;
    await setting.pull('library/newest', 'latest');
    expect(setting.upstream.requests.length).toBe(asked);
    await setting.pull('library/oldest', 'latest');
    expect(setting.upstream.requests.length).toBeGreaterThan(asked);
  });

  test('keeps what was used just now, however small it has to be', async () => {
    await using setting = await startPulled('library/used');
    await using parts = await setting.hub.openParts();
    expect(await new CacheKeeper(parts).shrink(1)).toEqual({ manifests: 0, blobs: 0, bytes: 0 });
  });

  test('leaves bytes that a repository of the hub needs', async () => {
    await using setting = await startPulled('library/base');
    const { hub } = setting;
    const token = await hub.fullToken('root1', 'root1/app');
    const held = await setting.held();
    await using parts = await openHubParts(hub.config(), createLog('hub', 'silent'));
    const blobs = await parts.database.queries.selectFrom('cached_blobs').selectAll().execute();
    const [{ digest } = { digest: '' }] = blobs;
    const mount = `/v2/root1/app/blobs/uploads/?mount=${digest}&from=library/base`;
    expect((await hub.send('POST', mount, { token })).status).toBe(201);
    await new CacheKeeper(parts).shrink(0, soon());
    expect(held.length).toBeGreaterThan(1);
    expect(await setting.held()).toEqual([]);
    expect((await Array.fromAsync(parts.contents.list())).map((blob) => blob.digest as string)).toEqual([
      digest,
    ]);
  });

  test('is no garbage while it holds something, and its leavings are', async () => {
    await using setting = await startPulled('library/base');
    await using parts = await setting.hub.openParts();
    const collect = { before: soon(), untagged: false, dryRun: false };
    expect(await collectGarbage(parts, collect)).toMatchObject({ blobs: 0 });
    await parts.database.queries.deleteFrom('cached_blobs').execute();
    expect(await collectGarbage(parts, collect)).toMatchObject({ blobs: 2 });
  });

  test('is listed, pruned and emptied from the shell, while the hub serves', async () => {
    await using setting = await startPulled('library/debian', 'someone/app');
    const cais = (...args: string[]): Promise<Finished> =>
      run([...testSelf, 'hub', 'cache', ...args], { env: { ...process.env, ...setting.hub.environment } });
    expect((await cais('ls')).stdout.replaceAll(/ +/g, ' ')).toMatch(
      /^NAME TAGS SIZE LAST USED\ndocker\.io\/library\/debian 1 .*B .* ago\ndocker\.io\/someone\/app 1 .* ago\n$/,
    );
    expect(await cais('rm', 'debian:latest')).toMatchObject({
      exitCode: 0,
      stdout: 'docker.io/library/debian:latest\n',
    });
    expect((await cais('rm', 'debian:latest')).exitCode).not.toBe(0);
    expect((await cais('rm', 'debian')).exitCode).toBe(0);
    expect(await cais('prune')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Removed 0') });
    expect((await cais('prune', '--all')).stdout).toStartWith('Removed 1 manifests and 2 blobs\n');
    expect((await cais('ls')).stdout.split('\n')).toHaveLength(2);
    expect(await setting.pull('library/debian', 'latest')).toStartWith('sha256:');
  });
});
