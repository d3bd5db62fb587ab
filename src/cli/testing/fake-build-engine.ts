/** An engine whose one build the test tells, event by event. */
import type { BuildEvent } from '../../engine-api/build.ts';

export interface FakeBuildEngine extends AsyncDisposable {
  /** Resolves when the context has come; the build may then be told. */
  readonly asked: Promise<void>;
  /** Resolves when the client has gone before the end. */
  readonly left: Promise<void>;
  tell(...events: readonly BuildEvent[]): void;
  end(): void;
}

/** Serves on a socket until disposed. */
export function serveFakeBuild(socket: string): FakeBuildEngine {
  const asked = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const server = Bun.serve({
    unix: socket,
    fetch: async (request, self) => {
      // A build may be silent for long.
      self.timeout(request, 0);
      await request.arrayBuffer();
      request.signal.addEventListener('abort', () => left.resolve());
      asked.resolve();
      return new Response(readable);
    },
  });
  return {
    asked: asked.promise,
    left: left.promise,
    tell: (...events) => {
      const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
      void writer.write(new TextEncoder().encode(text)).catch(() => undefined);
    },
    end: () => void writer.close().catch(() => undefined),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
