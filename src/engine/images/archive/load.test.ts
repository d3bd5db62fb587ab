import { describe, expect, test } from 'bun:test';
import { ImageEngine, tar as layerTar } from '../../../../tests/support/image-engine.ts';
import { testSelf } from '../../../hub/testing/test-self.ts';
import { digestOf, hexOf } from '../../../oci/image/digest.ts';
import { mediaTypes } from '../../../oci/image/media-type.ts';
import { hostPlatform, type Platform } from '../../../oci/image/platform.ts';
import { tar, type TarMember } from '../../../oci/layer/tar.ts';
import type { TarType } from '../../../oci/layer/tar-header.ts';
import type { ProgressEvent } from '../progress-event.ts';
import { loadImages } from './load.ts';
import { saveImages } from './save.ts';

interface Asked {
  readonly quiet?: boolean;
  readonly platform?: Platform;
}

async function load(engine: ImageEngine, archive: Uint8Array, asked: Asked = {}): Promise<ProgressEvent[]> {
  const events: ProgressEvent[] = [];
  const body = new Blob([Uint8Array.from(archive)]).stream();
  const request = { self: testSelf, body, signal: new AbortController().signal, quiet: false, ...asked };
  await loadImages(engine, request, (event) => events.push(event));
  return events;
}

async function loaded(engine: ImageEngine, archive: Uint8Array, asked: Asked = {}): Promise<string[]> {
  const events = await load(engine, archive, asked);
  return events.flatMap(({ stream }) => stream?.trimEnd() ?? []);
}

async function save(engine: ImageEngine, ...names: string[]): Promise<Uint8Array> {
  return new Response(await saveImages(engine, { names })).bytes();
}

/** Files by name; a `->` makes a symbolic link, a `=>` a hard one. */
function archive(files: Readonly<Record<string, string | Uint8Array>>): Promise<Uint8Array> {
  return archiveOf(Object.entries(files));
}

async function archiveOf(files: readonly (readonly [string, string | Uint8Array])[]): Promise<Uint8Array> {
  return Buffer.concat(await Array.fromAsync(tar(files.map(([name, content]) => member(name, content)))));
}

function member(name: string, content: string | Uint8Array): TarMember {
  const text = typeof content === 'string' ? content : '';
  if (text.startsWith('->')) return { header: header(name, 'symlink', text.slice(2)) };
  if (text.startsWith('=>')) return { header: header(name, 'link', text.slice(2)) };
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return { header: { ...header(name, 'file'), size: bytes.length }, content: [bytes] };
}

function header(name: string, type: TarType, link = ''): TarMember['header'] {
  const [time, none] = [{ seconds: 0, nanoseconds: 0 }, new Map<string, Buffer>()];
  const [bytes, linkName] = [Buffer.from(name), Buffer.from(link)];
  return {
    name: bytes,
    type,
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: time,
    linkName,
    major: 0,
    minor: 0,
    xattrs: none,
  };
}

const layer = layerTar('layer');

function configOf(tars: readonly Uint8Array[], more: object = {}): string {
  const diffIds = tars.map((bytes) => digestOf(bytes));
  return JSON.stringify({ ...hostPlatform(), rootfs: { type: 'layers', diff_ids: diffIds }, ...more });
}

/** As docker 20.10 wrote them; the second image shares a layer by a link. */
function oldArchive(more: Readonly<Record<string, string | Uint8Array>> = {}): Promise<Uint8Array> {
  return archive({
    'aaa/VERSION': '1.0',
    'aaa/json': '{}',
    'aaa/layer.tar': layer,
    'bbb/layer.tar': '->../aaa/layer.tar',
    'one.json': configOf([layer]),
    'manifest.json': JSON.stringify([
      { Config: 'one.json', RepoTags: ['old:1'], Layers: ['aaa/layer.tar'] },
      { Config: 'one.json', RepoTags: ['old:2'], Layers: ['bbb/layer.tar'] },
    ]),
    ...more,
  });
}

/** Those that a load opened. */
const ingests = new WeakMap<ImageEngine, string[]>();

function watchIngests(engine: ImageEngine): void {
  const open = engine.contents.ingest.bind(engine.contents);
  const ids: string[] = [];
  ingests.set(engine, ids);
  engine.contents.ingest = (id) => {
    ids.push(id);
    return open(id);
  };
}

async function nothingIsLeft(engine: ImageEngine): Promise<void> {
  expect(await engine.blobCount()).toBe(0);
  for (const id of ingests.get(engine) ?? []) expect(await engine.contents.ingestSize(id)).toBeUndefined();
  expect(engine.snapshots.layers.size).toBe(0);
  expect(engine.snapshots.pending).toBe(0);
  expect(engine.images.list()).toEqual([]);
}

describe('what was saved', () => {
  test('is the same image elsewhere, with its names, its manifest and its compressed layers', async () => {
    await using engine = new ImageEngine();
    await using other = new ImageEngine();
    const { manifest, layers } = engine.registry.addImage('alice/app', '1', [layer, layerTar('b')]);
    const image = await engine.pull('alice/app:1');
    const events = await load(other, await save(engine, 'alice/app:1'));
    expect(events.at(-1)).toEqual({ stream: 'Loaded image: alice/app:1\n' });
    expect(events[0]).toMatchObject({
      status: 'Loading layer',
      progress: { current: expect.any(Number) as number },
    });
    expect(other.images.resolve('alice/app:1')).toMatchObject({ id: image.id, size: image.size });
    expect(other.images.manifests(image.id).map(({ digest }) => digest)).toEqual([manifest]);
    for (const digest of layers) expect(await other.contents.stat(digest)).toBeDefined();
    expect(await other.blobCount()).toBe(2);
    expect(other.events).toEqual([`load ${image.id}`]);
    expect(engine.events.at(-1)).toBe(`save ${image.id}`);
  });

  test('is the same bytes each time, and compressed as a whole is loaded as well', async () => {
    await using engine = new ImageEngine();
    engine.registry.addImage('alice/app', '1', [layer]);
    await engine.pull('alice/app:1');
    const saved = await save(engine, 'alice/app:1');
    expect(await save(engine, 'alice/app:1')).toEqual(saved);
    await engine.remove('alice/app:1', { force: true });
    for (const bytes of [
      Bun.gzipSync(Uint8Array.from(saved)),
      Bun.zstdCompressSync(Uint8Array.from(saved)),
    ]) {
      expect(await loaded(engine, bytes)).toEqual(['Loaded image: alice/app:1']);
      await engine.remove('alice/app:1', { force: true });
    }
    await nothingIsLeft(engine);
  });

  test('without a tag all tags of a name, by ID none; one image comes once', async () => {
    await using engine = new ImageEngine();
    await using other = new ImageEngine();
    for (const tag of ['1', '2']) engine.registry.addImage('alice/app', tag, [layer], { comment: 'same' });
    const image = await engine.pull('alice/app:1');
    await engine.pull('alice/app:2');
    expect(await loaded(other, await save(engine, 'alice/app'))).toEqual([
      'Loaded image: alice/app:1',
      'Loaded image: alice/app:2',
    ]);
    await other.remove(image.id, { force: true });
    expect(await loaded(other, await save(engine, image.id))).toEqual([`Loaded image ID: ${image.id}`]);
  });

  test('loaded twice is there once, and takes a name from another image', async () => {
    await using engine = new ImageEngine();
    engine.registry.addImage('alice/app', '1', [layer]);
    const image = await engine.pull('alice/app:1');
    const saved = await save(engine, 'alice/app:1');
    expect(await loaded(engine, saved, { quiet: true })).toEqual(['Loaded image: alice/app:1']);
    engine.registry.addImage('alice/app', '1', [layerTar('other')]);
    const other = await engine.pull('alice/app:1');
    expect(await loaded(engine, saved)).toEqual([
      `The image alice/app:1 already exists, renaming the old one with ID ${other.id} to empty string`,
      'Loaded image: alice/app:1',
    ]);
    expect(engine.images.resolve('alice/app:1').id).toBe(image.id);
  });

  test('its layers are not collected while it is read', async () => {
    await using engine = new ImageEngine();
    engine.registry.addImage('alice/app', '1', [layer]);
    await engine.pull('alice/app:1');
    const whole = await save(engine, 'alice/app:1');
    const stream = await saveImages(engine, { names: ['alice/app:1'] });
    await engine.remove('alice/app:1', { force: true });
    expect(await new Response(stream).bytes()).toEqual(Uint8Array.from(whole));
  });
});

describe('archives of others', () => {
  test('docker before 25, with layers by link', async () => {
    await using engine = new ImageEngine();
    expect(await loaded(engine, await oldArchive())).toEqual(['Loaded image: old:1', 'Loaded image: old:2']);
    expect(engine.images.resolve('old:2').size).toBe(layer.length);
    expect(await engine.blobCount()).toBe(1);
  });

  test('an OCI layout, of several platforms the one of this machine', async () => {
    await using engine = new ImageEngine();
    const images = [{ os: 'linux', architecture: 's390x' }, hostPlatform()].map((platform) => {
      const config = configOf([layer], platform);
      const manifest = JSON.stringify({
        schemaVersion: 2,
        config: { mediaType: mediaTypes.ociConfig, digest: digestOf(config), size: config.length },
        layers: [{ mediaType: mediaTypes.ociLayer, digest: digestOf(layer), size: layer.length }],
      });
      const entry = {
        mediaType: mediaTypes.ociManifest,
        digest: digestOf(manifest),
        size: manifest.length,
        platform,
      };
      return { config, manifest, entry };
    });
    const nested = JSON.stringify({ schemaVersion: 2, manifests: images.map(({ entry }) => entry) });
    const annotations = { 'org.opencontainers.image.ref.name': 'quay.io/a/b:3' };
    const top = {
      mediaType: mediaTypes.ociIndex,
      digest: digestOf(nested),
      size: nested.length,
      annotations,
    };
    const blobs = [nested, layer, ...images.flatMap(({ config, manifest }) => [config, manifest])];
    const bytes = await archive({
      ...Object.fromEntries(blobs.map((blob) => [`./blobs/sha256/${hexOf(digestOf(blob))}`, blob])),
      './oci-layout': '{"imageLayoutVersion":"1.0.0"}',
      './index.json': JSON.stringify({ schemaVersion: 2, manifests: [top] }),
    });
    expect(await loaded(engine, bytes)).toEqual(['Loaded image: quay.io/a/b:3']);
    expect(engine.images.resolve('quay.io/a/b:3').id).toBe(digestOf(images[1]?.config ?? ''));
    expect(load(engine, bytes, { platform: { os: 'linux', architecture: 'mips' } })).rejects.toThrow(
      'no image for the platform linux/mips',
    );
  });
});

const manifestOf = (entry: object): string =>
  JSON.stringify([{ Config: 'one.json', RepoTags: ['old:1'], Layers: ['aaa/layer.tar'], ...entry }]);

describe('is refused, and leaves nothing', () => {
  const wrong = hexOf(digestOf('other'));
  const cases: Readonly<Record<string, readonly [() => Promise<Uint8Array>, string]>> = {
    'no archive': [async () => layerTar('text'), 'invalid archive: '],
    'nothing at all': [async () => new Uint8Array(), 'does not contain a manifest.json'],
    'half an archive': [async () => (await oldArchive()).subarray(0, 4000), 'unexpected EOF'],
    'half a gzip': [
      async () => Bun.gzipSync(Uint8Array.from(await oldArchive())).subarray(0, 300),
      'invalid archive: ',
    ],
    'half an xz': [
      async () => Bun.spawnSync(['xz', '-c'], { stdin: await oldArchive() }).stdout.subarray(0, 300),
      'invalid archive: xz: ',
    ],
    'a name that climbs': [() => oldArchive({ 'a/../../x': 'x' }), 'leads out of it'],
    'a link that climbs': [() => oldArchive({ 'a/x': '->../../etc/passwd' }), 'leads out of it'],
    'a hard link that climbs': [() => oldArchive({ 'a/x': '=>../etc/passwd' }), 'leads out of it'],
    'links in a circle': [
      () =>
        archive({
          x: '->y',
          y: '->x',
          'one.json': configOf([layer]),
          'manifest.json': manifestOf({ Layers: ['x'] }),
        }),
      'leads nowhere',
    ],
    'a member twice': [
      () =>
        archiveOf([
          ['x', 'a'],
          ['./x', 'b'],
        ]),
      'twice',
    ],
    'a missing layer': [
      () => oldArchive({ 'manifest.json': manifestOf({ Layers: ['nothing'] }) }),
      '"nothing" is missing',
    ],
    'a missing configuration': [
      () => oldArchive({ 'manifest.json': manifestOf({ Config: 'no.json' }) }),
      '"no.json" is missing',
    ],
    'a layer too many': [
      () => oldArchive({ 'manifest.json': manifestOf({ Layers: ['aaa/layer.tar', 'bbb/layer.tar'] }) }),
      'layers length mismatch: expected 1, got 2',
    ],
    'a layer that is another': [() => oldArchive({ 'one.json': configOf([layerTar('other')]) }), 'diff ID'],
    'a second image that is broken': [
      () =>
        oldArchive({
          'two.json': configOf([layer, layerTar('other')]),
          'manifest.json': JSON.stringify([
            { Config: 'one.json', RepoTags: ['old:1'], Layers: ['aaa/layer.tar'] },
            { Config: 'two.json', RepoTags: ['old:2'], Layers: ['aaa/layer.tar', 'bbb/layer.tar'] },
          ]),
        }),
      'diff ID',
    ],
    'a blob under a wrong digest': [
      () =>
        oldArchive({
          [`blobs/sha256/${wrong}`]: layer,
          'manifest.json': manifestOf({ Layers: [`blobs/sha256/${wrong}`] }),
        }),
      'verification failed',
    ],
    'a table of contents that is no JSON': [() => oldArchive({ 'manifest.json': '[{' }), 'is not JSON'],
    'a table of contents without end': [
      () => oldArchive({ 'manifest.json': `[${' '.repeat(9_000_000)}]` }),
      'is no small JSON',
    ],
    'a table of contents of another kind': [() => oldArchive({ 'manifest.json': '{}' }), 'not in the format'],
    'a name that is none': [
      () => oldArchive({ 'manifest.json': manifestOf({ RepoTags: ['UPPER:1'] }) }),
      'lowercase',
    ],
    'a name without a tag': [
      () => oldArchive({ 'manifest.json': manifestOf({ RepoTags: ['old'] }) }),
      'invalid tag "old"',
    ],
    'an image for another system': [
      () => oldArchive({ 'one.json': configOf([layer], { os: 'windows' }) }),
      'cannot load windows',
    ],
  };
  test.each(Object.entries(cases))('%s', async (_, [make, message]) => {
    await using engine = new ImageEngine();
    watchIngests(engine);
    await expect(load(engine, await make())).rejects.toThrow(message);
    await nothingIsLeft(engine);
  });

  test('a body that breaks off', async () => {
    await using engine = new ImageEngine();
    const bytes = await oldArchive();
    const parts = [bytes.subarray(0, 3000)];
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const part = parts.shift();
        if (part) controller.enqueue(part);
        else controller.error(new TypeError('gone'));
      },
    });
    const request = { self: testSelf, body, signal: new AbortController().signal, quiet: true };
    await expect(loadImages(engine, request, () => undefined)).rejects.toThrow('gone');
    await nothingIsLeft(engine);
  });

  test('a layer that is another does not become the form of one that is here', async () => {
    await using engine = new ImageEngine();
    await load(engine, await oldArchive());
    const foreign = Bun.gzipSync(Uint8Array.from(layerTar('foreign')));
    await load(engine, await oldArchive({ 'aaa/layer.tar': foreign })).catch(() => undefined);
    expect(await engine.contents.stat(digestOf(foreign))).toBeUndefined();
    expect(engine.images.blobs.of(digestOf(layer)).map(({ digest }) => digest)).toEqual([digestOf(layer)]);
  });
});
