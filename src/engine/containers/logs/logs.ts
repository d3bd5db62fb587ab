/** `logs`: what a container has written, from conmon's files: a part of it, and on while it runs. */
import { InvalidError, UnsupportedError } from '../../../lib/errors.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { logDetails } from './log-options.ts';
import { LogPresenter } from './log-presenter.ts';
import { type FollowEnd, readLogBlocks } from './log-reader.ts';
import { type ContainerRecord, hasProcess } from '../state.ts';

export interface LogOptions {
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** `2026-11-23T14:20:56.123456789`, in UTC. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** The last so many lines; undefined for all. */
  readonly tail?: number | undefined;
  readonly timestamps?: boolean;
  /** The labels and variables that the log's options name, before each line. */
  readonly details?: boolean;
  /** Without frames, as for a terminal. */
  readonly isRaw?: boolean | undefined;
  readonly follow?: boolean;
  /** Ends a follower. */
  readonly signal?: AbortSignal;
}

type Dependencies = Pick<ContainerDependencies, 'containers' | 'live' | 'paths'>;

/** @throws InvalidError, UnsupportedError before anything is read. */
export function readLog(
  deps: Dependencies,
  record: ContainerRecord,
  options: LogOptions,
): AsyncGenerator<Uint8Array> {
  if (!options.stdout && !options.stderr) {
    throw new InvalidError('Bad parameters: you must choose at least one stream');
  }
  if (record.hostConfig.LogConfig?.Type === 'none') {
    throw new UnsupportedError('configured logging driver does not support reading');
  }
  return chunks(deps, record, options);
}

async function* chunks(
  deps: Dependencies,
  record: ContainerRecord,
  options: LogOptions,
): AsyncGenerator<Uint8Array> {
  const { config, hostConfig, id } = record;
  const presenter = new LogPresenter({
    ...options,
    tty: (config.Tty ?? false) || options.isRaw === true,
    details: options.details
      ? logDetails(hostConfig.LogConfig, config.Labels ?? {}, config.Env ?? [])
      : undefined,
  });
  const end = options.follow ? followEnd(deps, record, options) : undefined;
  for await (const block of readLogBlocks(deps.paths.log(id), options.tail, end)) {
    const bytes = presenter.present(block);
    if (bytes.length > 0) yield bytes;
    if (presenter.isDone) return;
  }
}

/** With the end of the process that runs now, with the client, or with the time asked for. */
function followEnd(
  { containers, live }: Dependencies,
  record: ContainerRecord,
  { signal, until }: LogOptions,
): FollowEnd {
  let isReached = !hasProcess(containers.get(record.id)?.state ?? record.state);
  const { promise, resolve } = Promise.withResolvers<void>();
  const finish = (): void => {
    isReached = true;
    resolve();
  };
  signal?.addEventListener('abort', finish, { once: true });
  const { startedAt } = record.state;
  void live
    .of(record)
    .nextExit()
    .then(() => finish());
  if (until !== undefined) setTimeout(finish, Math.max(0, Date.parse(`${until}Z`) - Date.now()) + 1).unref();
  return { promise, isReached: () => isReached || containers.get(record.id)?.state.startedAt !== startedAt };
}
