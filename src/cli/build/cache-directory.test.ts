/** What the engine asks of a directory that a build keeps its cache in, over a connection of its own for each thing. */
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HijackedStream } from '../../engine-api/hijack.ts';
import { type DirectoryAnswer, type DirectoryRequest, encodeLine } from '../../engine-api/lent-directory.ts';
import { digestOf } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { CacheDirectory } from './cache-directory.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cache-directory-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Of a build of its own. */
async function ask(request: DirectoryRequest, content = ''): Promise<DirectoryAnswer> {
  let said = '';
  const connection: HijackedStream = {
    readable: new ReadableStream(),
    contentType: '',
    isClosed: false,
    write: (data) => {
      said += Buffer.from(data).toString();
      return Promise.resolve();
    },
    closeWrite: () => undefined,
    close: () => undefined,
  };
  const bytes = new Response(Buffer.concat([encodeLine(request), Buffer.from(content)])).body;
  if (!bytes) throw new TypeError('a request has bytes');
  await new CacheDirectory(directory).serve(connection, bytes);
  return JSON.parse(said) as DirectoryAnswer;
}

async function exportCache(tag: string): Promise<void> {
  const content = `the manifest of ${tag}`;
  const [digest, size] = [digestOf(content), content.length];
  expect(await ask({ kind: 'write', digest, size }, content)).toEqual({ size });
  const manifest = { mediaType: mediaTypes.ociManifest, digest, size };
  expect(await ask({ kind: 'tag', manifest, tag })).toEqual({});
}

test('builds that end at the same moment all leave their tags, and nothing else', async () => {
  const tags = Array.from({ length: 12 }, (_, number) => `tag-${number}`);
  await Promise.all(tags.map(exportCache));
  const cache = new CacheDirectory(directory);
  expect(tags.map((tag) => cache.find(tag))).toEqual(tags.map((tag) => digestOf(`the manifest of ${tag}`)));
  expect(readdirSync(directory).toSorted()).toEqual(['blobs', 'index.json', 'oci-layout']);
});

test('a blob that is not what it is called is refused, and leaves nothing', async () => {
  const digest = digestOf('what was meant');
  expect(await ask({ kind: 'write', digest, size: 5 }, 'other')).toEqual({
    error: `blob ${digest} came as ${digestOf('other')}`,
  });
  expect(await ask({ kind: 'stat', digest })).toEqual({});
  expect(readdirSync(directory)).toEqual(['blobs']);
});
