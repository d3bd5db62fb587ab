/** `cp` and `export` on real containers: what comes and goes, what is in the way, and archives and containers made to harm. Runs as root. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tar } from '../../src/oci/layer/tar.ts';
import type { TarHeader } from '../../src/oci/layer/tar-header.ts';
import { runChecked } from '../../src/lib/subprocess.ts';
import { RunningEngine } from '../support/running-engine.ts';

setDefaultTimeout(120_000);

interface Member extends Partial<Omit<TarHeader, 'name' | 'linkName' | 'size'>> {
  readonly name: string;
  readonly linkName?: string;
  readonly text?: string;
}

let engine: RunningEngine;
/** A directory of the host that nothing in a container may reach. */
let outside: string;
beforeAll(async () => {
  engine = await RunningEngine.start();
  outside = mkdtempSync(join(tmpdir(), 'cais-outside-'));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  rmSync(outside, { recursive: true });
});

async function archiveOf(...members: readonly Member[]): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  const entries = members.map(({ name, linkName = '', text = '', ...rest }) => ({
    header: {
      type: 'file' as const,
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtime: { seconds: 1_700_000_000, nanoseconds: 0 },
      major: 0,
      minor: 0,
      xattrs: new Map<string, Buffer>(),
      ...rest,
      name: Buffer.from(name),
      linkName: Buffer.from(linkName),
      size: Buffer.byteLength(text),
    },
    content: [Buffer.from(text)],
  }));
  for await (const chunk of tar(entries)) chunks.push(chunk);
  return Uint8Array.from(Buffer.concat(chunks));
}

async function put(
  id: string,
  path: string,
  body: Uint8Array<ArrayBuffer>,
  query = '',
): Promise<{ status: number; message: string }> {
  const response = await fetch(
    `http://engine/containers/${id}/archive?path=${encodeURIComponent(path)}${query}`,
    {
      unix: engine.socketPath,
      method: 'PUT',
      body,
      headers: { 'Content-Type': 'application/x-tar' },
    },
  );
  const text = await response.text();
  return {
    status: response.status,
    message: text === '' ? '' : (JSON.parse(text) as { message: string }).message,
  };
}

/** `tar tv` of an answer, one line each without times. */
async function listing(response: Response): Promise<string[]> {
  const bytes = Buffer.from(await response.arrayBuffer());
  const list = await runChecked(['tar', '--numeric-owner', '-tvf', '-'], { input: bytes });
  return list
    .split('\n')
    .filter(Boolean)
    .map((line) => line.replace(/ +\d+ \d{4}-\d\d-\d\d \d\d:\d\d /, ' '));
}

const get = (id: string, path: string) =>
  engine.fetch('GET', `/containers/${id}/archive?path=${encodeURIComponent(path)}`);

async function statOf(id: string, path: string): Promise<Record<string, unknown>> {
  const response = await engine.fetch('HEAD', `/containers/${id}/archive?path=${encodeURIComponent(path)}`);
  expect(response.status).toBe(200);
  const header = response.headers.get('X-Docker-Container-Path-Stat') ?? '';
  return JSON.parse(Buffer.from(header, 'base64').toString()) as Record<string, unknown>;
}

async function output(id: string, ...command: string[]): Promise<string> {
  const { body } = await engine.call('POST', `/containers/${id}/exec`, {
    AttachStdout: true,
    AttachStderr: true,
    Tty: true,
    Cmd: command,
  });
  const response = await engine.fetch('POST', `/exec/${body.Id}/start`, { Tty: true });
  return (await response.text()).replaceAll('\r', '');
}

describe.each(['runs', 'has ended'])('a container that %s', (state) => {
  let id: string;
  beforeAll(async () => {
    const script =
      'mkdir -p /data/sub && echo hello > /data/file && ln -s file /data/link && chmod 4755 /data/file && ln /data/file /data/sub/hard';
    id = await engine.run(['sh', '-c', state === 'runs' ? `${script}; sleep 600` : script]);
    if (state === 'runs') while ((await get(id, '/data/sub/hard')).status !== 200) await Bun.sleep(20);
    else await engine.wait(id);
  });
  afterAll(() => engine.call('DELETE', `/containers/${id}?force=1&v=1`));

  test('tells what is at a path, with the mode as Go has it', async () => {
    expect(await statOf(id, '/data/file')).toEqual({
      name: 'file',
      size: 6,
      // ModeSetuid and the permissions: https://pkg.go.dev/io/fs#FileMode
      mode: 2 ** 23 + 0o755,
      mtime: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      linkTarget: '',
    });
    expect(await statOf(id, '/data/link')).toMatchObject({ name: 'link', linkTarget: '/data/file' });
    expect(await statOf(id, '/data')).toMatchObject({ mode: 2 ** 31 + 0o755 });
    expect((await engine.fetch('HEAD', `/containers/${id}/archive?path=/nothing`)).status).toBe(404);
  });

  test('gives a file, a directory under its name, and links as links', async () => {
    expect(await listing(await get(id, '/data/file'))).toEqual(['-rwsr-xr-x 0/0 file']);
    expect(await listing(await get(id, '/data'))).toEqual([
      'drwxr-xr-x 0/0 data/',
      '-rwsr-xr-x 0/0 data/file',
      'lrwxrwxrwx 0/0 data/link -> file',
      'drwxr-xr-x 0/0 data/sub/',
      'hrwsr-xr-x 0/0 data/sub/hard link to data/file',
    ]);
    expect(await listing(await get(id, '/data/sub/.'))).toEqual([
      'drwxr-xr-x 0/0 ./',
      '-rwsr-xr-x 0/0 ./hard',
    ]);
  });

  test('takes an archive, compressed or not, with owners, modes and links', async () => {
    const members: Member[] = [
      { name: 'made/', type: 'directory', mode: 0o750, uid: 7, gid: 8 },
      { name: 'made/file', text: 'hi', mode: 0o640, uid: 7, gid: 8 },
      { name: 'made/link', type: 'symlink', linkName: 'file' },
      { name: 'made/hard', type: 'link', linkName: 'made/file' },
      { name: 'deep/in/there', text: 'x' },
    ];
    const archive = await archiveOf(...members);
    expect(await put(id, '/tmp', archive)).toEqual({ status: 200, message: '' });
    expect(await put(id, '/tmp', Uint8Array.from(gzipSync(archive)))).toEqual({ status: 200, message: '' });
    expect(await listing(await get(id, '/tmp/made'))).toEqual([
      'drwxr-x--- 7/8 made/',
      '-rw-r----- 7/8 made/file',
      'hrw-r----- 7/8 made/hard link to made/file',
      'lrwxrwxrwx 0/0 made/link -> file',
    ]);
    expect((await listing(await get(id, '/tmp/deep'))).at(-1)).toBe('-rw-r--r-- 0/0 deep/in/there');
  });

  test('says what is in the way, in the words of docker', async () => {
    const file = await archiveOf({ name: 'sub', text: 'x' });
    expect(await put(id, '/nothing', file)).toEqual({
      status: 404,
      message: expect.stringMatching(/^Could not find the file \/nothing in container \S+$/),
    });
    expect((await put(id, '/data/file', file)).message).toBe('extraction point is not a directory');
    expect(await put(id, '/data', file, '&noOverwriteDirNonDir=true')).toEqual({
      status: 400,
      message: 'cannot overwrite directory "/data/sub" with non-directory "/data"',
    });
    expect((await engine.call('GET', `/containers/${id}/archive?path=`)).body.message).toBe(
      'bad parameter: path cannot be empty',
    );
    expect((await engine.call('GET', '/containers/nobody/archive?path=/')).body.message).toBe(
      'No such container: nobody',
    );
  });

  test('refuses what is no archive, and one that breaks off', async () => {
    expect((await put(id, '/tmp', new Uint8Array(2048).fill(7))).status).toBe(400);
    const archive = await archiveOf({ name: 'big', text: 'x'.repeat(100_000) });
    expect((await put(id, '/tmp', archive.subarray(0, 50_000))).status).toBe(400);
  });

  test('refuses names that climb, and follows links no further than its own root', async () => {
    for (const name of ['../../escaped', 'a/../../escaped']) {
      expect((await put(id, '/tmp', await archiveOf({ name, text: 'x' }))).status).toBe(400);
    }
    // Of an absolute name only what is behind the slash counts.
    expect((await put(id, '/tmp', await archiveOf({ name: '/../escaped', text: 'x' }))).status).toBe(200);
    expect((await get(id, '/tmp/escaped')).status).toBe(200);
    await put(id, '/tmp', await archiveOf({ name: 'out', type: 'symlink', linkName: outside }));
    await put(id, '/tmp', await archiveOf({ name: 'up', type: 'symlink', linkName: '../../../../../..' }));
    expect((await put(id, '/tmp/out', await archiveOf({ name: 'escaped', text: 'x' }))).status).toBe(404);
    await put(id, '/tmp', await archiveOf({ name: 'up/escaped', text: 'x' }));
    expect(readdirSync(outside)).toEqual([]);
    expect(existsSync('/escaped')).toBe(false);
    writeFileSync(join(outside, 'secret'), 'secret');
    expect((await get(id, '/tmp/out/secret')).status).toBe(404);
    rmSync(join(outside, 'secret'));
  });

  test('is exported whole, without what is mounted into it', async () => {
    const list = await listing(await engine.fetch('GET', `/containers/${id}/export`));
    expect(list).toContain('-rwsr-xr-x 0/0 data/file');
    expect(list.filter((line) => / (?:proc|sys)\/./.test(line))).toEqual([]);
  });
});

test('a root that the last reader is just leaving is there for the next one', async () => {
  const id = await engine.create(['true']);
  for (let round = 0; round < 30; round++) {
    const response = await engine.fetch('GET', `/containers/${id}/export`);
    expect({ round, status: response.status }).toEqual({ round, status: 200 });
    await response.arrayBuffer();
  }
  expect((await engine.call('DELETE', `/containers/${id}`)).status).toBe(204);
});

test('volumes and binds are in their places, also while the container is stopped', async () => {
  const bound = mkdtempSync(join(tmpdir(), 'cais-bound-'));
  writeFileSync(join(bound, 'mine'), 'of the host');
  const id = await engine.create(['true'], {
    HostConfig: { Binds: ['shelf:/shelf', `${bound}:/bound:ro`], ReadonlyRootfs: true },
  });
  try {
    expect(await put(id, '/shelf', await archiveOf({ name: 'book', text: 'x' }))).toMatchObject({
      status: 200,
    });
    expect((await listing(await get(id, '/shelf'))).at(-1)).toBe('-rw-r--r-- 0/0 shelf/book');
    expect((await listing(await get(id, '/bound/mine'))).at(-1)).toBe('-rw-r--r-- 0/0 mine');
    expect(await put(id, '/bound', await archiveOf({ name: 'x' }))).toEqual({
      status: 403,
      message: 'mounted volume is marked read-only',
    });
    expect(await put(id, '/tmp', await archiveOf({ name: 'x' }))).toEqual({
      status: 403,
      message: 'container rootfs is marked read-only',
    });
    expect(readdirSync(bound)).toEqual(['mine']);
  } finally {
    await engine.call('DELETE', `/containers/${id}?force=1`);
    await engine.call('DELETE', '/volumes/shelf');
    rmSync(bound, { recursive: true });
  }
});

test('copyUIDGID gives everything to the user of the container', async () => {
  const id = await engine.run(['sleep', '600'], { User: '1000:2000' });
  await put(id, '/tmp', await archiveOf({ name: 'own', text: 'x', uid: 5, gid: 5 }), '&copyUIDGID=true');
  expect(await output(id, 'stat', '-c', '%u:%g', '/tmp/own')).toBe('1000:2000\n');
});

test('many files go in and come out', async () => {
  const id = await engine.create(['true']);
  const members = Array.from({ length: 10_000 }, (_each, index) => ({
    name: `many/${index}`,
    text: `${index}`,
  }));
  expect(
    await put(id, '/tmp', await archiveOf({ name: 'many/', type: 'directory', mode: 0o755 }, ...members)),
  ).toEqual({ status: 200, message: '' });
  expect((await listing(await get(id, '/tmp/many'))).length).toBe(10_001);
});

test('a reader who leaves ends the reading', async () => {
  const id = await engine.run(['sh', '-c', 'head -c 300000000 /dev/zero > /big; sleep 600']);
  while ((await statOf(id, '/').catch(() => undefined)) === undefined) await Bun.sleep(20);
  const leaving = new AbortController();
  const response = await fetch(`http://engine/containers/${id}/export`, {
    unix: engine.socketPath,
    signal: leaving.signal,
  });
  const reader = response.body?.getReader();
  await reader?.read();
  leaving.abort();
  await reader?.cancel().catch(() => undefined);
  // The engine checks at the end of the file that no process and no mount of it is left.
  expect((await engine.call('DELETE', `/containers/${id}?force=1`)).status).toBe(204);
});
