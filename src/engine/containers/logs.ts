/** `logs`: what a container has written, from conmon's file: a part of it, and on while it runs. */
import { encodeFrame } from '../../engine-api/framing.ts';
import { ConflictError, InvalidError } from '../../lib/errors.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { FileChanges, isReplaced, openLog, readLines, tailOffset } from './log-file.ts';
import { formatTimestamp, type LogLine, parseLogLine } from './log-line.ts';
import { type ContainerRecord, isRunning } from './state.ts';

export interface LogOptions {
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Seconds since 1970. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** The last so many lines; undefined for all. */
  readonly tail?: number | undefined;
  readonly timestamps?: boolean;
  readonly follow?: boolean;
  /** Ends a follower. */
  readonly signal?: AbortSignal;
}

type Dependencies = Pick<ContainerDependencies, 'containers' | 'live' | 'paths'>;

/** @throws InvalidError, ConflictError before anything is read. */
export function readLog(
  deps: Dependencies,
  record: ContainerRecord,
  options: LogOptions,
): AsyncGenerator<Uint8Array> {
  if (!options.stdout && !options.stderr) {
    throw new InvalidError('Bad parameters: you must choose at least one stream');
  }
  if (record.hostConfig.LogConfig?.Type === 'none') {
    throw new ConflictError('configured logging driver does not support reading');
  }
  return chunks(deps, record, options);
}

async function* chunks(
  deps: Dependencies,
  record: ContainerRecord,
  options: LogOptions,
): AsyncGenerator<Uint8Array> {
  const startsLine = { stdout: true, stderr: true };
  for await (const batch of lines(deps, record, options)) {
    const wanted: Uint8Array[] = [];
    for (const line of batch) {
      if (isPast(line, options)) break;
      if (isWanted(line, options)) wanted.push(present(line, record, options, startsLine[line.stream]));
      startsLine[line.stream] = !line.isPartial;
    }
    if (wanted.length > 0) yield Buffer.concat(wanted);
    const last = batch.at(-1);
    if (last && isPast(last, options)) return;
  }
}

function isPast(line: LogLine, { until }: LogOptions): boolean {
  return until !== undefined && line.time > until;
}

function isWanted(line: LogLine, { stdout, stderr, since }: LogOptions): boolean {
  return (line.stream === 'stdout' ? stdout : stderr) && (since === undefined || line.time >= since);
}

/** A timestamp stands once before each line, however many pieces the line came in. */
function present(
  line: LogLine,
  { config }: ContainerRecord,
  { timestamps }: LogOptions,
  startsLine: boolean,
): Uint8Array {
  const prefix = timestamps && startsLine ? `${formatTimestamp(line.timestamp)} ` : '';
  const content =
    prefix === '' ? line.content : Buffer.concat([new TextEncoder().encode(prefix), line.content]);
  return config.Tty ? content : encodeFrame(line.stream, content);
}

async function* lines(
  deps: Dependencies,
  record: ContainerRecord,
  options: LogOptions,
): AsyncGenerator<LogLine[]> {
  const path = deps.paths.log(record.id);
  using changes = options.follow ? new FileChanges(path) : undefined;
  const stopped = stopOf(deps, record, options);
  let file = await openLog(path);
  let offset =
    file && options.tail !== undefined ? await tailOffset(file, options.tail, countsFor(options)) : 0;
  try {
    for (;;) {
      // Read before asking whether it has ended: what was written until then is seen.
      const isLast = !changes || stopped.isStopped();
      if (file) offset = yield* parsedLines(file, offset);
      if (isLast) return;
      if (!stopped.isStopped()) await changes.next(stopped.promise);
      if (!file || (await isReplaced(file, path))) {
        if (file) yield* parsedLines(file, offset);
        await file?.close();
        file = await openLog(path);
        offset = 0;
      }
    }
  } finally {
    await file?.close();
  }
}

async function* parsedLines(
  file: NonNullable<Awaited<ReturnType<typeof openLog>>>,
  offset: number,
): AsyncGenerator<LogLine[], number> {
  const reader = readLines(file, offset);
  for (;;) {
    const { value, done } = await reader.next();
    if (done) return value;
    yield value.map(tryParse).filter((line) => line !== undefined);
  }
}

/** A line torn by a crash is left out. */
function tryParse(line: Uint8Array): LogLine | undefined {
  try {
    return parseLogLine(line);
  } catch {
    return undefined;
  }
}

/** `--tail` counts whole lines, of the streams asked for. */
function countsFor(options: LogOptions): (line: Uint8Array) => boolean {
  let isStart = true;
  return (bytes) => {
    const line = tryParse(bytes);
    if (!line || !(line.stream === 'stdout' ? options.stdout : options.stderr)) return false;
    const counts = isStart;
    isStart = !line.isPartial;
    return counts;
  };
}

interface Stop {
  readonly promise: Promise<unknown>;
  isStopped(): boolean;
}

/** A follower ends with the container's process, or with its client. */
function stopOf(deps: Dependencies, record: ContainerRecord, { signal, follow }: LogOptions): Stop {
  if (!follow) return { promise: Promise.resolve(), isStopped: () => true };
  const { promise, resolve } = Promise.withResolvers<void>();
  signal?.addEventListener('abort', () => resolve(), { once: true });
  const runs = () => {
    const now = deps.containers.get(record.id);
    return now !== undefined && isRunning(now.state);
  };
  void waitForEnd(deps, record, runs).then(resolve);
  return { promise, isStopped: () => signal?.aborted === true || !runs() };
}

async function waitForEnd(deps: Dependencies, record: ContainerRecord, runs: () => boolean): Promise<void> {
  while (runs()) await deps.live.of(record).nextExit();
}
