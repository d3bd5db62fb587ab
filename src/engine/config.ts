/** The engine's settings: flags over environment over defaults, checked once, frozen. */
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { InvalidError } from '../lib/errors.ts';

export interface EngineConfig {
  /** The engine's own part of the data directory. */
  readonly dataDirectory: string;
  readonly runDirectory: string;
  /** `unix:///path` or `tcp://address:port`. */
  readonly hosts: readonly string[];
  /** What docker.io stands for. */
  readonly hub: URL;
  readonly insecureRegistries: readonly string[];
  /** Names the default bridge and the firewall's table. */
  readonly networkName: string;
  /** The argv that starts this program: the engine runs parts of itself as children. */
  readonly self: readonly string[];
  /** The program's version. */
  readonly version: string;
}

/** As given on the command line; what is missing comes from the environment. */
export interface EngineFlags {
  /** cais's data directory; the engine keeps its own in engine/. */
  readonly data?: string | undefined;
  readonly run?: string | undefined;
  readonly hosts?: readonly string[] | undefined;
  readonly hub?: string | undefined;
  readonly insecureRegistries?: readonly string[] | undefined;
  readonly networkName?: string | undefined;
  readonly self: readonly string[];
  readonly version: string;
}

const environmentSchema = z.object({
  CAIS_DATA: z.string().default('/var/lib/cais'),
  CAIS_RUN: z.string().default('/run/cais'),
  CAIS_HOST: z.string().optional(),
  CAIS_HUB: z.string().default('http://127.0.0.1:5000'),
  CAIS_BRIDGE: z.string().default('cais0'),
});

const defaultRun = '/run/cais';

/** @throws InvalidError naming the flag or variable. */
export function readEngineConfig(
  flags: EngineFlags,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): EngineConfig {
  const variables = environmentSchema.parse(environment);
  const data = resolve(flags.data ?? variables.CAIS_DATA);
  const runDirectory = resolve(flags.run ?? variables.CAIS_RUN);
  const hosts = flags.hosts?.length
    ? flags.hosts
    : [variables.CAIS_HOST ?? `unix://${runDirectory}/engine.sock`];
  return Object.freeze({
    dataDirectory: join(data, 'engine'),
    runDirectory,
    hosts: hosts.map(checkedHost),
    hub: checkedUrl(flags.hub ?? variables.CAIS_HUB),
    insecureRegistries: flags.insecureRegistries ?? [],
    networkName: flags.networkName ?? networkNameFor(runDirectory, variables.CAIS_BRIDGE),
    self: flags.self,
    version: flags.version,
  });
}

/** Engines side by side must not share a bridge: one with a run directory of its own gets a name of its own. */
function networkNameFor(runDirectory: string, name: string): string {
  if (runDirectory === defaultRun || name !== 'cais0') return name;
  return `cais${new Bun.CryptoHasher('sha256').update(runDirectory).digest('hex').slice(0, 8)}`;
}

function checkedHost(host: string): string {
  const path = /^unix:\/\/(.+)$/.exec(host)?.[1];
  if (path !== undefined && isAbsolute(path)) return host;
  if (/^tcp:\/\/.+:\d+$/.test(host)) return host;
  throw new InvalidError(`invalid --host (or CAIS_HOST) "${host}": use unix:///path or tcp://address:port`);
}

function checkedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new InvalidError(`invalid --hub (or CAIS_HUB) "${text}": use an http or https URL`);
}
