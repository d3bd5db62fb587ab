/**
 * An upgraded connection, from the client's side: one HTTP request with `Upgrade: tcp`, then raw bytes both ways.
 * Either direction ends by itself (half-close): stdin may be over while output goes on.
 * Also a short exchange over a connection of the same kind, for what a command says before and after.
 */
import { CorruptError, UnavailableError } from '../lib/errors.ts';
import { type EngineAddress, tlsOptions } from './address.ts';

export interface ConnectionRequest {
  readonly method: string;
  readonly address: EngineAddress;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, or empty for none; bytes of another type, which the headers say. */
  readonly body: string | Uint8Array;
}

export interface HijackedStream {
  /** What the other side sends, with backpressure; ends when it has closed. */
  readonly readable: ReadableStream<Uint8Array>;
  /** True where the content type says that stdout and stderr are framed. */
  readonly contentType: string;
  /** True once the other side has gone, or `close` was called: what is written now is dropped. */
  readonly isClosed: boolean;
  /** Resolves when the bytes are with the kernel. Dropped without an error once the other side has gone. */
  write(data: Uint8Array): Promise<void>;
  /** Half-close: no more input. Output goes on. */
  closeWrite(): void;
  /** Ends both directions. */
  close(): void;
}

const maxHead = 64 * 1024;
const maxBody = 16 * 1024 * 1024;

/** Asks for the upgrade. Resolves to the stream, or to the response where the engine refused. */
export async function hijack(request: ConnectionRequest): Promise<HijackedStream | Response> {
  const connection = await send(request, '1.1', { Connection: 'Upgrade', Upgrade: 'tcp' });
  const { status, headers, rest } = await readHead(connection);
  if (status === 101 || (status === 200 && isRawStream(headers))) {
    return streamOf(connection, prepend(rest, connection.readable), headers.get('Content-Type') ?? '');
  }
  return await readAnswer(connection, { status, headers, rest });
}

/**
 * Sends a request and reads its answer whole. HTTP/1.0: the answer ends with the connection, and comes in one piece.
 * @throws UnavailableError where the connection ends before the answer does, CorruptError above 16 MiB.
 */
export async function exchange(request: ConnectionRequest): Promise<Response> {
  const connection = await send(request, '1.0', { Connection: 'close' });
  return await readAnswer(connection, await readHead(connection));
}

/**
 * As `exchange`, with an answer that is read as it comes. It ends with the connection, which its reader closes by leaving.
 * @param signal closes the connection: what is read then ends.
 */
export async function converse(request: ConnectionRequest, signal?: AbortSignal): Promise<Response> {
  const connection = await send(request, '1.0', { Connection: 'close' });
  signal?.addEventListener('abort', () => connection.close(), { once: true });
  const { status, headers, rest } = await readHead(connection);
  if (status >= 400) return await readAnswer(connection, { status, headers, rest });
  return new Response(prepend(rest, connection.readable), { status, headers });
}

async function send(
  { method, address, target, headers, body }: ConnectionRequest,
  version: string,
  connectionHeaders: Readonly<Record<string, string>>,
): Promise<Connection> {
  const connection = new Connection();
  const socket = await connectTo(address, connection);
  const lines = Object.entries({ Host: 'engine', ...headers, ...connectionHeaders });
  lines.push(['Content-Length', String(Buffer.byteLength(body))]);
  if (typeof body === 'string' && body !== '') lines.push(['Content-Type', 'application/json']);
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const opening = Buffer.from(`${method} ${target} HTTP/${version}\r\n${head}\r\n`);
  connection.open(socket, Buffer.concat([opening, Buffer.from(body)]));
  return connection;
}

async function readAnswer(connection: Connection, { status, headers, rest }: Head): Promise<Response> {
  try {
    return new Response(await readBody(connection, headers, rest), { status, headers });
  } finally {
    connection.close();
  }
}

/** A bare connection: the caller speaks first. */
export async function dial(address: EngineAddress): Promise<HijackedStream> {
  const connection = new Connection();
  connection.open(await connectTo(address, connection), new Uint8Array());
  return streamOf(connection, connection.readable, '');
}

function streamOf(
  connection: Connection,
  readable: ReadableStream<Uint8Array>,
  contentType: string,
): HijackedStream {
  return {
    readable,
    contentType,
    get isClosed() {
      return connection.isClosed;
    },
    write: (data) => connection.write(data),
    closeWrite: () => connection.closeWrite(),
    close: () => connection.close(),
  };
}

function connectTo(address: EngineAddress, { handlers }: Connection): Promise<Bun.Socket<unknown>> {
  const common = { allowHalfOpen: true, socket: handlers, data: undefined };
  if ('unix' in address) return Bun.connect({ unix: address.unix, ...common });
  const { hostname, port, tls } = address;
  return Bun.connect({ hostname, port, ...common, ...(tls && { tls: tlsOptions(tls) }) });
}

/** A stream of its own, unread so far: bytes that were read too far come before all others. */
function prepend(rest: Uint8Array, stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      if (rest.length > 0) controller.enqueue(rest);
    },
    pull: async (controller) => {
      const { value, done } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => reader.cancel(),
  });
}

function isRawStream(headers: Headers): boolean {
  return (headers.get('Content-Type') ?? '').startsWith('application/vnd.docker.');
}

interface Head {
  readonly status: number;
  readonly headers: Headers;
  /** Bytes that came behind the head in the same packet. */
  readonly rest: Uint8Array;
}

async function readHead(connection: Connection): Promise<Head> {
  const reader = connection.readable.getReader();
  let seen: Uint8Array = new Uint8Array();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new UnavailableError('the engine closed the connection');
    seen = Buffer.concat([seen, value]);
    const end = Buffer.from(seen).indexOf('\r\n\r\n');
    if (end !== -1) {
      reader.releaseLock();
      return {
        ...parseHead(Buffer.from(seen.subarray(0, end)).toString('latin1')),
        rest: seen.slice(end + 4),
      };
    }
    if (seen.length > maxHead) throw new CorruptError('the engine sent an endless header');
  }
}

function parseHead(text: string): { status: number; headers: Headers } {
  const [first = '', ...lines] = text.split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1]);
  if (!(status >= 100)) throw new CorruptError('the engine did not answer in HTTP');
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return { status, headers };
}

/** By its length, in chunks, or to the connection's end. */
async function readBody(connection: Connection, headers: Headers, rest: Uint8Array): Promise<string> {
  const length = headers.get('Content-Length');
  const isChunked = headers.get('Transfer-Encoding') === 'chunked';
  const reader = connection.readable.getReader();
  const pieces = [rest];
  let size = rest.length;
  const isWhole = () =>
    isChunked ? Buffer.concat(pieces.slice(-2)).includes('0\r\n\r\n') : size >= Number(length ?? Infinity);
  while (!isWhole()) {
    const { value, done } = await reader.read();
    if (done) {
      if (isChunked || length !== null) throw new UnavailableError('unexpected EOF');
      break;
    }
    pieces.push(value);
    size += value.length;
    if (size > maxBody) throw new CorruptError('the engine sent an endless answer');
  }
  const text = Buffer.concat(pieces).toString();
  return isChunked ? text.replaceAll(/(^|\r\n)[0-9a-fA-F]+\r\n/g, '') : text;
}

/** A socket as a pull stream: paused while nobody reads, writes that wait for the kernel. */
class Connection {
  readonly readable: ReadableStream<Uint8Array>;
  readonly handlers: Bun.SocketHandler;
  #socket: Bun.Socket<unknown> | undefined;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #pending: { bytes: Uint8Array; done: () => void }[] = [];
  #isEnded = false;
  #isClosed = false;

  constructor() {
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => void (this.#controller = controller),
        pull: () => this.#resume(),
        cancel: () => this.#cancel(),
      },
      { highWaterMark: 4 },
    );
    this.handlers = {
      data: (_socket, chunk) => this.#receive(chunk),
      drain: () => this.#flush(),
      end: () => this.#finish(),
      close: () => this.#finish(),
      error: () => this.#finish(),
    };
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  open(socket: Bun.Socket<unknown>, request: Uint8Array): void {
    this.#socket = socket;
    void this.write(request);
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#isClosed || bytes.length === 0) return Promise.resolve();
    return new Promise((done) => {
      this.#pending.push({ bytes: bytes.slice(), done });
      this.#flush();
    });
  }

  closeWrite(): void {
    this.#isEnded = true;
    this.#flush();
  }

  close(): void {
    this.#finish();
    this.#socket?.end();
    this.#socket?.terminate();
  }

  #flush(): void {
    for (let next = this.#pending[0]; next && this.#socket; next = this.#pending[0]) {
      const written = Math.max(this.#socket.write(next.bytes), 0);
      if (written < next.bytes.length) {
        next.bytes = next.bytes.subarray(written);
        return;
      }
      this.#pending.shift();
      next.done();
    }
    if (this.#isEnded && !this.#isClosed) this.#socket?.shutdown();
  }

  #receive(chunk: Uint8Array): void {
    if (this.#isClosed) return;
    this.#controller?.enqueue(new Uint8Array(chunk));
    if ((this.#controller?.desiredSize ?? 1) <= 0) this.#socket?.pause();
  }

  #resume(): void {
    if (!this.#isClosed) this.#socket?.resume();
  }

  /** The reader wants no more: a stream that is cancelled must not be closed as well. */
  #cancel(): void {
    this.#controller = undefined;
    this.close();
  }

  #finish(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#controller?.close();
    for (const { done } of this.#pending.splice(0)) done();
  }
}
