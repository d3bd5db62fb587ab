/**
 * The instructions that make one image's configuration of another's. What an image says of its variables, ports and the
 * rest is exact, where its history has lost quotes and word boundaries: so lines are made from that.
 */
import type { ProcessConfig } from '../../oci/image/image-config.ts';
import { escapedWord, fitsOneLine, jsonList, quotedValue } from './quote.ts';

export interface ConfigLines {
  readonly lines: readonly string[];
  /** What no instruction can say, in words. */
  readonly unsaid: readonly string[];
}

/** In the order in which people write them; what comes to the same (an empty list, none) is no difference. */
export function configLines(before: ProcessConfig, after: ProcessConfig): ConfigLines {
  const writer = new Writer();
  writer.pairs('ENV', variablesOf(before), variablesOf(after));
  writer.pairs('LABEL', mapOf(before.Labels), mapOf(after.Labels));
  writer.names('EXPOSE', before.ExposedPorts, after.ExposedPorts, (names) =>
    names.map(escapedWord).join(' '),
  );
  writer.names('VOLUME', before.Volumes, after.Volumes, (names) => jsonList(names.map(escapedWord)));
  writer.list('SHELL', before.Shell, after.Shell, ['/bin/sh', '-c']);
  writer.word('USER', before.User, after.User, '0');
  writer.word('WORKDIR', before.WorkingDir, after.WorkingDir, '/');
  writer.word('STOPSIGNAL', before.StopSignal, after.StopSignal, 'SIGTERM');
  healthcheck(writer, before.Healthcheck, after.Healthcheck);
  commands(writer, before, after);
  triggers(writer, before.OnBuild ?? [], after.OnBuild ?? []);
  return writer;
}

/** What of `before` an image has lost that no instruction takes away: on such a base it cannot stand. */
export function lostSettings(before: ProcessConfig, after: ProcessConfig): string[] {
  const lost = (what: string, old: Iterable<string>, now: ReadonlySet<string>): string[] =>
    [...old].filter((name) => !now.has(name)).map((name) => `${what} ${name}`);
  return [
    ...lost('variable', variablesOf(before).keys(), new Set(variablesOf(after).keys())),
    ...lost('label', mapOf(before.Labels).keys(), new Set(mapOf(after.Labels).keys())),
    ...lost('port', keysOf(before.ExposedPorts), new Set(keysOf(after.ExposedPorts))),
    ...lost('volume', keysOf(before.Volumes), new Set(keysOf(after.Volumes))),
  ];
}

export function variablesOf({ Env }: ProcessConfig): Map<string, string> {
  return new Map(
    (Env ?? []).map((variable) => {
      const [name = ''] = variable.split('=', 1);
      return [name, variable.slice(name.length + 1)];
    }),
  );
}

class Writer implements ConfigLines {
  readonly lines: string[] = [];
  readonly unsaid: string[] = [];

  pairs(keyword: string, before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): void {
    const pairs: string[] = [];
    for (const [name, value] of after) {
      if (before.get(name) === value) continue;
      const key = keyword === 'LABEL' ? quotedValue(name) : name;
      if ((keyword === 'ENV' && !/^[^\s"'\\$=#`]+$/.test(name)) || !fitsOneLine(name + value))
        this.unsaid.push(`${keyword} ${name}: its value has a line break, or its name is none`);
      else pairs.push(`${key}=${quotedValue(value)}`);
    }
    for (const name of before.keys())
      if (!after.has(name)) this.unsaid.push(`${keyword} ${name} is set, not unset`);
    if (pairs.length > 0) this.lines.push(`${keyword} ${pairs.join(' \\\n    ')}`);
  }

  names(
    keyword: string,
    before: object | null | undefined,
    after: object | null | undefined,
    write: (names: string[]) => string,
  ): void {
    const old = new Set(keysOf(before));
    const added = keysOf(after).filter((name) => !old.has(name));
    if (added.length > 0) this.say(keyword, write(added));
    const now = new Set(keysOf(after));
    for (const name of old) if (!now.has(name)) this.unsaid.push(`${keyword} ${name} is set, not unset`);
  }

  word(keyword: string, before: string | undefined, after: string | undefined, none: string): void {
    const [old, now] = [before ?? '', after ?? ''];
    if (old !== now) this.say(keyword, escapedWord(now || none));
  }

  list(
    keyword: string,
    before: readonly string[] | null | undefined,
    after: readonly string[] | null | undefined,
    none: readonly string[],
  ): void {
    const [old, now] = [before ?? [], after ?? []];
    if (!isSameList(old, now)) this.say(keyword, jsonList(now.length > 0 ? now : none));
  }

  say(keyword: string, text: string): void {
    if (fitsOneLine(text)) this.lines.push(`${keyword} ${text}`);
    else this.unsaid.push(`${keyword}: it has a line break`);
  }
}

type Healthcheck = NonNullable<ProcessConfig['Healthcheck']>;

function healthcheck(
  writer: Writer,
  before: ProcessConfig['Healthcheck'],
  after: ProcessConfig['Healthcheck'],
): void {
  const [old, now] = [normal(before ?? {}), normal(after ?? {})];
  if (Bun.deepEquals(old, now)) return;
  const [form, ...words] = now.Test ?? [];
  if (form === undefined || form === 'NONE') return writer.say('HEALTHCHECK', 'NONE');
  const options = [
    ['interval', now.Interval],
    ['timeout', now.Timeout],
    ['start-period', now.StartPeriod],
    ['start-interval', now.StartInterval],
  ] as const;
  const flags = options.flatMap(([name, time]) => (time ? [`--${name}=${durationOf(time)}`] : []));
  if (now.Retries) flags.push(`--retries=${now.Retries}`);
  const command = form === 'CMD-SHELL' ? (words[0] ?? '') : jsonList(words);
  writer.say('HEALTHCHECK', [...flags, 'CMD', command].join(' '));
}

function normal({ Test, Interval, Timeout, StartPeriod, StartInterval, Retries }: Healthcheck) {
  return {
    Test: Test ?? [],
    Interval: Interval ?? 0,
    Timeout: Timeout ?? 0,
    StartPeriod: StartPeriod ?? 0,
    StartInterval: StartInterval ?? 0,
    Retries: Retries ?? 0,
  };
}

/** Docker takes nothing below a millisecond. */
function durationOf(nanoseconds: number): string {
  const units = [
    ['h', 3600e9],
    ['m', 60e9],
    ['s', 1e9],
    ['ms', 1e6],
    ['us', 1e3],
  ] as const;
  const unit = units.find(([, size]) => nanoseconds % size === 0);
  return unit ? `${nanoseconds / unit[1]}${unit[0]}` : `${nanoseconds}ns`;
}

/** ENTRYPOINT takes the base's CMD away, so it comes first, and CMD is said again. */
function commands(writer: Writer, before: ProcessConfig, after: ProcessConfig): void {
  const [oldEntrypoint, entrypoint] = [before.Entrypoint ?? [], after.Entrypoint ?? []];
  const isNew = !isSameList(oldEntrypoint, entrypoint);
  if (isNew) writer.say('ENTRYPOINT', jsonList(entrypoint));
  const inherited = isNew ? [] : (before.Cmd ?? []);
  if (!isSameList(inherited, after.Cmd ?? [])) writer.say('CMD', jsonList(after.Cmd ?? []));
}

function triggers(writer: Writer, before: readonly string[], after: readonly string[]): void {
  if (before.length > 0) writer.unsaid.push('ONBUILD: the base has triggers, which a build takes away');
  for (const trigger of after) writer.say('ONBUILD', trigger);
}

function mapOf(labels: Readonly<Record<string, string>> | null | undefined): Map<string, string> {
  return new Map(Object.entries(labels ?? {}));
}

function keysOf(names: object | null | undefined): string[] {
  return Object.keys(names ?? {});
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, index) => word === b[index]);
}
