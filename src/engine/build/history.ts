/**
 * The history of what is built, in BuildKit's words, which is what images have today: `RUN /bin/sh -c make # buildkit`.
 * Programs that read histories know them. Pure.
 */
import type { Instruction } from '../../dockerfile/instruction.ts';
import type { History, ProcessConfig } from '../../oci/image/image-config.ts';

/** Without `created` where the time is that of a layer still to come. */
export type HistoryDraft = History;

/** The name of the form that these entries have. */
const comment = 'buildkit.dockerfile.v0';

export interface Made {
  /** RFC 3339: when it was made, which may be long ago. */
  readonly createdAt?: string;
  /** False where no file was changed. */
  readonly hasLayer: boolean;
}

export function historyEntry(createdBy: string, { createdAt, hasLayer }: Made): HistoryDraft {
  return {
    ...(createdAt !== undefined && { created: createdAt }),
    created_by: createdBy,
    comment,
    ...(!hasLayer && { empty_layer: true }),
  };
}

/** Build arguments stand before the command, counted. */
export function runWords(argv: readonly string[], declared: ReadonlyMap<string, string | undefined>): string {
  const values = [...declared].map(([name, value]) => `${name}=${value ?? ''}`);
  const prefix = values.length > 0 ? [`|${values.length}`, ...values] : [];
  return `RUN ${[...prefix, ...argv].join(' ')} # buildkit`;
}

export function filesWords(text: string): string {
  return `${text} # buildkit`;
}

/**
 * Of an instruction that changes the configuration.
 * @param instruction variables replaced.
 * @param config after it.
 */
export function configWords(instruction: Instruction, config: ProcessConfig): string | undefined {
  switch (instruction.kind) {
    case 'ENV':
    case 'LABEL':
      return [instruction.kind, ...instruction.pairs.map(([name, value]) => `${name}=${value}`)].join(' ');
    case 'CMD':
      return `CMD ${quotedList(config.Cmd)}`;
    case 'ENTRYPOINT':
      return `ENTRYPOINT ${quotedList(config.Entrypoint)}`;
    case 'USER':
      return `USER ${instruction.user}`;
    case 'EXPOSE':
      return `EXPOSE ${list(instruction.ports)}`;
    case 'VOLUME':
      return `VOLUME ${list(instruction.paths)}`;
    case 'SHELL':
      return `SHELL ${list(instruction.words)}`;
    case 'STOPSIGNAL':
      return `STOPSIGNAL ${instruction.signal}`;
    case 'HEALTHCHECK':
      return `HEALTHCHECK ${healthcheckWords(config)}`;
    case 'MAINTAINER':
      return `MAINTAINER ${instruction.name}`;
    case 'WORKDIR':
      return `WORKDIR ${config.WorkingDir ?? '/'}`;
    // Triggers leave no entry, and the others have words of their own.
    default:
      return undefined;
  }
}

/** Go's `%v` of a list. */
function list(words: readonly string[]): string {
  return `[${words.join(' ')}]`;
}

/** Go's `%q` of a list. */
function quotedList(words: readonly string[] | null | undefined): string {
  return list((words ?? []).map((word) => JSON.stringify(word)));
}

/** Go's `%+v` of the structure. */
function healthcheckWords({ Healthcheck: check }: ProcessConfig): string {
  const { Test, Interval, Timeout, StartPeriod, StartInterval, Retries } = check ?? {};
  const durations = { Interval, Timeout, StartPeriod, StartInterval };
  const fields = Object.entries(durations).map(([name, value]) => `${name}:${goDuration(value ?? 0)}`);
  return `{Test:${list(Test ?? [])} ${fields.join(' ')} Retries:${Retries ?? 0}}`;
}

/** `1m30s`, as Go writes a duration. */
function goDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s';
  if (nanoseconds < 1e3) return `${nanoseconds}ns`;
  if (nanoseconds < 1e6) return `${nanoseconds / 1e3}µs`;
  if (nanoseconds < 1e9) return `${nanoseconds / 1e6}ms`;
  const seconds = nanoseconds / 1e9;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = Number((seconds % 60).toFixed(9));
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${rest}s`;
}
