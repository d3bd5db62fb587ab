/** The files of one log: the one that is written, and those that were full, `.1` the newest of them. */
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

/** Oldest first, the one that is written not among them. A file of both forms is still being compressed. */
export async function fullLogs(path: string): Promise<string[]> {
  const names = await readdir(dirname(path)).catch((): string[] => []);
  const numbered = names.flatMap((name) => {
    const number = numberOf(name, basename(path));
    return number === undefined ? [] : [{ name, number }];
  });
  return numbered
    .filter(({ name }) => !(name.endsWith('.gz') && names.includes(name.slice(0, -3))))
    .toSorted((a, b) => b.number - a.number)
    .map(({ name }) => join(dirname(path), name));
}

function numberOf(name: string, base: string): number | undefined {
  if (!name.startsWith(`${base}.`)) return undefined;
  const digits = /^(\d+)(?:\.gz)?$/.exec(name.slice(base.length + 1))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Makes `.1` of the file that is written, `.2` of `.1` and so on; the oldest goes. @param keep how many are left, the new one not counted. */
export async function shiftLogs(path: string, keep: number): Promise<void> {
  for (const full of await fullLogs(path)) {
    const number = numberOf(basename(full), basename(path)) ?? 0;
    const suffix = full.endsWith('.gz') ? '.gz' : '';
    if (number >= keep) await rm(full, { force: true });
    else await rename(full, `${path}.${number + 1}${suffix}`);
  }
  await rename(path, `${path}.1`);
}

/** The compressed form takes the place of the other at once. */
export async function compressLog(path: string): Promise<void> {
  const temporary = `${path}.tmp`;
  await pipeline(createReadStream(path), createGzip(), createWriteStream(temporary, { mode: 0o640 }));
  await rename(temporary, `${path}.gz`);
  await rm(path, { force: true });
}

/** The bytes of a full file, in whatever form. */
export async function* readFull(path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  if (!path.endsWith('.gz')) {
    yield* file as AsyncIterable<Uint8Array>;
    return;
  }
  const plain = createGunzip();
  // Errors reach the reader through `plain`.
  file.on('error', (error) => plain.destroy(error)).pipe(plain);
  yield* plain as AsyncIterable<Uint8Array>;
}

export async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
