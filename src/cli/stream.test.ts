import { expect, test } from 'bun:test';
import type { HijackedStream } from '../engine-api/hijack.ts';
import type { CliContext } from './context.ts';
import { MemoryOutput } from './output.ts';
import { join } from './stream.ts';

/** Input that is always ready, as /dev/zero is. */
function endlessInput(): { stream: ReadableStream<Uint8Array>; isCancelled: () => boolean } {
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(16)),
    cancel: () => void (cancelled = true),
  });
  return { stream, isCancelled: () => cancelled };
}

function frame(text: string): Uint8Array {
  return Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, text.length]), Buffer.from(text)]);
}

/** A container that prints `text` and ends, seen from the event loop only. */
function endingConnection(text: string): HijackedStream & { written: () => number } {
  let isClosed = false;
  let written = 0;
  const readable = new ReadableStream<Uint8Array>({
    start: (controller) =>
      void setTimeout(() => {
        controller.enqueue(frame(text));
        controller.close();
        isClosed = true;
      }, 5),
  });
  return {
    readable,
    contentType: '',
    get isClosed() {
      return isClosed;
    },
    write: async (data) => void (written += data.length),
    closeWrite: () => undefined,
    close: () => undefined,
    written: () => written,
  };
}

test('endless input neither hides the end of the output nor is read after it', async () => {
  const input = endlessInput();
  const out = new MemoryOutput();
  const connection = endingConnection('over');
  const context = { out, err: new MemoryOutput(), input: { isTerminal: false, stream: () => input.stream } };
  const joined = { stdin: true, stdout: true, stderr: true, tty: false, detachKeys: [] };
  // The context's other parts are not for streams.
  await join(context as unknown as CliContext, connection, joined);
  expect(out.text).toBe('over');
  expect(input.isCancelled()).toBe(true);
  const after = connection.written();
  await Bun.sleep(5);
  expect(connection.written()).toBe(after);
});
