import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { FileChanges, isReplaced, readLines, tailOffset } from './log-file.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-log-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function linesFrom(path: string, tail?: number): Promise<string[]> {
  await using file = await open(path);
  const offset = tail === undefined ? 0 : await tailOffset(file, tail, () => true);
  const lines: string[] = [];
  for await (const batch of readLines(file, offset)) {
    lines.push(...batch.map((line) => Buffer.from(line).toString()));
  }
  return lines;
}

describe('a log file', () => {
  test('is read by whole lines, across chunks; an unfinished one waits', async () => {
    const path = join(directory, 'lines');
    const long = `${'x'.repeat(70_000)}\n`;
    await writeFile(path, `a\n\n${long}unfinished`);
    expect(await linesFrom(path)).toEqual(['a\n', '\n', long]);
  });

  test('gives its last lines, however many there are and wherever chunks end', async () => {
    const path = join(directory, 'tail');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 9000 }), { maxLength: 30 }),
        fc.integer({ min: 0, max: 35 }),
        async (lengths, count) => {
          const lines = lengths.map((length) => `${'y'.repeat(length)}\n`);
          await writeFile(path, lines.join(''));
          expect(await linesFrom(path, count)).toEqual(count === 0 ? [] : lines.slice(-count));
        },
      ),
      { numRuns: 30 },
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
