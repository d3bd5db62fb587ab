/**
 * Building: `POST /build` as docker's classic builder answers it, `POST /cais/build` with the events of engine-api/build.ts.
 * https://docs.docker.com/reference/api/engine/version/v1.50/#tag/Image/operation/ImageBuild
 */
import { z } from 'zod';
import { buildImage } from '../build/build.ts';
import type { BuildDependencies as Dependencies, BuildRequest } from '../build/dependencies.ts';
import type { EngineWatch } from '../metrics/engine-watch.ts';
import { classicFailure } from '../build/report/classic-failure.ts';
import { ClassicReport, type ClassicSink } from '../build/report/classic-report.ts';
import { EventReport } from '../build/report/event-report.ts';
import type { OfferKind } from '../build/sessions.ts';
import { parseBody } from './body.ts';
import { queriedBuild, type QueriedBuild } from './build-query.ts';
import { type LineStream, linesResponse } from './line-stream.ts';
import { wireEvent } from './progress.ts';
import { booleanOf } from './query.ts';
import { registryConfig } from './registry-auth.ts';
import { type ApiRequest, type Hijacked, json, type Route } from './route.ts';

interface BuildDependencies extends Dependencies {
  readonly watch: EngineWatch;
}

export function buildRoutes(deps: BuildDependencies): Route[] {
  return [
    { method: 'POST', path: '/build', handle: (request) => buildClassic(deps, request) },
    { method: 'POST', path: '/cais/build', handle: (request) => buildWithEvents(deps, request) },
    { method: 'POST', path: '/cais/build-sessions', handle: (request) => openSession(deps, request) },
    {
      method: 'GET',
      path: '/cais/build-sessions/{id}/ssh/{name}',
      hijack: (request, connection) => offer(deps, 'agent', request, connection),
    },
    {
      method: 'GET',
      path: '/cais/build-sessions/{id}/contexts/{name}',
      hijack: (request, connection) => offer(deps, 'context', request, connection),
    },
    {
      method: 'GET',
      path: '/cais/build-sessions/{id}/directories/{name}',
      hijack: (request, connection) => offer(deps, 'directory', request, connection),
    },
  ];
}

function buildClassic(deps: BuildDependencies, request: ApiRequest): Promise<Response> {
  const { query, signal } = request;
  const queried = queriedBuild(query);
  // Its clients have pulled what they name.
  const cacheFrom = queried.cacheFrom.map((origin) =>
    origin.type === 'registry' ? ({ ...origin, type: 'image' } as const) : origin,
  );
  const asked = { ...queried, cacheFrom };
  const isQuiet = booleanOf(query, 'q');
  return linesResponse(
    async (lines, gone) => {
      const sink = isQuiet ? new HeldSink(lines) : classicSink(lines);
      try {
        const images = await build(deps, request, asked, gone, new ClassicReport(sink));
        for (const { id } of isQuiet ? images : []) lines.send({ stream: `${id}\n` });
      } catch (error) {
        if (sink instanceof HeldSink) sink.flush();
        throw error;
      }
    },
    { signal, failure: classicFailureLine },
  );
}

function classicSink(lines: LineStream): ClassicSink {
  return {
    text: (text) => lines.send({ stream: text }),
    progress: (event) => lines.send(wireEvent(event), event.progress !== undefined),
    aux: (value) => lines.send({ aux: value }),
    get room() {
      return lines.room;
    },
    get queued() {
      return lines.queued;
    },
  };
}

/** `-q`: what was said comes only where the build fails, and then its end at least. */
class HeldSink implements ClassicSink {
  readonly room = undefined;
  readonly queued = 0;
  readonly #lines: LineStream;
  readonly #held: string[] = [];

  constructor(lines: LineStream) {
    this.#lines = lines;
  }

  text(text: string): void {
    this.#held.push(text);
    if (this.#held.length > mostHeldLines) this.#held.shift();
  }

  progress(): void {
    // Nobody looks on.
  }

  aux(): void {
    // The id is the answer.
  }

  flush(): void {
    for (const text of this.#held) this.#lines.send({ stream: text });
  }
}

const mostHeldLines = 10_000;

function classicFailureLine(error: unknown): object {
  const detail = classicFailure(error);
  return { errorDetail: detail, error: detail.message };
}

function buildWithEvents(deps: BuildDependencies, request: ApiRequest): Promise<Response> {
  const asked = queriedBuild(request.query);
  return linesResponse(
    async (lines, gone) => {
      const report = new EventReport(lines);
      try {
        await build(deps, request, asked, gone, report);
      } catch (error) {
        lines.send(report.failure(error));
      }
    },
    { signal: request.signal, isBegun: true, failure: () => undefined },
  );
}

async function build(
  deps: BuildDependencies,
  { query, headers, body }: ApiRequest,
  asked: QueriedBuild,
  signal: AbortSignal,
  report: ClassicReport | EventReport,
): ReturnType<typeof buildImage> {
  const id = query.get('session') ?? '';
  using session = id === '' ? undefined : deps.sessions.take(id);
  const request: BuildRequest = {
    ...asked,
    body,
    credentialsFor: registryConfig(headers),
    session,
    signal,
  };
  return await deps.watch.build(signal, () => buildImage(deps, request, report));
}

const sessionSchema = z.object({
  secrets: z.record(z.string(), z.base64()).optional(),
  ssh: z.array(z.string()).optional(),
  contexts: z.array(z.string()).optional(),
  directories: z.array(z.string()).optional(),
  dockerfile: z.string().optional(),
});

async function openSession({ sessions }: BuildDependencies, request: ApiRequest): Promise<Response> {
  const {
    secrets = {},
    ssh = [],
    contexts = [],
    directories = [],
    dockerfile,
  } = parseBody(sessionSchema, 'BuildSession', await request.json());
  const values = Object.entries(secrets).map(
    ([name, value]) => [name, Uint8Array.fromBase64(value)] as const,
  );
  const offered = { secrets: new Map(values), agents: ssh, contexts, directories, dockerfile };
  return json({ id: sessions.open(offered) }, 201);
}

/** The connection waits until a step needs it. */
async function offer(
  { sessions }: BuildDependencies,
  kind: OfferKind,
  { params }: ApiRequest,
  connection: Hijacked,
): Promise<void> {
  const { id = '', name = '' } = params;
  const session = sessions.find(id);
  session.requires(kind, name);
  const { socket } = connection;
  connection.switchTo({ Connection: 'Upgrade', Upgrade: 'tcp' });
  session.offer(kind, name, socket);
  await new Promise((resolve) => socket.once('close', resolve));
}
