/**
 * The request of a build: the context goes out while the events come in. Sending is told as a step of its own,
 * since the engine knows of the context only once it is there.
 */
import type { BuildEvent } from '../../engine-api/build.ts';
import type { EngineClient, Query } from '../../engine-api/client.ts';
import { CorruptError } from '../../lib/errors.ts';
import { peek } from '../../lib/peek.ts';
import { readJsonLines } from '../json-stream.ts';
import { contextBody } from './context-body.ts';
import type { BuildSource } from './source.ts';

export interface BuildRequest {
  readonly query: Query;
  readonly source: BuildSource;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** The engine counts its steps from 0 on. */
const contextStep = -1;

/** Resolves when the last event has been taken. @throws what reading the context throws, and as the client does. */
export async function sendBuild(
  engine: EngineClient,
  { query, source, headers, signal }: BuildRequest,
  take: (event: BuildEvent) => Promise<void>,
): Promise<void> {
  const { dockerfile, remote, body } = contextBody(source);
  const sent = body && new SentContext(body, take);
  const request = {
    query: { ...query, dockerfile, remote },
    headers: { ...headers, 'Content-Type': 'application/x-tar' },
    signal,
  };
  try {
    const response = await send(engine, request, sent?.stream);
    for await (const event of readJsonLines<BuildEvent>(response.body)) {
      if (typeof event.type !== 'string')
        throw new CorruptError('the engine answered with something that is no build');
      await take(event);
      // Nothing follows but the engine's tidying up.
      if (event.type === 'image' || event.type === 'failed') return;
    }
    // A connection that we close just ends.
    signal.throwIfAborted();
  } catch (error) {
    throw sent?.failure ?? error;
  }
}

/** In bytes. A context that fits goes in one piece with the request: sooner than a stream is set up. */
const smallContext = 256 * 1024;

async function send(
  engine: EngineClient,
  request: Pick<BuildRequest, 'query' | 'headers' | 'signal'>,
  context: ReadableStream<Uint8Array> = nothing(),
): Promise<Response> {
  const { head, stream } = await peek(context, smallContext + 1, request.signal);
  if (head.length > smallContext)
    return await engine.call('POST', '/cais/build', { ...request, body: stream });
  return await engine.converse('POST', '/cais/build', { ...request, body: head });
}

function nothing(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.close() });
}

/** The context on its way, counted. */
class SentContext {
  readonly stream: ReadableStream<Uint8Array>;
  /** Why the context could not be read; the request fails of it, and says something else. */
  failure: unknown;
  readonly #take: (event: BuildEvent) => Promise<void>;
  #sent = 0;

  constructor(body: AsyncIterable<Uint8Array>, take: (event: BuildEvent) => Promise<void>) {
    this.#take = take;
    const chunks = body[Symbol.asyncIterator]();
    this.stream = new ReadableStream<Uint8Array>({
      start: () => this.#begin(),
      pull: (controller) => this.#pull(chunks, controller),
      cancel: async () => void (await chunks.return?.()),
    });
  }

  async #begin(): Promise<void> {
    const step = {
      id: contextStep,
      name: '[internal] load build context',
      stage: '',
      text: 'load build context',
    };
    await this.#take({ type: 'steps', steps: [step] });
    await this.#take({ type: 'started', step: contextStep, at: new Date().toISOString() });
  }

  async #pull(
    chunks: AsyncIterator<Uint8Array>,
    controller: ReadableStreamDefaultController<Uint8Array>,
  ): Promise<void> {
    try {
      const { value, done } = await chunks.next();
      if (done === true) {
        await this.#tell(this.#sent);
        await this.#end({});
        controller.close();
        return;
      }
      this.#sent += value.length;
      await this.#tell(0);
      controller.enqueue(value);
    } catch (error) {
      this.failure = error;
      await this.#end({ error: error instanceof Error ? error.message : String(error) });
      controller.error(error);
    }
  }

  /** @param total of what will be sent: known at the end. */
  #tell(total: number): Promise<void> {
    const transfer = { id: 'transferring context', status: '', current: this.#sent, total };
    return this.#take({ type: 'progress', step: contextStep, ...transfer });
  }

  #end(end: { readonly error?: string }): Promise<void> {
    return this.#take({
      type: 'done',
      step: contextStep,
      at: new Date().toISOString(),
      cached: false,
      ...end,
    });
  }
}
