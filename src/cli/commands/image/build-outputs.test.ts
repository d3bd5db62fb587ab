import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeTarHeader, endOfArchive, tarPadding } from '../../../oci/layer/tar.ts';
import type { TarHeader } from '../../../oci/layer/tar-header.ts';
import { type Exchange, runAgainstFake } from '../../testing/fake-engine.ts';

let directory: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'build-outputs-')));
  writeFileSync(join(directory, 'Dockerfile'), 'FROM busybox\n');
});
afterEach(() => rmSync(directory, { recursive: true }));

const id = `sha256:${'ab'.repeat(32)}`;
const digest = `sha256:${'cd'.repeat(32)}`;

function member(name: string, type: TarHeader['type'], text = '', mode = 0o644): string {
  const isLink = type === 'symlink' || type === 'link';
  const content = Buffer.from(isLink ? '' : text);
  const header = encodeTarHeader({
    name: Buffer.from(name),
    type,
    mode,
    uid: 12,
    gid: 34,
    size: content.length,
    mtime: { seconds: 1, nanoseconds: 0 },
    linkName: Buffer.from(isLink ? text : ''),
    major: 0,
    minor: 0,
    xattrs: new Map(),
  });
  return Buffer.concat([header, content, tarPadding(content.length)]).toString('latin1');
}

const archive = (...members: readonly string[]) =>
  members.join('') + Buffer.from(endOfArchive).toString('latin1');

/** Builds an image of these files and says what was asked besides. */
async function build(words: readonly string[], files = archive(), tags: readonly string[] = []) {
  const image = { type: 'image', id, names: tags, seconds: 1 };
  const exchanges: readonly Exchange[] = [
    { method: 'POST', path: '/cais/build*', answer: `${JSON.stringify(image)}\n` },
    { method: 'GET', path: `/cais/image-sets/files?image=${encodeURIComponent(id)}`, answer: files },
    { method: 'GET', path: '/images/get*', answer: 'an archive' },
    { method: 'POST', path: '/cais/image-sets/save', answer: 'an archive' },
    {
      method: 'GET',
      path: `/images/${id}/json`,
      answer: { RepoTags: tags, Descriptor: { digest, size: 7 } },
    },
    { method: 'DELETE', path: `/images/${id}`, answer: [] },
    { method: 'POST', path: `/images/${id}/tag*`, status: 201 },
    { method: 'POST', path: '/images/hub.test/app/push*', answer: '{"status":"pushed"}\n' },
  ];
  const ran = await runAgainstFake(['build', ...words, directory], { exchanges });
  return {
    ...ran,
    asked: ran.asked.map(({ method, path }) => `${method} ${decodeURIComponent(path)}`).slice(1),
  };
}

describe('the files of an image', () => {
  test('-o DIR unpacks them as the files of whoever builds; a nameless image is gone afterwards', async () => {
    const files = archive(
      member('bin/', 'directory', '', 0o755),
      member('bin/app', 'file', 'code', 0o755),
      member('link', 'symlink', 'bin/app'),
    );
    const { exitCode, asked, stderr } = await build(['-o', join(directory, 'out')], files);
    expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining('cais run') as unknown as string]);
    expect(readFileSync(join(directory, 'out/link'), 'utf8')).toBe('code');
    const found = statSync(join(directory, 'out/bin/app'));
    expect([found.mode & 0o777, found.uid]).toEqual([0o755, process.getuid?.() ?? -1]);
    expect(asked).toEqual([
      `GET /cais/image-sets/files?image=${id}`,
      `GET /images/${id}/json`,
      `DELETE /images/${id}`,
    ]);
  });

  test('an image with a name stays', async () => {
    const { asked } = await build(['-o', join(directory, 'out')], archive(), ['app:1']);
    expect(asked).not.toContain(`DELETE /images/${id}`);
  });

  test('nothing is written outside of the directory: not by .., not by /, not through a link', async () => {
    const outside = join(directory, 'outside');
    const link = archive(member('link', 'symlink', directory), member('link/outside', 'file', 'x'));
    const up = archive(member('../outside', 'file', 'x'));
    const hard = archive(member('hard', 'link', '../Dockerfile'), member('hard', 'file', 'x'));
    for (const files of [link, up, hard]) {
      const { exitCode } = await build(['-o', join(directory, 'out')], files);
      expect([exitCode, existsSync(outside)]).toEqual([1, false]);
      expect(readFileSync(join(directory, 'Dockerfile'), 'utf8')).toBe('FROM busybox\n');
      rmSync(join(directory, 'out'), { recursive: true, force: true });
    }
    const absolute = archive(member(outside, 'file', 'x'), member('abs', 'symlink', '/etc/passwd'));
    expect((await build(['-o', join(directory, 'out')], absolute)).exitCode).toBe(0);
    expect(existsSync(outside)).toBe(false);
    expect(readlinkSync(join(directory, 'out/abs'))).toBe('/etc/passwd');
  });

  test('type=tar writes them as they come, - to stdout', async () => {
    const files = archive(member('a', 'file', 'x'));
    expect((await build(['-o', '-'], files)).stdout).toBe(files);
    await build(['-o', `type=tar,dest=${directory}/out.tar`], files);
    expect(readFileSync(join(directory, 'out.tar'), 'latin1')).toBe(files);
  });
});

describe('the image', () => {
  test.each([
    ['oci', 'POST /cais/image-sets/save'],
    ['docker', 'GET /images/get?names=app:1'],
  ])('as an archive: type=%s', async (type, request) => {
    const { asked, exitCode } = await build(['-o', `type=${type},dest=${directory}/image.tar`], archive(), [
      'app:1',
    ]);
    expect([exitCode, readFileSync(join(directory, 'image.tar'), 'utf8')]).toEqual([0, 'an archive']);
    expect(asked[0]).toBe(request);
  });

  test('stays in the engine with --load and without any flag', async () => {
    expect((await build(['--load'])).asked).toEqual([]);
    expect((await build([])).asked).toEqual([]);
  });

  test('--push sends every name to its registry', async () => {
    const { asked, stderr } = await build(['--push', '-t', 'hub.test/app:1'], archive(), ['hub.test/app:1']);
    expect(asked).toEqual(['POST /images/hub.test/app/push?tag=1']);
    expect(stderr).toContain('pushed\n');
  });

  test('type=image,name=…,push=true names it and pushes that', async () => {
    const { asked } = await build(['-o', 'type=image,name=hub.test/app:2,push=true']);
    expect(asked).toEqual([
      `POST /images/${id}/tag?repo=hub.test/app&tag=2`,
      'POST /images/hub.test/app/push?tag=2',
    ]);
  });

  test('--iidfile and --metadata-file tell programs', async () => {
    await build(['--iidfile', `${directory}/iid`, '--metadata-file', `${directory}/meta.json`], archive(), [
      'app:1',
    ]);
    expect(readFileSync(join(directory, 'iid'), 'utf8')).toBe(id);
    expect(JSON.parse(readFileSync(join(directory, 'meta.json'), 'utf8'))).toEqual({
      'containerimage.config.digest': id,
      'containerimage.descriptor': { digest, size: 7 },
      'containerimage.digest': digest,
      'image.name': 'docker.io/library/app:1',
    });
    expect(lstatSync(join(directory, 'iid')).isFile()).toBe(true);
  });

  test.each(['--iidfile', '--metadata-file'])(
    '%s where there is no directory fails by its name',
    async (flag) => {
      const path = join(directory, 'none/file');
      const { exitCode, stderr } = await build([flag, path]);
      expect([exitCode, stderr]).toEqual([
        1,
        expect.stringContaining(
          `ERROR: failed to build: open ${path}: no such file or directory`,
        ) as unknown as string,
      ]);
    },
  );
});
