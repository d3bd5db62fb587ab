/** Builds asked of an engine as a client does: a context as a tar, the answer as its lines. */
import type { BuildEvent } from '../../src/engine-api/build.ts';
import { tar, type TarMember } from '../../src/oci/layer/tar.ts';
import type { RunningEngine } from './running-engine.ts';

/** Text of each file by its path; a list gives mode and modification time in seconds as well. */
export type ContextFiles = Readonly<
  Record<string, string | readonly [text: string, mode: number, time: number]>
>;

export interface BuildOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface ClassicLine {
  readonly stream?: string;
  readonly aux?: { readonly ID: string };
  readonly error?: string;
  readonly errorDetail?: { readonly message: string; readonly code?: number };
}

/** `POST /build`. */
export async function buildClassic(
  engine: RunningEngine,
  files: ContextFiles,
  options: BuildOptions = {},
): Promise<{ readonly status: number; readonly lines: readonly ClassicLine[]; readonly text: string }> {
  const response = await post(engine, '/build', files, options);
  const lines = await linesOf<ClassicLine>(response);
  return { status: response.status, lines, text: lines.map(({ stream = '' }) => stream).join('') };
}

/** `POST /cais/build`. */
export async function build(
  engine: RunningEngine,
  files: ContextFiles,
  options: BuildOptions = {},
): Promise<readonly BuildEvent[]> {
  return await linesOf<BuildEvent>(await post(engine, '/cais/build', files, options));
}

export async function post(
  engine: RunningEngine,
  path: string,
  files: ContextFiles,
  { query = {}, headers, signal }: BuildOptions,
): Promise<Response> {
  return await fetch(`http://engine${path}?${new URLSearchParams(query)}`, {
    unix: engine.socketPath,
    method: 'POST',
    body: await archiveOf(files),
    headers: { ...headers, 'Content-Type': 'application/x-tar' },
    ...(signal && { signal }),
  });
}

async function archiveOf(files: ContextFiles): Promise<Blob> {
  const members = Object.entries(files).map(([path, file]): TarMember => {
    const [text, mode, time] = typeof file === 'string' ? [file, 0o644, 1_700_000_000] : file;
    const content = Buffer.from(text);
    return {
      header: {
        name: Buffer.from(path),
        type: 'file',
        mode,
        uid: 1000,
        gid: 1000,
        size: content.length,
        mtime: { seconds: time, nanoseconds: 0 },
        linkName: Buffer.alloc(0),
        major: 0,
        minor: 0,
        xattrs: new Map(),
      },
      content: [content],
    };
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar(members)) chunks.push(chunk);
  return new Blob([Buffer.concat(chunks)]);
}

async function linesOf<Line>(response: Response): Promise<Line[]> {
  const text = await response.text();
  return text
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

/** The image of a build that went well. @throws with what the build said. */
export function imageOf(events: readonly BuildEvent[]): string {
  const last = events.at(-1);
  if (last?.type === 'image') return last.id;
  throw new TypeError(events.map((event) => JSON.stringify(event)).join('\n'));
}

/** Which of the steps whose name has this in it came out of the cache. */
export function cachedSteps(events: readonly BuildEvent[]): Record<string, boolean> {
  const names = new Map(
    events.flatMap((event) =>
      event.type === 'steps' ? event.steps.map(({ id, text }) => [id, text] as const) : [],
    ),
  );
  return Object.fromEntries(
    events.flatMap((event) =>
      event.type === 'done' ? [[names.get(event.step) ?? String(event.step), event.cached] as const] : [],
    ),
  );
}

/** What the commands wrote. */
export function outputOf(events: readonly BuildEvent[]): string {
  return events.map((event) => (event.type === 'log' ? event.text : '')).join('');
}
