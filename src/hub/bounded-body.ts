/** Bodies that are read whole: in pieces, so that a client cannot fill the memory, whatever length it tells or keeps to itself. */

/** The body; undefined when it has more than `max` bytes. The rest of it is then not read. */
export async function readBounded(request: Request, max: number): Promise<Buffer | undefined> {
  if (Number(request.headers.get('Content-Length') ?? 0) > max) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > max) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
