/** Repositories as OCI image layouts: out of one hub and into another, from and to other tools, and what is refused on the way in. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { podmanEnvironment } from '../../../../tests/support/podman-config.ts';
import { ConflictError, CorruptError, InvalidError, NotFoundError } from '../../../lib/errors.ts';
import { type Finished, run } from '../../../lib/subprocess.ts';
import { type Digest, digestOf, hexOf } from '../../../oci/image/digest.ts';
import { mediaTypes } from '../../../oci/image/media-type.ts';
import { tar } from '../../../oci/layer/tar.ts';
import { emptyHeader, type TarHeader } from '../../../oci/layer/tar-header.ts';
import { seed } from '../../seed/seed.ts';
import { HubFixture } from '../../testing/hub-fixture.ts';
import { fsck } from '../fsck/fsck.ts';
import { exportLayout } from './export-layout.ts';
import { importLayout, parseInto } from './import-layout.ts';
import { openLayout } from './open-layout.ts';
import { writeArchive, writeDirectory } from './write-layout.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

let directory = '';
let hub: HubFixture;
let index: Digest;
let signature: Digest;
const repository = 'alice/app';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-layout-test-'));
  hub = await HubFixture.create('alice', 'bob');
  const image = await hub.pushImage('alice', repository, '1.0');
  const other = await hub.pushImage('alice', repository, '2.0');
  const token = await hub.fullToken('alice', repository);
  const children = [image, other].map(({ digest, bytes }) => ({
    mediaType: mediaTypes.ociManifest,
    digest,
    size: bytes.length,
  }));
  const all = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: children });
  await hub.putManifest(token, repository, 'all', all, mediaTypes.ociIndex);
  index = digestOf(all);
  const said = JSON.stringify({
    ...JSON.parse(image.bytes),
    subject: children[0],
    annotations: { by: 'me' },
  });
  signature = digestOf(said);
  await hub.putManifest(token, repository, signature, said);
  await hub.pushImage('bob', 'bob/tools/x', 'latest');
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

async function exportTo(path: string, ...names: readonly string[]): Promise<string> {
  await using parts = await hub.openParts();
  const write = path.endsWith('/') ? writeDirectory : writeArchive;
  await write(path, exportLayout(parts, names));
  return path;
}

async function importFrom(to: HubFixture, path: string, into?: string): Promise<readonly string[]> {
  await using parts = await to.openParts();
  const layout = await openLayout(path);
  const imported = await Array.fromAsync(
    importLayout(parts, layout, into === undefined ? undefined : parseInto(into)),
  );
  expect(await Array.fromAsync(fsck(parts, { isQuick: false }))).toEqual([]);
  return imported.map(({ path: name, tag }) => (tag === undefined ? name : `${name}:${tag}`)).toSorted();
}

async function tagsOf(of: HubFixture, name: string): Promise<readonly string[]> {
  const token = await of.fullToken('alice', name);
  const { tags } = (await (await of.send('GET', `/v2/${name}/tags/list`, { token })).json()) as {
    tags: string[];
  };
  return tags;
}

describe('out of one hub and into another', () => {
  test.each(['all.tar', 'all/'])(
    'tags, indexes and what is said about images, by way of %s',
    async (name) => {
      const path = await exportTo(join(directory, name), repository, 'bob/tools/x');
      await using other = await HubFixture.create('alice', 'bob');
      const names = [
        repository,
        `${repository}:1.0`,
        `${repository}:2.0`,
        `${repository}:all`,
        'bob/tools/x:latest',
      ];
      expect(await importFrom(other, path)).toEqual(names);
      // Again: nothing has to change.
      expect(await importFrom(other, path)).toEqual(names);
      expect(await tagsOf(other, repository)).toEqual(['1.0', '2.0', 'all']);
      const token = await other.fullToken('alice', repository);
      const got = await other.send('GET', `/v2/${repository}/manifests/all`, { token });
      expect(digestOf(await got.text())).toBe(index);
      expect((await other.send('GET', `/v2/${repository}/manifests/${signature}`, { token })).status).toBe(
        200,
      );
    },
  );

  test('one image alone, under another name', async () => {
    const path = await exportTo(join(directory, 'one.tar'), `${repository}:2.0`);
    await using other = await HubFixture.create('alice');
    expect(await importFrom(other, path, 'alice/copy:new')).toEqual(['alice/copy:new']);
    expect(await tagsOf(other, 'alice/copy')).toEqual(['new']);
  });

  test('what is not there, and a directory that is not empty, are told', async () => {
    await expect(exportTo(join(directory, 'no.tar'), 'alice/none')).rejects.toBeInstanceOf(NotFoundError);
    await expect(exportTo(join(directory, 'no.tar'), `${repository}:none`)).rejects.toBeInstanceOf(
      NotFoundError,
    );
    expect(await Bun.file(join(directory, 'no.tar')).exists()).toBe(false);
    await expect(exportTo(`${directory}/`, repository)).rejects.toBeInstanceOf(ConflictError);
  });

  test('a namespace that nobody has is not made', async () => {
    const path = await exportTo(join(directory, 'bob.tar'), 'bob/tools/x');
    await using other = await HubFixture.create('alice');
    await expect(importFrom(other, path)).rejects.toBeInstanceOf(NotFoundError);
  });
});

const tools = ['skopeo', 'podman'].filter((program) => Bun.which(program) === null);

describe.skipIf(tools.length > 0)('other tools', () => {
  const tool = async (...argv: readonly string[]): Promise<Finished> =>
    await run(argv, {
      env: { ...process.env, HOME: directory, TMPDIR: directory, ...(await podmanEnvironment(directory)) },
    });
  const expectDone = ({ exitCode, stderr }: Finished): void =>
    expect([exitCode, stderr]).toEqual([0, expect.anything()]);

  test('skopeo and podman read what is exported', async () => {
    const archive = await exportTo(join(directory, 'tools.tar'), repository);
    const layout = await exportTo(join(directory, 'tools/'), repository);
    for (const source of [
      `oci-archive:${archive}:${repository}:1.0`,
      `oci:${layout.slice(0, -1)}:${repository}:all`,
    ]) {
      const { stdout, exitCode } = await tool('skopeo', 'inspect', '--raw', source);
      expect([exitCode, digestOf(stdout)]).toEqual([0, source.endsWith('all') ? index : expect.anything()]);
    }
    const copied = `oci:${directory}/copied:x`;
    expectDone(
      await tool(
        'skopeo',
        'copy',
        '--all',
        '--preserve-digests',
        `oci-archive:${archive}:${repository}:all`,
        copied,
      ),
    );
  });

  test('podman loads an exported image', async () => {
    await using parts = await hub.openParts();
    await seed(parts, { report: () => undefined, distribution: false });
    const archive = await exportTo(join(directory, 'busybox.tar'), 'busybox:latest');
    const storage = [
      '--root',
      `${directory}/storage`,
      '--runroot',
      `${directory}/run`,
      '--storage-driver',
      'vfs',
    ];
    const { exitCode, stdout, stderr } = await tool('podman', ...storage, 'load', '-i', archive);
    expect([exitCode, stdout, stderr]).toEqual([
      0,
      expect.stringContaining('library/busybox:latest'),
      expect.anything(),
    ]);
  });

  test.each(['oci', 'oci-archive'])('what skopeo writes as %s is imported', async (kind) => {
    const archive = await exportTo(join(directory, `${kind}-source.tar`), `${repository}:all`);
    const path = join(directory, `${kind}-made`);
    const copy = ['skopeo', 'copy', '--all', `oci-archive:${archive}:${repository}:all`];
    await using other = await HubFixture.create('alice');
    expectDone(await tool(...copy, `${kind}:${path}:alice/named:3`));
    expect(await importFrom(other, path)).toEqual(['alice/named:3']);
    await rm(path, { recursive: true });
    expectDone(await tool(...copy, `${kind}:${path}:4`));
    await expect(importFrom(other, path)).rejects.toBeInstanceOf(InvalidError);
    expect(await importFrom(other, path, 'alice/tagged')).toEqual(['alice/tagged:4']);
    await rm(path, { recursive: true });
    expectDone(await tool(...copy, `${kind}:${path}`));
    await expect(importFrom(other, path)).rejects.toBeInstanceOf(InvalidError);
    expect(await importFrom(other, path, 'alice/nameless:5')).toEqual(['alice/nameless:5']);
    expect(await tagsOf(other, 'alice/nameless')).toEqual(['5']);
  });
});

describe('refused, and nothing of it is there:', () => {
  interface Member {
    readonly name: string;
    readonly text?: string;
    readonly header?: Partial<TarHeader>;
  }

  async function archive(members: readonly Member[]): Promise<string> {
    const path = join(directory, `${crypto.randomUUID()}.tar`);
    const chunks: Uint8Array[] = [];
    const made = members.map(({ name, text = '', header = {} }) => ({
      header: { ...emptyHeader, name: Buffer.from(name), size: Buffer.byteLength(text), ...header },
      content: [Buffer.from(text)],
    }));
    for await (const chunk of tar(made)) chunks.push(Buffer.from(chunk));
    await Bun.write(path, Buffer.concat(chunks));
    return path;
  }

  const about: Member = { name: 'oci-layout', text: '{"imageLayoutVersion":"1.0.0"}' };

  function indexOf(...entries: readonly object[]): Member {
    const manifests = entries.map((entry) => ({
      annotations: { 'org.opencontainers.image.ref.name': 'alice/bad:1' },
      ...entry,
    }));
    return { name: 'index.json', text: JSON.stringify({ schemaVersion: 2, manifests }) };
  }

  function blob(text: string, name = digestOf(text)): Member {
    return { name: `blobs/sha256/${hexOf(name)}`, text };
  }

  async function expectRefused(members: readonly Member[], message: RegExp): Promise<void> {
    await using other = await HubFixture.create('alice');
    const path = await archive(members);
    const failure = await importFrom(other, path).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect((failure as Error).message).toMatch(message);
    expect((await other.send('GET', '/v2/repositories/alice/bad/')).status).toBe(404);
  }

  const config = '{}';
  const layer = 'layer';
  const descriptor = (text: string, mediaType: string) => ({
    mediaType,
    digest: digestOf(text),
    size: text.length,
  });
  const image = (text: string) => descriptor(text, mediaTypes.ociManifest);
  const manifestOf = (...layers: readonly object[]): string =>
    JSON.stringify({ schemaVersion: 2, config: descriptor(config, mediaTypes.ociConfig), layers });
  const whole = manifestOf(descriptor(layer, mediaTypes.ociLayer));

  test('names that lead out of it', async () => {
    for (const name of ['../etc/passwd', '/etc/passwd', 'blobs/../../x', './../x'])
      await expectRefused([about, indexOf(), { name, text: 'x' }], /outside of it/);
  });

  test('links, symbolic and hard', async () => {
    const target = blob(config);
    for (const type of ['symlink', 'link'] as const) {
      const link = { ...target, text: '', header: { type, linkName: Buffer.from('/etc/passwd') } };
      await expectRefused([about, indexOf(image(whole)), blob(whole), blob(layer), link], /is a link/);
    }
    const root = join(directory, 'links');
    await mkdir(join(root, 'blobs'), { recursive: true });
    await Bun.write(join(root, 'oci-layout'), about.text ?? '');
    await Bun.write(join(root, 'index.json'), indexOf(image(whole)).text ?? '');
    await mkdir(join(root, 'elsewhere'));
    await Bun.write(join(root, 'elsewhere', hexOf(digestOf(whole))), whole);
    await symlink('../elsewhere', join(root, 'blobs/sha256'));
    await using other = await HubFixture.create('alice');
    await expect(importFrom(other, root)).rejects.toThrow(/is a link/);
  });

  test('bytes that are not of their digest, or of another length', async () => {
    const rest = [about, indexOf(image(whole)), blob(config)];
    await expectRefused([...rest, blob(whole), blob('LAYER', digestOf(layer))], /other bytes/);
    await expectRefused([...rest, blob(whole), blob('longer layer', digestOf(layer))], /12 bytes, not 5/);
    await expectRefused(
      [...rest, blob(layer), blob(whole.replace('2', '3'), digestOf(whole))],
      /other bytes/,
    );
  });

  test('what is not whole', async () => {
    await expectRefused([about, indexOf(image(whole)), blob(whole), blob(config)], /is missing/);
    await expectRefused([about], /has no index.json/);
    await expectRefused([indexOf()], /no OCI image layout/);
  });

  test('huge manifests, indexes that hold themselves, names twice, names of elsewhere', async () => {
    const huge = `${whole}${' '.repeat(5 * 1024 * 1024)}`;
    await expectRefused([about, indexOf(image(huge)), blob(huge)], /too large/);
    let inner = JSON.stringify({ schemaVersion: 2, manifests: [] });
    const nested = [blob(inner)];
    for (let depth = 0; depth < 20; depth++) {
      const entry = descriptor(inner, mediaTypes.ociIndex);
      inner = JSON.stringify({ schemaVersion: 2, manifests: [entry] });
      nested.push(blob(inner));
    }
    const top = descriptor(inner, mediaTypes.ociIndex);
    await expectRefused([about, indexOf(top), ...nested], /too many of them/);
    await expectRefused([about, indexOf(), about], /in it twice/);
    const bad = { ...image(whole), annotations: { 'org.opencontainers.image.ref.name': 'a/../b:1' } };
    await expectRefused(
      [about, indexOf(bad), blob(whole), blob(config), blob(layer)],
      /invalid reference format/,
    );
  });

  test('archives that end too early, or are none', async () => {
    const path = await archive([about, indexOf(image(whole)), blob('x'.repeat(5000))]);
    await Bun.write(path, (await Bun.file(path).bytes()).slice(0, 4000));
    await expect(openLayout(path)).rejects.toBeInstanceOf(CorruptError);
    await Bun.write(path, 'no tar archive at all'.repeat(100));
    await expect(openLayout(path)).rejects.toBeInstanceOf(InvalidError);
  });
});
