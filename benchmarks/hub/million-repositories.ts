/**
 * Fills a hub's tables in PostgreSQL with repositories that each have ten tags, two images and two blobs: made by the server
 * itself, since a push of each would take weeks.
 */
import type { PostgresServer } from '../../src/hub/testing/postgres-server.ts';
import type { Digest } from '../../src/oci/image/digest.ts';
import { mediaTypes } from '../../src/oci/image/media-type.ts';

const tagsOfEach = 10;
const imagesOfEach = 2;
/** Repositories of one statement. */
const batch = 50_000;

/** What every image holds beside a config of its own, so that blobs can be pulled as well. */
export interface SharedLayer {
  readonly digest: Digest;
  readonly size: number;
}

/** Where repository number `index` is, and its tags. */
export function pathOf(index: number): string {
  return `user${Math.floor(index / 20)}/app-${index}`;
}

export function tagOf(number: number): string {
  return `1.${number % tagsOfEach}.0`;
}

/** @param database whose schema a hub has made, without a repository. */
export async function fillWithRepositories(
  server: PostgresServer,
  database: string,
  repositories: number,
  layer: SharedLayer,
): Promise<void> {
  const indexes = await dropIndexes(server, database);
  for (let first = 0; first < repositories; first += batch) {
    const last = Math.min(first + batch, repositories) - 1;
    await server.run(statementsFor(first, last, layer).join(';\n'), database);
  }
  for (const index of indexes) await server.run(`SET maintenance_work_mem = '1GB'; ${index}`, database);
  // As autovacuum would, which is not to begin while pulls are measured.
  await server.run('VACUUM (FREEZE, ANALYZE)', database);
}

/** Made in one go they take a tenth of the time. Those of constraints stay. @returns what makes them again. */
async function dropIndexes(server: PostgresServer, database: string): Promise<readonly string[]> {
  const found = (await server.run(
    `SELECT pg_get_indexdef(indexrelid) AS definition, indexrelid::regclass AS name FROM pg_index
     WHERE indrelid IN ('repositories'::regclass, 'repository_blobs'::regclass, 'manifests'::regclass,
       'manifest_references'::regclass, 'tags'::regclass) AND NOT indisunique`,
    database,
  )) as readonly { readonly definition: string; readonly name: string }[];
  await server.run(found.map(({ name }) => `DROP INDEX ${name}`).join(';'), database);
  return found.map(({ definition }) => definition);
}

/** Number i has the id 1000 + i: the first ones may be taken. Rows are checked against each other by how they are made. */
function statementsFor(first: number, last: number, layer: SharedLayer): readonly string[] {
  const each = `generate_series(${first}, ${last}) i`;
  const manifest = `format('{"schemaVersion":2,"mediaType":"${mediaTypes.ociManifest}","config":{"mediaType":"${mediaTypes.ociConfig}","digest":"%s","size":1500},"layers":[{"mediaType":"${mediaTypes.ociLayer}","digest":"${layer.digest}","size":${layer.size}}]}', config)`;
  const digestOf = (text: string): string =>
    `'sha256:' || encode(sha256(convert_to(${text}, 'UTF8')), 'hex')`;
  return [
    'SET session_replication_role = replica',
    `CREATE TEMPORARY TABLE images AS
     SELECT id, n, config, text, ${digestOf('text')} AS digest FROM (SELECT id, n, config, ${manifest} AS text FROM (
       SELECT 1000 + i AS id, n, ${digestOf(`'config ' || i || ' ' || n`)} AS config
       FROM ${each}, generate_series(0, ${imagesOfEach - 1}) n) configs) texts`,
    `INSERT INTO repositories (id, namespace, name, is_private, is_pending, description, full_description, star_count,
       pull_count, created_at, updated_at, last_pushed_at, search_rank)
     SELECT 1000 + i, 'user' || i / 20, 'app-' || i, 0, 0, 'Application number ' || i, '', 0, 0, 0, 0, 0, -1000 - i FROM ${each}`,
    `INSERT INTO repository_blobs (repository_id, digest, size, created_at)
     SELECT id, config, 1500, 0 FROM images
     UNION ALL SELECT 1000 + i, '${layer.digest}', ${layer.size}, 0 FROM ${each}`,
    `INSERT INTO manifests (repository_id, digest, media_type, pushed_at, os, architecture, image_size, bytes)
     SELECT id, digest, '${mediaTypes.ociManifest}', 0, 'linux', 'amd64', ${layer.size + 1500}, convert_to(text, 'UTF8') FROM images`,
    `INSERT INTO manifest_references (repository_id, manifest_digest, digest, kind)
     SELECT id, digest, needed, 'blob' FROM images, unnest(ARRAY[config, '${layer.digest}']) needed`,
    `INSERT INTO tags (repository_id, name, digest, pushed_at)
     SELECT id, '1.' || t || '.0', digest, t FROM images, generate_series(0, ${tagsOfEach - 1}) t WHERE t % ${imagesOfEach} = n`,
    `INSERT INTO repository_totals (repository_id, tags, blobs, bytes)
     SELECT 1000 + i, ${tagsOfEach}, ${imagesOfEach + 1}, ${layer.size} + 3000 FROM ${each}`,
  ];
}
