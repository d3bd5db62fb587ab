/** How much a directory holds, as docker counts it: the lengths of its files, one of several names only once. */
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../lib/errors.ts';

/** @returns bytes. What goes away while it is counted does not count. */
export async function directorySize(directory: string): Promise<number> {
  const seen = new Set<string>();
  const waiting = [directory];
  let size = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for await (const entry of entriesOf(next)) {
      const path = join(next, entry.name);
      if (entry.isDirectory()) {
        waiting.push(path);
        continue;
      }
      const facts = await lstat(path).catch(ignoreMissing);
      if (!facts || facts.size === 0) continue;
      const key = `${facts.dev}:${facts.ino}`;
      if (facts.nlink > 1 && seen.has(key)) continue;
      if (facts.nlink > 1) seen.add(key);
      size += facts.size;
    }
  }
  return size;
}

async function* entriesOf(directory: string): AsyncGenerator<{ name: string; isDirectory(): boolean }> {
  const opened = await opendir(directory).catch(ignoreMissing);
  if (opened) yield* opened;
}

function ignoreMissing(error: unknown): undefined {
  if (errnoOf(error) === 'ENOENT') return undefined;
  throw error;
}
