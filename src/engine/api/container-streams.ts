/** The container routes that go on after their headers: attach, logs, stats, wait. */
import type { ContainerDependencies } from '../containers/dependencies.ts';
import { attach, attachable, type AttachOptions } from '../containers/attach/attach.ts';
import { parseDetachKeys } from '../containers/attach/detach-keys.ts';
import { readLog } from '../containers/logs/logs.ts';
import { sampleOnce, sampleStream } from '../containers/stats.ts';
import { parseInstant } from '../containers/time.ts';
import { waitForContainer } from '../containers/wait.ts';
import { InvalidError } from '../../lib/errors.ts';
import { idOf } from './containers.ts';
import { booleanOf } from './query.ts';
import { type ApiRequest, type Hijacked, json, type Route } from './route.ts';
import { webSocketHeaders, webSocketStream } from './websocket.ts';

export function containerStreamRoutes(deps: ContainerDependencies): Route[] {
  return [
    {
      method: 'POST',
      path: '/containers/{id}/attach',
      hijack: (request, connection) => attachRoute(deps, request, connection),
    },
    {
      method: 'GET',
      path: '/containers/{id}/attach/ws',
      hijack: (request, connection) => attachWebSocket(deps, request, connection),
    },
    { method: 'GET', path: '/containers/{id}/logs', handle: (request) => logs(deps, request) },
    { method: 'GET', path: '/containers/{id}/stats', handle: (request) => stats(deps, request) },
    { method: 'POST', path: '/containers/{id}/wait', handle: (request) => wait(deps, request) },
  ];
}

/** Framed output has a content type of its own since 1.42. */
export function streamType(tty: boolean, version: number): string {
  const kind = tty || version < 42 ? 'raw' : 'multiplexed';
  return `application/vnd.docker.${kind}-stream`;
}

async function attachRoute(
  deps: ContainerDependencies,
  request: ApiRequest,
  connection: Hijacked,
): Promise<void> {
  const record = attachable(deps, idOf(request));
  const options = attachOptions(request);
  connection.accept(streamType(record.config.Tty ?? false, request.version));
  await attach(deps, record, connection.socket, options);
}

/** Both streams as they come, without frames; each chunk of them is a message. */
async function attachWebSocket(
  deps: ContainerDependencies,
  request: ApiRequest,
  connection: Hijacked,
): Promise<void> {
  const record = attachable(deps, idOf(request));
  const options = attachOptions(request);
  connection.switchTo(webSocketHeaders(request.headers));
  await attach(deps, record, webSocketStream(connection.socket), { ...options, isRaw: true });
}

function attachOptions({ query }: ApiRequest): AttachOptions {
  return {
    stdin: booleanOf(query, 'stdin'),
    stdout: booleanOf(query, 'stdout'),
    stderr: booleanOf(query, 'stderr'),
    stream: booleanOf(query, 'stream'),
    logs: booleanOf(query, 'logs'),
    detachKeys: parseDetachKeys(query.get('detachKeys') ?? ''),
  };
}

function logs(deps: ContainerDependencies, request: ApiRequest): Response {
  const { query, version, signal } = request;
  const record = deps.containers.resolve(idOf(request));
  const chunks = readLog(deps, record, {
    stdout: booleanOf(query, 'stdout'),
    stderr: booleanOf(query, 'stderr'),
    timestamps: booleanOf(query, 'timestamps'),
    details: booleanOf(query, 'details'),
    follow: booleanOf(query, 'follow'),
    since: timeOf(query, 'since'),
    until: timeOf(query, 'until'),
    tail: tailOf(query),
    signal,
  });
  return new Response(streamOf(chunks), {
    headers: { 'Content-Type': streamType(record.config.Tty ?? false, version) },
  });
}

/** 0 stands for none. */
function timeOf(query: URLSearchParams, name: string): string | undefined {
  const text = query.get(name);
  if (text === null || text === '' || text === '0') return undefined;
  return parseInstant(text);
}

function tailOf(query: URLSearchParams): number | undefined {
  const text = query.get('tail') ?? '';
  if (text === '' || text === 'all') return undefined;
  if (!/^-?\d+$/.test(text)) throw new InvalidError(`invalid value for tail: "${text}"`);
  return Number(text) < 0 ? undefined : Number(text);
}

async function stats(deps: ContainerDependencies, request: ApiRequest): Promise<Response> {
  const { query, signal } = request;
  const record = deps.containers.resolve(idOf(request));
  const oneShot = booleanOf(query, 'one-shot');
  if (!booleanOf(query, 'stream', true)) return json(await sampleOnce(deps, record, oneShot));
  if (oneShot) throw new InvalidError('cannot have stream=true and one-shot=true');
  return new Response(streamOf(jsonLines(sampleStream(deps, record, signal))), {
    headers: { 'Content-Type': 'application/json' },
  });
}

async function* jsonLines(values: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const value of values) yield encoder.encode(`${JSON.stringify(value)}\n`);
}

/** Headers go at once: the CLI sends start only after it has seen them. */
function wait(deps: ContainerDependencies, request: ApiRequest): Response {
  const { query } = request;
  const { result } = waitForContainer(deps, idOf(request), query.get('condition') ?? '');
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { exitCode } = await result;
      controller.enqueue(new TextEncoder().encode(`${JSON.stringify({ StatusCode: exitCode })}\n`));
      controller.close();
    },
  });
  return new Response(body, { headers: { 'Content-Type': 'application/json' } });
}

/** Pulled one chunk at a time; cancelling ends the generator. */
function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel() {
        // Not awaited: a follower returns once its signal has woken it.
        chunks.return(undefined).catch(() => undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
