/**
 * Connections that wait at the engine, for what a build may ask of this machine as often as it wants: an agent, a
 * directory. Once one of them is taken the next one waits.
 */
import type { EngineClient } from '../../engine-api/client.ts';
import type { HijackedStream } from '../../engine-api/hijack.ts';

/** Until either side ends. @param bytes what the engine sends, the ones that woke us among them. */
type Serve = (connection: HijackedStream, bytes: AsyncIterable<Uint8Array>) => Promise<void>;

export class Forward {
  readonly done: Promise<void>;
  readonly #open = new Set<HijackedStream>();
  #isClosed = false;

  /** @param path of the session, where connections are taken. */
  constructor(engine: EngineClient, path: string, serve: Serve) {
    this.done = this.#run(engine, path, serve);
  }

  close(): void {
    this.#isClosed = true;
    for (const connection of this.#open) connection.close();
  }

  async #run(engine: EngineClient, path: string, serve: Serve): Promise<void> {
    const serving: Promise<void>[] = [];
    while (!this.#isClosed) {
      // The session ends with its build: then nobody waits for connections any more.
      const connection = await engine.hijack(path, {}, undefined, 'GET').catch(() => undefined);
      if (!connection) break;
      this.#open.add(connection);
      const reader = connection.readable.getReader();
      const { value, done } = await reader.read();
      if (done) {
        this.#open.delete(connection);
        break;
      }
      serving.push(
        serve(connection, bytesOf(reader, value)).finally(() => {
          connection.close();
          this.#open.delete(connection);
        }),
      );
    }
    await Promise.all(serving);
  }
}

async function* bytesOf(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  first: Uint8Array,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let value: Uint8Array | undefined = first; value; { value } = await reader.read()) yield value;
}
