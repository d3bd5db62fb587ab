import { expect, test } from 'bun:test';
import { ImageEngine } from '../../../../tests/support/image-engine.ts';
import { testSelf } from '../../../hub/testing/test-self.ts';
import { digestOf } from '../../../oci/image/digest.ts';
import { parseReference } from '../../../oci/image/reference.ts';
import { importImage, type ImportRequest } from './import.ts';

const root = Buffer.alloc(10_240, 'a root file system');

/** @returns what was told. */
async function imported(
  engine: ImageEngine,
  bytes: Uint8Array,
  request: Partial<ImportRequest> = {},
): Promise<string[]> {
  const lines: string[] = [];
  const body = new Blob([Uint8Array.from(bytes)]).stream();
  const { signal } = new AbortController();
  const plain = { self: testSelf, body, signal, source: '-', message: '', changes: [] };
  await importImage(engine, { ...plain, ...request }, ({ status }) => lines.push(status ?? ''));
  return lines;
}

test('an archive becomes an image of one layer, uncompressed', async () => {
  await using engine = new ImageEngine();
  const lines = await imported(engine, Bun.gzipSync(root), {
    reference: parseReference('root:1'),
    message: 'why',
    changes: ['ENV A=1', 'CMD ["sh"]'],
  });
  const image = engine.images.resolve('root:1');
  expect(lines).toEqual([image.id]);
  expect(image).toMatchObject({
    layers: [{ diffId: digestOf(root) }],
    size: root.length,
    config: { comment: 'why', config: { Env: ['A=1'], Cmd: ['sh'] }, history: [{ comment: 'why' }] },
  });
  expect(engine.events).toEqual([`tag ${image.id}`, `import ${image.id}`]);
});

test('without a name and a message it says where it came from', async () => {
  await using engine = new ImageEngine();
  await imported(engine, root);
  expect(engine.images.list()[0]).toMatchObject({ references: [], config: { comment: 'Imported from -' } });
});

test('from a URL', async () => {
  await using engine = new ImageEngine();
  await using server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: ({ url }) =>
      url.endsWith('/root.tar') ? new Response(root) : new Response(null, { status: 404 }),
  });
  const source = `http://127.0.0.1:${server.port}/root.tar`;
  const lines = await imported(engine, new Uint8Array(), { source });
  expect(lines).toEqual([`Downloading from ${source}`, engine.images.list()[0]?.id ?? '']);
  await expect(imported(engine, root, { source: `${source}x` })).rejects.toThrow('404');
  await expect(imported(engine, root, { source: 'file:///etc/passwd' })).rejects.toThrow(
    'no http or https URL',
  );
});

const half = Bun.gzipSync(Uint8Array.from(root)).subarray(0, 40);

test.each([
  ['nothing', new Uint8Array(), {}, 'empty'],
  ['half a gzip', half, {}, 'invalid archive: '],
  ['a change that is none', root, { changes: ['RUN x'] }, 'not a valid change command'],
  ['a name with a digest', root, { reference: parseReference(`a@${digestOf('a')}`) }, 'digest reference'],
] as const)('%s is refused, and nothing stays', async (_, bytes, request, message) => {
  await using engine = new ImageEngine();
  const ids: string[] = [];
  const open = engine.contents.ingest.bind(engine.contents);
  engine.contents.ingest = (id) => {
    ids.push(id);
    return open(id);
  };
  await expect(imported(engine, bytes, request)).rejects.toThrow(message);
  expect(await engine.blobCount()).toBe(0);
  for (const id of ids) expect(await engine.contents.ingestSize(id)).toBeUndefined();
});
