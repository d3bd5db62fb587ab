import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { blocksOf, FileChanges, isReplaced, readBlocks, tailOf, tailOfBlocks } from './log-file.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-log-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function textFrom(path: string, tail?: number): Promise<string> {
  await using file = await open(path);
  const offset = tail === undefined ? 0 : (await tailOf(file, tail, () => () => true)).offset;
  const blocks: Uint8Array[] = [];
  for await (const block of readBlocks(file, offset)) blocks.push(block);
  return Buffer.concat(blocks).toString();
}

async function* piecesOf(text: string, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size));
}

describe('a log file', () => {
  test('is read by whole lines, across blocks; an unfinished one waits', async () => {
    const path = join(directory, 'lines');
    const whole = `a\n\n${'x'.repeat(300_000)}\n`;
    await writeFile(path, `${whole}unfinished`);
    expect(await textFrom(path)).toBe(whole);
  });

  test('gives its last lines, however many there are and wherever blocks end', async () => {
    const path = join(directory, 'tail');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 30 }),
        fc.integer({ min: 0, max: 35 }),
        async (lengths, count) => {
          const lines = lengths.map((length) => `${'y'.repeat(length)}\n`);
          await writeFile(path, lines.join(''));
          expect(await textFrom(path, count)).toBe(count === 0 ? '' : lines.slice(-count).join(''));
        },
      ),
      { numRuns: 30 },
    );
  });

  test('that comes forward only gives the same lines', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.stringMatching(/^[a-z]{0,9}$/), { maxLength: 30 }),
        fc.integer({ min: 1, max: 35 }),
        fc.integer({ min: 1, max: 20 }),
        async (words, count, size) => {
          const lines = words.map((word) => `${word}\n`);
          const blocks = blocksOf(piecesOf(lines.join(''), size));
          const found = await tailOfBlocks(blocks, count, () => true);
          expect(lines.join('').slice(found.offset)).toBe(lines.slice(-count).join(''));
          expect(found.count).toBe(Math.min(count, lines.length));
        },
      ),
    );
  });

  test('tells its reader of growth, and of another file in its place', async () => {
    const path = join(directory, 'grows');
    await writeFile(path, 'a\n');
    await using file = await open(path);
    using changes = new FileChanges(path);
    const changed = changes.next(new Promise(() => undefined));
    await writeFile(path, 'b\n', { flag: 'a' });
    await changed;
    expect(await isReplaced(file, path)).toBe(false);
    await writeFile(`${path}.tmp`, 'c\n');
    await rename(`${path}.tmp`, path);
    expect(await isReplaced(file, path)).toBe(true);
  });
});
