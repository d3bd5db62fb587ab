/** Between a client and a server of HTTP: breaks what it is told to. */

/** What becomes of one request; `forward` asks the server, `received` has the request's body before that. */
export type Fault = (
  request: Request,
  /** @param share of the body that arrives. */
  forward: (share?: number) => Promise<Response>,
  received: () => Promise<unknown>,
) => Response | Promise<Response>;

export interface FaultyProxy extends AsyncDisposable {
  readonly url: string;
  /** The next requests of this kind meet these faults, one each. */
  breakNext(matches: (request: Request) => boolean, ...faults: readonly Fault[]): void;
  /** From now on each request may meet a fault; undefined: it meets none. */
  breakSometimes(choose: (request: Request) => Fault | undefined): void;
  /** How many faults have not been met. */
  readonly left: number;
  /** How many requests have met a fault that goes on. */
  readonly busy: number;
}

export const faults = {
  status:
    (status: number): Fault =>
    async (_request, _forward, received) => {
      await received();
      return new Response('<Error><Code>SlowDown</Code></Error>', { status });
    },
  /** Neither reads what is sent nor answers. */
  silent: async (request: Request) => {
    await new Promise((resolve) => request.signal.addEventListener('abort', resolve));
    return new Response(null, { status: 408 });
  },
  /** The server has done it, and nobody is told. */
  lostAnswer: async (_request, forward) => {
    await (await forward()).bytes();
    return new Response('<Error><Code>InternalError</Code></Error>', { status: 500 });
  },
  /** Half of what is sent arrives. */
  cutUpload: async (_request, forward) => {
    await (await forward(0.5)).bytes();
    return new Response(null, { status: 502 });
  },
  /** It takes its time: whoever asked may have given it up. */
  slow:
    (milliseconds: number): Fault =>
    async (_request, forward, received) => {
      await received();
      await Bun.sleep(milliseconds);
      return forward();
    },
  wrongEtag: async (_request, forward) => {
    const answer = await forward();
    return new Response(await answer.bytes(), {
      status: answer.status,
      headers: { ETag: `"${'0'.repeat(32)}"` },
    });
  },
  /** Half of the body, and then no more. */
  truncated: async (_request, forward) => {
    const answer = await forward();
    const body = await answer.bytes();
    const headers = new Headers(answer.headers);
    headers.delete('Content-Length');
    return new Response(body.slice(0, body.length / 2), { status: answer.status, headers });
  },
  /** Half of the body, and then nothing for ever. */
  stalled: async (_request, forward) => {
    const answer = await forward();
    const body = await answer.bytes();
    return new Response(
      halfOf(body, () => undefined),
      { status: answer.status, headers: answer.headers },
    );
  },
  /** Half of the body, then the connection breaks. */
  reset: async (_request, forward) => {
    const answer = await forward();
    const body = await answer.bytes();
    const half = halfOf(body, (controller) => controller.error());
    return new Response(half, { status: answer.status, headers: answer.headers });
  },
} satisfies Record<string, Fault | ((given: number) => Fault)>;

function halfOf(
  body: Uint8Array,
  then: (controller: ReadableStreamDefaultController) => void,
): ReadableStream {
  let isSent = false;
  return new ReadableStream({
    async pull(controller) {
      if (isSent) then(controller);
      else controller.enqueue(body.slice(0, body.length / 2));
      isSent = true;
      await Bun.sleep(1);
    },
  });
}

/** @param target an origin, or what tells it: a server that comes back may be elsewhere. */
export function startFaultyProxy(target: string | (() => string)): FaultyProxy {
  const originOf = typeof target === 'string' ? () => target : target;
  const planned: { matches: (request: Request) => boolean; fault: Fault }[] = [];
  let busy = 0;
  let sometimes: (request: Request) => Fault | undefined = () => undefined;
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    maxRequestBodySize: 2 ** 30,
    idleTimeout: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      let body: Promise<Uint8Array<ArrayBuffer>> | undefined;
      const received = async (): Promise<Uint8Array<ArrayBuffer> | undefined> =>
        request.body || body ? await (body ??= request.bytes()) : undefined;
      // The host stays as it is: it is signed.
      const forward = async (share = 1): Promise<Response> => {
        const sent = await received();
        const headers = new Headers(request.headers);
        if (share < 1) headers.delete('Content-Length');
        return fetch(originOf() + pathname + search, {
          method: request.method,
          headers,
          redirect: 'manual',
          ...(sent && { body: sent.subarray(0, sent.length * share) }),
        });
      };
      const index = planned.findIndex(({ matches }) => matches(request));
      const [plan] = index === -1 ? [] : planned.splice(index, 1);
      const fault = plan?.fault ?? sometimes(request);
      if (!fault) return forward();
      busy += 1;
      try {
        return await fault(request, forward, received);
      } finally {
        busy -= 1;
      }
    },
    error: () => new Response(null, { status: 502 }),
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    breakSometimes: (choose) => (sometimes = choose),
    breakNext: (matches, ...broken) => planned.push(...broken.map((fault) => ({ matches, fault }))),
    get left() {
      return planned.length;
    },
    get busy() {
      return busy;
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
