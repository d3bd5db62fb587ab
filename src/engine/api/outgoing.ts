/** A Response sent through node:http: headers at once, the body chunk by chunk with backpressure. */
import type { ServerResponse } from 'node:http';
import { setImmediate as nextTick } from 'node:timers/promises';

/**
 * A body that is there already goes out with its length, in one piece. Of any other, the headers are flushed before its
 * first byte: `wait` depends on it.
 */
export async function sendResponse(
  response: Response,
  to: ServerResponse,
  common: Readonly<Record<string, string>>,
): Promise<void> {
  to.statusCode = response.status;
  for (const [name, value] of Object.entries(common)) to.setHeader(name, value);
  for (const [name, value] of response.headers) to.setHeader(name, value);
  if (!response.body) {
    if (response.status === 200 && !to.hasHeader('Content-Length')) to.setHeader('Content-Length', '0');
    to.end();
    return;
  }
  const reader = response.body.getReader();
  to.on('close', () => void reader.cancel().catch(() => undefined));
  const first = reader.read();
  const ready = await Promise.race([first, nextTick()]);
  if (ready?.value) {
    const second = reader.read();
    const after = await Promise.race([second, nextTick()]);
    if (after?.done) {
      to.setHeader('Content-Length', String(ready.value.length));
      to.end(ready.value);
      return;
    }
    to.flushHeaders();
    await write(to, ready.value);
    await pump(reader, second, to);
    return;
  }
  to.flushHeaders();
  await pump(reader, first, to);
}

async function pump(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  pending: ReturnType<typeof reader.read>,
  to: ServerResponse,
): Promise<void> {
  try {
    for (let result = await pending; !result.done && !to.destroyed; result = await reader.read()) {
      await write(to, result.value);
    }
    to.end();
  } catch {
    // The status is sent: all that is left to say is that this is not the end.
    to.destroy();
  }
}

async function write(to: ServerResponse, chunk: Uint8Array): Promise<void> {
  if (to.write(chunk) || to.destroyed) return;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      to.off('drain', go).off('close', go);
      resolve();
    };
    to.on('drain', go).on('close', go);
  });
}
