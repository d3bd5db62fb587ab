/**
 * An engine of declared exchanges on a socket of its own, and the CLI run against it: what a command asks,
 * what it is answered, what it prints. A request that wasn't declared answers 404.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../main.ts';
import { MemoryOutput } from '../output.ts';

export interface Exchange {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** The path with its query, as the CLI sends it; `*` at its end stands for any query. */
  readonly path: string;
  readonly status?: number;
  /** Sent as JSON; a string as it is. */
  readonly answer?: unknown;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly asked: readonly Asked[];
}

export interface RunOptions {
  readonly exchanges?: readonly Exchange[];
  readonly stdin?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly isTerminal?: boolean;
  /** The directory of config.json; an empty one of its own unless told. */
  readonly directory?: string;
}

/** Runs one command line. Leaves nothing behind. */
export async function runAgainstFake(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const directory = mkdtempSync(join(tmpdir(), 'cli-fake-'));
  const asked: Asked[] = [];
  const server = Bun.serve({
    unix: join(directory, 'engine.sock'),
    fetch: (request) => answer(request, options.exchanges ?? [], asked),
  });
  try {
    const out = new MemoryOutput(options.isTerminal);
    const err = new MemoryOutput(options.isTerminal);
    const exitCode = await runCli(argv, {
      variables: {
        DOCKER_HOST: `unix://${directory}/engine.sock`,
        DOCKER_CONFIG: options.directory ?? directory,
        ...options.variables,
      },
      out,
      err,
      input: { isTerminal: false, stream: () => new Blob([options.stdin ?? '']).stream() },
      servers: {},
    });
    return { exitCode, stdout: out.text, stderr: err.text, asked };
  } finally {
    await server.stop(true);
    rmSync(directory, { recursive: true });
  }
}

async function answer(request: Request, exchanges: readonly Exchange[], asked: Asked[]): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const path = pathname + search;
  asked.push({ method: request.method, path, headers: request.headers, body: await request.text() });
  const isAsked = (declared: string) =>
    declared.endsWith('*') ? pathname === declared.slice(0, -1) : path === declared;
  const found = exchanges.find((each) => each.method === request.method && isAsked(each.path));
  if (!found) return Response.json({ message: `not declared: ${request.method} ${path}` }, { status: 404 });
  const { status = 200, answer: body } = found;
  if (body === undefined) return new Response(null, { status: found.status ?? 204 });
  return typeof body === 'string' ? new Response(body, { status }) : Response.json(body, { status });
}
