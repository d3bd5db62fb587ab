/**
 * `commit --change`: one Dockerfile instruction applied to an image's configuration.
 * https://docs.docker.com/reference/cli/docker/container/commit/
 */
import { InvalidError } from '../../lib/errors.ts';
import type { Healthcheck, ProcessConfig } from '../../oci/image/image-config.ts';
import { durationNanoseconds, jsonStrings, keyValues, words } from './instruction-words.ts';

type Change = (config: ProcessConfig, rest: string) => ProcessConfig;

/** @throws InvalidError for an instruction that has no place in a commit. */
export function applyChanges(config: ProcessConfig, changes: readonly string[]): ProcessConfig {
  const lines = changes.flatMap((change) => change.replaceAll(/\\\r?\n/g, '').split('\n'));
  return lines.reduce((result, line) => applyChange(result, line.trim()), config);
}

function applyChange(config: ProcessConfig, line: string): ProcessConfig {
  if (line === '' || line.startsWith('#')) return config;
  const [, name = '', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(line) ?? [];
  const change = changes.get(name.toUpperCase());
  if (!change) throw new InvalidError(`${name.toLowerCase()} is not a valid change command`);
  if (rest === '' && name.toUpperCase() !== 'CMD' && name.toUpperCase() !== 'ENTRYPOINT') {
    throw new InvalidError(`${name.toUpperCase()} requires at least one argument`);
  }
  return change(config, rest);
}

const changes: ReadonlyMap<string, Change> = new Map<string, Change>([
  ['CMD', (config, rest) => ({ ...config, Cmd: command(rest, config) })],
  ['ENTRYPOINT', (config, rest) => ({ ...config, Entrypoint: command(rest, config) })],
  ['ENV', (config, rest) => ({ ...config, Env: withVariables(config.Env ?? [], keyValues('ENV', rest)) })],
  [
    'LABEL',
    (config, rest) => ({
      ...config,
      Labels: { ...config.Labels, ...Object.fromEntries(keyValues('LABEL', rest)) },
    }),
  ],
  ['EXPOSE', (config, rest) => ({ ...config, ExposedPorts: { ...config.ExposedPorts, ...ports(rest) } })],
  [
    'VOLUME',
    (config, rest) => ({
      ...config,
      Volumes: { ...config.Volumes, ...keys(jsonStrings(rest) ?? words(rest)) },
    }),
  ],
  ['USER', (config, rest) => ({ ...config, User: single('USER', rest) })],
  [
    'WORKDIR',
    (config, rest) => ({ ...config, WorkingDir: joinPath(config.WorkingDir ?? '', single('WORKDIR', rest)) }),
  ],
  ['STOPSIGNAL', (config, rest) => ({ ...config, StopSignal: single('STOPSIGNAL', rest) })],
  ['ONBUILD', (config, rest) => ({ ...config, OnBuild: [...(config.OnBuild ?? []), trigger(rest)] })],
  ['HEALTHCHECK', (config, rest) => ({ ...config, Healthcheck: healthcheck(rest) })],
]);

/** The JSON form as it is, the other through the shell. */
function command(rest: string, config: ProcessConfig): string[] {
  const list = jsonStrings(rest);
  if (list) return list;
  return rest === '' ? [] : [...(config.Shell ?? ['/bin/sh', '-c']), rest];
}

function withVariables(
  environment: readonly string[],
  pairs: readonly (readonly [string, string])[],
): string[] {
  const result = [...environment];
  for (const [name, value] of pairs) {
    const at = result.findIndex((variable) => variable === name || variable.startsWith(`${name}=`));
    if (at === -1) result.push(`${name}=${value}`);
    else result[at] = `${name}=${value}`;
  }
  return result;
}

function ports(rest: string): Record<string, unknown> {
  const names = words(rest).flatMap((word) => {
    const [, from, to, protocol = 'tcp'] = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/i.exec(word) ?? [];
    const first = Number(from);
    const last = Number(to ?? from);
    if (from === undefined || first < 1 || last > 65_535 || last < first) {
      throw new InvalidError(`invalid containerPort: ${word}`);
    }
    return Array.from(
      { length: last - first + 1 },
      (_, offset) => `${first + offset}/${protocol.toLowerCase()}`,
    );
  });
  return keys(names);
}

function keys(names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, {}]));
}

function single(instruction: string, rest: string): string {
  const list = words(rest);
  if (list.length !== 1 || list[0] === undefined)
    throw new InvalidError(`${instruction} requires exactly one argument`);
  return list[0];
}

function joinPath(base: string, path: string): string {
  if (path.startsWith('/')) return path;
  return `${base.replace(/\/$/, '')}/${path}`;
}

function trigger(rest: string): string {
  const name = rest.split(/\s/)[0]?.toUpperCase();
  if (name === 'ONBUILD') throw new InvalidError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (name === 'FROM' || name === 'MAINTAINER')
    throw new InvalidError(`${name} isn't allowed as an ONBUILD trigger`);
  return rest;
}

const durations: Readonly<Record<string, 'Interval' | 'Timeout' | 'StartPeriod' | 'StartInterval'>> = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  'start-interval': 'StartInterval',
};

function healthcheck(text: string): Healthcheck {
  const result: Healthcheck = {};
  let rest = text;
  for (let flag = /^--([a-z-]+)=(\S+)\s*/.exec(rest); flag; flag = /^--([a-z-]+)=(\S+)\s*/.exec(rest)) {
    const [whole, name = '', value = ''] = flag;
    const field = durations[name];
    if (field) result[field] = durationNanoseconds(value);
    else if (name === 'retries' && /^\d+$/.test(value)) result.Retries = Number(value);
    else throw new InvalidError(`Unknown flag: ${name}`);
    rest = rest.slice(whole.length);
  }
  const [, kind = '', argument = ''] = /^(\S+)\s*([\s\S]*)$/.exec(rest) ?? [];
  if (kind.toUpperCase() === 'NONE') return { Test: ['NONE'] };
  if (kind.toUpperCase() !== 'CMD' || argument === '') {
    throw new InvalidError(`Unknown type ${JSON.stringify(kind)} in HEALTHCHECK (try CMD)`);
  }
  const list = jsonStrings(argument);
  return { ...result, Test: list ? ['CMD', ...list] : ['CMD-SHELL', argument] };
}
