/** Reading a blob while it is still on its way in, whatever the store. */
import { openSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Ingest, IngestReader } from './content-store.ts';
import { FileReader } from './file-reader.ts';

export interface ReadAlong {
  /** In the place of the ingest's own: what is written elsewhere is not seen. */
  readonly write: (chunk: Uint8Array) => Promise<void>;
  readonly reader: IngestReader;
}

/**
 * Of a store that gives no bytes before they are committed they are kept here as well, in a file that nobody else sees.
 * @param ingest without a byte yet.
 * @param directory for that file.
 */
export async function readAlong(ingest: Ingest, directory: string): Promise<ReadAlong> {
  const reader = await ingest.reader();
  if (reader) return { write: (chunk) => ingest.write(chunk), reader };
  const path = join(directory, `growing-${crypto.randomUUID()}`);
  const descriptor = openSync(path, 'wx+', 0o600);
  // Gone with its last reader, and with this process.
  unlinkSync(path);
  let size = 0;
  return {
    async write(chunk) {
      for (let done = 0; done < chunk.byteLength;) {
        done += writeSync(descriptor, chunk, done, chunk.byteLength - done, size + done);
      }
      size += chunk.byteLength;
      await ingest.write(chunk);
    },
    reader: new FileReader(descriptor),
  };
}
