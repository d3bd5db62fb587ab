import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseIgnore } from '../../dockerfile/ignore.ts';
import type { TarHeader } from '../../oci/layer/tar-header.ts';
import { untar } from '../../oci/layer/untar.ts';
import { listContext } from './context-files.ts';
import { contextTar, type ExtraFile } from './context-tar.ts';

let directory: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'build-context-')));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function write(path: string, content: string | Uint8Array = path): void {
  const whole = join(directory, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, content);
}

interface Sent {
  readonly header: TarHeader;
  readonly content: string;
}

function send(ignore = '', always: readonly string[] = [], extras: readonly ExtraFile[] = []) {
  return contextTar(listContext(directory, parseIgnore(ignore), new Set(always)), extras);
}

async function received(stream: AsyncIterable<Uint8Array>): Promise<Map<string, Sent>> {
  const members = new Map<string, Sent>();
  const chunks = await Array.fromAsync(stream);
  for (const entry of untar(() => chunks.shift() ?? new Uint8Array())) {
    members.set(entry.name.toString(), {
      header: entry,
      content: Buffer.concat([...entry.content()]).toString(),
    });
  }
  return members;
}

const names = async (...options: Parameters<typeof send>) => [...(await received(send(...options))).keys()];

describe('what a context sends', () => {
  test('every file with its bytes, mode and time, owned by root, in the order of names', async () => {
    write('b/run.sh', '#!/bin/sh\n');
    write('a', 'x');
    chmodSync(join(directory, 'b/run.sh'), 0o4755);
    utimesSync(join(directory, 'a'), 1000, 1234.75);
    const members = await received(send());
    expect([...members.keys()]).toEqual(['a', 'b/', 'b/run.sh']);
    const a = members.get('a')?.header;
    expect([a?.uid, a?.gid, a?.mtime]).toEqual([0, 0, { seconds: 1234, nanoseconds: 0 }]);
    expect(members.get('b/run.sh')?.header.mode).toBe(0o4755);
    expect(members.get('b/run.sh')?.content).toBe('#!/bin/sh\n');
  });

  test('links as links: symbolic ones are not followed, a second name is no second copy', async () => {
    write('one', 'content');
    linkSync(join(directory, 'one'), join(directory, 'two'));
    symlinkSync('/etc/passwd', join(directory, 'symlink'));
    const members = await received(send());
    expect(members.get('two')?.header).toMatchObject({ type: 'link', linkName: Buffer.from('one') });
    expect(members.get('symlink')?.header).toMatchObject({
      type: 'symlink',
      linkName: Buffer.from('/etc/passwd'),
    });
  });

  test('the first name of a file may be ignored: the second then has the bytes', async () => {
    write('one', 'content');
    linkSync(join(directory, 'one'), join(directory, 'two'));
    const members = await received(send('one'));
    expect(members.get('two')?.content).toBe('content');
  });

  test('names that are no UTF-8, long names and large files', async () => {
    const strange = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0x66, 0xff, 0x6f])]);
    writeFileSync(strange, 'strange');
    write(`${'d'.repeat(120)}/${'f'.repeat(200)}`, 'long');
    const large = Buffer.alloc(1_500_000, 'large file ');
    write('large', large);
    const members = await received(send());
    expect(members.get('large')?.content).toBe(large.toString());
    expect(members.get(`${'d'.repeat(120)}/${'f'.repeat(200)}`)?.content).toBe('long');
    const raw = [...members.values()].find(({ content }) => content === 'strange');
    expect(raw?.header.name).toEqual(Buffer.from([0x66, 0xff, 0x6f]));
  });

  test('sockets are left out', async () => {
    const server = Bun.listen({ unix: join(directory, 'socket'), socket: { data: () => undefined } });
    write('file');
    expect(await names()).toEqual(['file']);
    server.stop(true);
  });

  test('a text of its own goes along instead of a file of that name', async () => {
    write('.dockerignore', 'old');
    write('a');
    const members = await received(send('', [], [{ path: '.dockerignore', text: 'new' }]));
    expect([...members.keys()]).toEqual(['a', '.dockerignore']);
    expect(members.get('.dockerignore')?.content).toBe('new');
  });
});

describe('what .dockerignore leaves out', () => {
  test('is not sent; the Dockerfile is, whatever the rules say', async () => {
    for (const path of ['Dockerfile', 'src/a', 'src/b.log', 'node_modules/x/y']) write(path);
    const always = ['Dockerfile'];
    expect(await names('**/*.log\nnode_modules\nDockerfile', always)).toEqual([
      'Dockerfile',
      'src/',
      'src/a',
    ]);
    expect(await names('*\n!src/a', always)).toEqual(['Dockerfile', 'src/a']);
    expect(await names('build', ['build/Dockerfile'])).toContain('src/a');
  });

  test('is not even opened where nothing of it can be left', async () => {
    for (const path of ['a/b/c', 'secret/d', 'e']) write(path);
    const opened = [...listContext(directory, parseIgnore('*\n!a/b/c'), new Set())].map(({ path }) =>
      path.toString(),
    );
    expect(opened).toEqual(['a/b/c']);
    // Were it opened, this would be an error: it has gone by the time of its turn.
    const list = listContext(directory, parseIgnore('secret'), new Set());
    expect([...list].some(({ path }) => path.toString().startsWith('secret'))).toBe(false);
  });

  test('500 MB of which 1 MB is left send 1 MB', async () => {
    for (let part = 0; part < 5; part++) {
      write(`data/${part}`);
      truncateSync(join(directory, `data/${part}`), 100_000_000);
    }
    write('app', Buffer.alloc(1_000_000));
    let bytes = 0;
    for await (const chunk of send('data')) bytes += chunk.length;
    expect(bytes).toBeGreaterThan(1_000_000);
    expect(bytes).toBeLessThan(1_010_000);
  });
});

describe('a context that changes while it is read', () => {
  test('a file that has gone is left out', async () => {
    for (const path of ['a', 'b', 'c']) write(path);
    const files = listContext(directory, parseIgnore(''), new Set());
    const first = files.next().value;
    const second = files.next().value;
    if (!first || !second) throw new TypeError('no files');
    unlinkSync(join(directory, 'b'));
    const rest = [first, second, ...files];
    expect([...(await received(contextTar(rest, []))).keys()]).toEqual(['a', 'c']);
  });

  test('what is appended meanwhile waits for the next build; a file that became shorter is an error that names it', async () => {
    write('log', Buffer.alloc(3_000_000));
    const growing = send();
    await growing.next();
    appendFileSync(join(directory, 'log'), 'more');
    let rest = 0;
    for await (const chunk of growing) rest += chunk.length;
    expect(rest).toBeLessThan(3_000_000);

    const shrinking = send();
    await shrinking.next();
    truncateSync(join(directory, 'log'), 1000);
    await expect(Array.fromAsync(shrinking)).rejects.toThrow(
      `error sending context: '${directory}/log' became shorter while it was read`,
    );
  });
});
