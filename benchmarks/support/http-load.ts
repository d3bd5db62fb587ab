/**
 * Sends one request over and over on connections that stay open, and counts: little more than the bytes of HTTP/1.1, so that
 * the server is what is measured. Tells HEAD from GET, which wrk does not.
 */
import { CorruptError } from '../../src/lib/errors.ts';

export interface Load {
  readonly url: string;
  readonly method: 'GET' | 'HEAD';
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly seconds: number;
}

export interface Answered {
  readonly perSecond: number;
  /** Of what took longest, in ms: one answer in a hundred took as long or longer. */
  readonly p99: number;
}

/** @throws CorruptError when an answer is not 200. */
export async function sendLoad(load: Load): Promise<Answered> {
  const start = performance.now();
  const end = start + load.seconds * 1000;
  const request = requestOf(load);
  const times: number[] = [];
  await Promise.all(Array.from({ length: load.connections }, () => connect(load, request, end, times)));
  const sorted = Float64Array.from(times).toSorted();
  return {
    perSecond: (times.length * 1000) / (performance.now() - start),
    p99: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
  };
}

function requestOf({ url, method, headers }: Load): Buffer {
  const { host, pathname, search } = new URL(url);
  const lines = Object.entries({ Host: host, ...headers }).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from([`${method} ${pathname}${search} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
}

/** One connection until `end`: each answer is read to its last byte before the next request. */
async function connect(load: Load, request: Buffer, end: number, times: number[]): Promise<void> {
  const { hostname, port } = new URL(load.url);
  const closed = Promise.withResolvers<void>();
  let sentAt = 0;
  let head: Buffer = Buffer.alloc(0);
  let rest = 0;
  const begin = (socket: Bun.Socket): void => {
    sentAt = performance.now();
    socket.write(request);
  };
  await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      open: begin,
      data(socket, chunk) {
        if (rest === 0) {
          head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
          const length = head.indexOf('\r\n\r\n') + 4;
          if (length < 4) return;
          rest = length + bodyLength(load, head.subarray(0, length)) - head.length;
          head = Buffer.alloc(0);
        } else {
          rest -= chunk.length;
        }
        if (rest > 0) return;
        const now = performance.now();
        times.push(now - sentAt);
        if (now < end) begin(socket);
        else socket.end();
      },
      error: (_socket, error) => closed.reject(error),
      close: () => closed.resolve(),
    },
  });
  await closed.promise;
}

function bodyLength({ method }: Load, head: Buffer): number {
  const text = head.toString('latin1');
  if (!text.startsWith('HTTP/1.1 200')) throw new CorruptError(`cannot measure: ${text.split('\r\n', 1)[0]}`);
  return method === 'HEAD' ? 0 : Number(/^content-length: (\d+)\r$/im.exec(text)?.[1]);
}
