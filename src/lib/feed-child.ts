/** Bytes from a stream into a child's standard input, as fast as it takes them. */

export type FedChild = Bun.Subprocess<'pipe', 'pipe' | 'ignore' | 'inherit' | number, 'pipe'>;

/**
 * Ends when the stream does, or when the child no longer listens: then what it says tells why.
 * @returns false when the child took less than all; the rest of the stream is the caller's. @throws what the stream throws.
 */
export async function feed(stream: ReadableStream<Uint8Array>, child: FedChild): Promise<boolean> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (!(await give(child, next.value))) return false;
    }
  } finally {
    reader.releaseLock();
  }
  await Promise.race([Promise.resolve(child.stdin.end()).catch(() => undefined), child.exited]);
  return true;
}

/** Resolves when the child took the bytes, to false when it has ended. */
async function give(child: FedChild, chunk: Uint8Array): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return false;
  try {
    // Waits once the pipe and a little buffer are full. To flush each chunk would make the two work by turns.
    await Promise.race([child.stdin.write(chunk), child.exited]);
  } catch {
    return false;
  }
  return true;
}
