/** A registry between a client and the hub that slows, cuts or changes what passes: the faults of a real network. */

export interface HubProxy extends AsyncDisposable {
  /** `127.0.0.1:port`, to stand in an image's name. */
  readonly host: string;
  /** Bytes of answers' bodies that went through so far. */
  readonly bytes: number;
  /** The paths asked for, with their methods: `GET /v2/…`. */
  readonly requests: readonly string[];
}

/** What happens to the bytes of an answer to this request. Default: nothing. */
export type Tamper = (request: Request, body: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>;

/** @param onRequest told of each request before it is passed on. */
export function startHubProxy(
  hubUrl: string,
  tamper: Tamper = (_request, body) => body,
  onRequest: (request: Request) => void = () => undefined,
): HubProxy {
  let bytes = 0;
  const requests: string[] = [];
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeout: 60,
    maxRequestBodySize: 2 ** 40,
    async fetch(request) {
      const url = new URL(request.url);
      requests.push(`${request.method} ${url.pathname}`);
      onRequest(request);
      // The Host header passes through, so that the hub's own addresses (realm, Location) lead back here.
      const answer = await fetch(hubUrl + url.pathname + url.search, {
        method: request.method,
        headers: request.headers,
        body: request.body,
        redirect: 'manual',
        decompress: false,
      });
      const counting = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          bytes += chunk.byteLength;
          controller.enqueue(chunk);
        },
      });
      const body = answer.body && tamper(request, answer.body).pipeThrough(counting);
      return new Response(body, { status: answer.status, headers: answer.headers });
    },
  });
  return {
    host: `127.0.0.1:${server.port}`,
    get bytes() {
      return bytes;
    },
    requests,
    async [Symbol.asyncDispose]() {
      await server.stop(true);
    },
  };
}

/** Lets this many bytes a second through. */
export function throttled(
  body: ReadableStream<Uint8Array>,
  bytesPerSecond: number,
): ReadableStream<Uint8Array> {
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      async transform(chunk, controller) {
        await Bun.sleep((chunk.byteLength / bytesPerSecond) * 1000);
        controller.enqueue(chunk);
      },
    }),
  );
}

/** Turns over one bit in the middle of the stream's first chunk. */
export function withFlippedBit(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  let first = true;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        if (!first) return controller.enqueue(chunk);
        first = false;
        const changed = chunk.slice();
        const middle = changed.length >> 1;
        changed[middle] = (changed[middle] ?? 0) ^ 1;
        return controller.enqueue(changed);
      },
    }),
  );
}

/** Breaks the connection after this many bytes. */
export function cutAfter(body: ReadableStream<Uint8Array>, limit: number): ReadableStream<Uint8Array> {
  let passed = 0;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        passed += chunk.byteLength;
        if (passed > limit) controller.error(new Error('cut by the test'));
        else controller.enqueue(chunk);
      },
    }),
  );
}
