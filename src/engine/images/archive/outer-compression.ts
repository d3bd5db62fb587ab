/** Archives that came as xz or bzip2, which docker takes as well: decompressed by the programs of these names. */
import { InvalidError, UnsupportedError } from '../../../lib/errors.ts';
import { feed } from '../../../lib/feed-child.ts';

const programs = [
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68] },
] as const;

const longestMagic = 6;

/** The archive's bytes; gzip and zstd are left to the reader. @throws UnsupportedError where the program is missing. */
export async function withoutOuterCompression(
  body: ReadableStream<Uint8Array>,
): Promise<ReadableStream<Uint8Array>> {
  const reader = body.getReader();
  let head = Buffer.alloc(0);
  while (head.length < longestMagic) {
    const { value, done } = await reader.read();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  const all = joined(head, reader);
  const program = programs.find(({ magic }) => magic.every((byte, index) => head[index] === byte));
  return program ? decompress(program.name, all) : all;
}

function joined(
  head: Uint8Array,
  reader: ReadableStreamDefaultReader<Uint8Array>,
): ReadableStream<Uint8Array> {
  let first = head.byteLength > 0 ? head : undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (first) {
          controller.enqueue(first);
          first = undefined;
          return;
        }
        const { value, done } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

function decompress(name: string, body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  if (Bun.which(name) === null)
    throw new UnsupportedError(`cannot read the archive: ${name} is not installed`);
  const child = Bun.spawn([name, '-dc'], { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' });
  const stderr = new Response(child.stderr).text();
  let failure: unknown;
  const fed = feed(body, child).catch((error: unknown) => {
    failure = error;
    child.kill('SIGKILL');
  });
  const output = child.stdout.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await output.read();
        if (!done) return controller.enqueue(value);
        if ((await child.exited) === 0) return controller.close();
        if (child.signalCode !== null) await fed;
        controller.error(failure ?? new InvalidError(`invalid archive: ${(await stderr).trim()}`));
      },
      async cancel() {
        child.kill('SIGKILL');
        await child.exited;
      },
    },
    { highWaterMark: 0 },
  );
}
