/**
 * The verbs of a hub at work until the process is killed, for tests that do so: prints `ready`, waits for a line on stdin, and then
 * a line for each thing that is begun and for each that is acknowledged. Arguments: the data directory, what to do, a word for this
 * run, and the address of a database: where to move to, or else the hub's own.
 */
import { writeSync } from 'node:fs';
import { ConflictError } from '../../lib/errors.ts';
import { createLog } from '../../lib/log.ts';
import type { BlobInfo } from '../../oci/content/content-store.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { type HubConfig, readHubConfig } from '../config.ts';
import { moveDatabase } from '../db/move/move-database.ts';
import { PostgresDatabase } from '../db/postgres-database.ts';
import { type HubParts, openHubParts } from '../parts.ts';
import { collectGarbage } from '../registry/collect-garbage.ts';
import { linkBlob } from '../registry/link-blob.ts';
import { pushManifest } from '../registry/push-manifest.ts';
import { newUploadSession } from '../registry/upload-session.ts';
import { parseRepositoryPath } from '../repositories/repository-path.ts';

/** What to give to bun. */
export const busyHubProgram = import.meta.path;
export const busyRepository = parseRepositoryPath('busy', 'app');
/** Who deletes. */
const account = 1;
/** Each is moved again and again. */
const tags = 6;

export type Work = 'push' | 'delete' | 'collect' | 'upgrade' | 'move';

/** In one write, so that nobody reads half of a line. */
function tell(line: string): void {
  writeSync(1, `${line}\n`);
}

async function ready(): Promise<void> {
  tell('ready');
  await process.stdin[Symbol.asyncIterator]().next();
  // Otherwise it would keep a process alive that has ended its work.
  process.stdin.destroy();
}

/** As an upload in two requests. */
async function pushBlob(parts: HubParts, repositoryId: number, text: string): Promise<BlobInfo> {
  const bytes = Buffer.from(text);
  const { id } = newUploadSession(repositoryId, account);
  await parts.contents.reserve(id);
  for (const part of [bytes.subarray(0, 1000), bytes.subarray(1000)]) {
    const ingest = await parts.contents.ingest(id);
    await ingest.write(part);
    await ingest.close();
  }
  const blob = await (await parts.contents.ingest(id)).commit();
  await linkBlob(parts, repositoryId, blob);
  return blob;
}

async function pushImage(parts: HubParts, run: string, round: number): Promise<Digest> {
  const { id } = await parts.repositories.beginPush(busyRepository);
  const config = await pushBlob(
    parts,
    id,
    JSON.stringify({ os: 'linux', architecture: 'amd64', run, round }),
  );
  const layers: BlobInfo[] = [];
  for (const text of [`shared ${round % 3}`, `${run} ${round}`])
    layers.push(await pushBlob(parts, id, text.padEnd(3000, '.')));
  const manifest = {
    schemaVersion: 2,
    config: { mediaType: mediaTypes.ociConfig, ...config },
    layers: layers.map((layer) => ({ mediaType: mediaTypes.ociLayer, ...layer })),
  };
  const tag = `t${round % tags}`;
  tell(`begin ${tag}`);
  const { digest } = await pushManifest(parts, {
    repositoryId: id,
    bytes: Buffer.from(JSON.stringify(manifest)),
    contentType: mediaTypes.ociManifest,
    tags: [tag],
    pushedBy: account,
  });
  tell(`is ${tag} ${digest}`);
  return digest;
}

async function remove(parts: HubParts, round: number, digest: Digest): Promise<void> {
  const tag = `t${round % tags}`;
  tell(`begin ${tag}`);
  const { id } = await parts.repositories.beginPush(busyRepository);
  if (round % 2 === 0) await parts.manifests.delete(id, digest, account);
  else await parts.tags.delete(id, tag, account);
  tell(`gone ${tag}`);
}

async function beBusy(parts: HubParts, work: string, run: string): Promise<void> {
  for (let round = 0; ; round++) {
    const digest = await pushImage(parts, run, round);
    if (work === 'push') continue;
    if (round % 3 > 0) await remove(parts, round, digest);
    if (work === 'delete') continue;
    const before = new Date(Date.now() + 1000);
    await collectGarbage(parts, { before, untagged: true, dryRun: false });
  }
}

async function move(path: string, url: string): Promise<void> {
  await using target = await PostgresDatabase.open({ url, poolSize: 2 });
  await ready();
  try {
    await moveDatabase(path, target, () => undefined);
  } catch (error) {
    // The one before was killed when it had ended.
    if (!(error instanceof ConflictError)) throw error;
  }
}

/** Opening a database brings its schema up to date. */
async function upgrade(config: HubConfig): Promise<void> {
  await ready();
  await (await openHubParts(config, createLog('hub', 'silent')))[Symbol.asyncDispose]();
}

if (import.meta.main) {
  const [data, work = '', run = '', url = ''] = process.argv.slice(2);
  const config = readHubConfig({ data, ...(url && work !== 'move' && { database: url }) }, {});
  if (work === 'move') await move(config.databasePath, url);
  else if (work === 'upgrade') await upgrade(config);
  else {
    await using parts = await openHubParts(config, createLog('hub', 'silent'));
    await ready();
    await beBusy(parts, work, run);
  }
}
