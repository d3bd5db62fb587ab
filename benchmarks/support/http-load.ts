/**
 * Sends the same few requests over and over on connections that stay open, and counts: little more than the bytes of HTTP/1.1, so
 * that the server is what is measured. Tells HEAD from GET, which wrk does not.
 */
import { CorruptError } from '../../src/lib/errors.ts';

export interface Load {
  /** Connections are dealt out among them in turn. */
  readonly urls: readonly string[];
  /** What is sent on one connection before it counts as one: a whole pull, say. */
  readonly next: () => readonly PreparedRequest[];
  readonly connections: number;
  readonly seconds: number;
}

export interface PreparedRequest {
  readonly isHead: boolean;
  readonly bytes: Buffer;
}

export interface Answered {
  readonly count: number;
  readonly perSecond: number;
  /** Of what took longest, in ms: one in a hundred took as long or longer. */
  readonly p99: number;
}

/** @throws CorruptError when an answer is neither 200 nor a redirect to where the bytes are. */
export async function sendLoad(load: Load): Promise<Answered> {
  const start = performance.now();
  const end = start + load.seconds * 1000;
  const times: number[] = [];
  const connect = (_: unknown, at: number): Promise<void> =>
    connectTo(load.urls[at % load.urls.length] ?? '', load.next, end, times);
  await Promise.all(Array.from({ length: load.connections }, connect));
  const sorted = Float64Array.from(times).toSorted();
  return {
    count: times.length,
    perSecond: (times.length * 1000) / (performance.now() - start),
    p99: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
  };
}

/** @param path with its query. */
export function prepareRequest(
  method: 'GET' | 'HEAD',
  path: string,
  headers: Readonly<Record<string, string>>,
): PreparedRequest {
  const lines = Object.entries({ Host: 'hub.test', ...headers }).map(([name, value]) => `${name}: ${value}`);
  const bytes = Buffer.from([`${method} ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
  return { isHead: method === 'HEAD', bytes };
}

/** One connection until `end`: each answer is read to its last byte before the next request. */
async function connectTo(url: string, next: Load['next'], end: number, times: number[]): Promise<void> {
  const { hostname, port } = new URL(url);
  const closed = Promise.withResolvers<void>();
  let requests = next();
  let at = 0;
  let begunAt = performance.now();
  let head: Buffer = Buffer.alloc(0);
  let rest = 0;
  const send = (socket: Bun.Socket): void => void socket.write(requests[at]?.bytes ?? '');
  await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      open: send,
      data(socket, chunk) {
        if (rest === 0) {
          head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
          const length = head.indexOf('\r\n\r\n') + 4;
          if (length < 4) return;
          const isHead = requests[at]?.isHead === true;
          rest = length + bodyLength(isHead, head.subarray(0, length)) - head.length;
          head = Buffer.alloc(0);
        } else {
          rest -= chunk.length;
        }
        if (rest > 0) return;
        at += 1;
        if (at === requests.length) {
          const now = performance.now();
          times.push(now - begunAt);
          if (now >= end) {
            socket.end();
            return;
          }
          [requests, at, begunAt] = [next(), 0, now];
        }
        send(socket);
      },
      error: (_socket, error) => closed.reject(error),
      close: () => closed.resolve(),
    },
  });
  await closed.promise;
}

function bodyLength(isHead: boolean, head: Buffer): number {
  const text = head.toString('latin1');
  if (!/^HTTP\/1\.1 (?:200|307)/.test(text)) {
    throw new CorruptError(`cannot measure: ${text.split('\r\n', 1)[0]}`);
  }
  return isHead ? 0 : Number(/^content-length: (\d+)\r$/im.exec(text)?.[1]);
}
