import type { FileHandle } from 'node:fs/promises';

/**
 * At the file's position. One write may take a part, on a disk that is nearly full, without an error: the next one has it.
 * @throws as the system does (ENOSPC).
 */
export async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) done += (await file.write(bytes, done)).bytesWritten;
}
