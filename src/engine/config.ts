/** The engine's settings: flags over the settings file over environment over defaults, checked once, frozen. */
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { InvalidError } from '../lib/errors.ts';
import { type ConfigFile, readConfigFile } from './config-file.ts';
import { type ContainerDefaults, readContainerDefaults } from './container-defaults.ts';
import { metricsAddress, normalHost } from './hosts.ts';
import { readReloadable, type ReloadableConfig } from './reloadable-config.ts';
import { readTlsConfig, type TlsConfig, type TlsFlags } from './tls-config.ts';

export interface EngineConfig {
  /** The engine's own part of the data directory. */
  readonly dataDirectory: string;
  readonly runDirectory: string;
  /** `unix:///path` or `tcp://address:port`. */
  readonly hosts: readonly string[];
  /** Where metrics are read; undefined: nowhere, and nothing is counted. */
  readonly metricsAddress: { readonly hostname: string; readonly port: number } | undefined;
  /** For the tcp hosts; undefined: plain HTTP. */
  readonly tls: TlsConfig | undefined;
  /** What docker.io stands for. */
  readonly hub: URL;
  /** As the engine starts; a reload brings others. */
  readonly reloadable: ReloadableConfig;
  readonly containerDefaults: ContainerDefaults;
  readonly proxies: Proxies;
  /** pino's name of the least that is logged. */
  readonly logLevel: string;
  /** Where flags and the settings file say different things: the flags win, and this tells the user. */
  readonly conflicts: readonly string[];
  /** Names the default bridge and the firewall's table. */
  readonly networkName: string;
  /** The argv that starts this program: the engine runs parts of itself as children. */
  readonly self: readonly string[];
  /** The program's version. */
  readonly version: string;
}

/** From the variables that programs agree on; '' where unset. */
export interface Proxies {
  readonly http: string;
  readonly https: string;
  readonly none: string;
}

/** As given on the command line; what is missing comes from the file, then from the environment. */
export interface EngineFlags extends TlsFlags {
  /** cais's data directory; the engine keeps its own in engine/. */
  readonly data?: string | undefined;
  readonly run?: string | undefined;
  readonly hosts?: readonly string[] | undefined;
  readonly hub?: string | undefined;
  readonly insecureRegistries?: readonly string[] | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly debug?: boolean | undefined;
  readonly logLevel?: string | undefined;
  readonly metricsAddr?: string | undefined;
  /** Undefined: the default one, which may be missing. */
  readonly configFile?: string | undefined;
  readonly networkName?: string | undefined;
  readonly self: readonly string[];
  readonly version: string;
}

const environmentSchema = z.object({
  CAIS_DATA: z.string().optional(),
  CAIS_RUN: z.string().optional(),
  CAIS_HOST: z.string().optional(),
  CAIS_HUB: z.string().optional(),
  CAIS_BRIDGE: z.string().default('cais0'),
  DOCKER_CERT_PATH: z.string().optional(),
  HOME: z.string().default('/root'),
  HTTP_PROXY: z.string().default(''),
  HTTPS_PROXY: z.string().default(''),
  NO_PROXY: z.string().default(''),
});

const defaultRun = '/run/cais';

/** @throws InvalidError naming the flag, the file's key or the variable. */
export function readEngineConfig(
  flags: EngineFlags,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): EngineConfig {
  const variables = environmentSchema.parse(environment);
  const file = readConfigFile(flags.configFile);
  const runDirectory = resolve(flags.run ?? file['exec-root'] ?? variables.CAIS_RUN ?? defaultRun);
  const certificates = variables.DOCKER_CERT_PATH || `${variables.HOME}/.docker`;
  const tls = readTlsConfig(flags, file, certificates);
  const asked = flags.hosts?.length ? flags.hosts : (file.hosts ?? []);
  const hosts = asked.length > 0 ? asked : [variables.CAIS_HOST ?? `unix://${runDirectory}/engine.sock`];
  return Object.freeze({
    dataDirectory: dataDirectory(flags.data, file['data-root'], variables.CAIS_DATA),
    runDirectory,
    hosts: hosts.map((host) => normalHost(host, tls !== undefined)),
    metricsAddress: metricsAddress(flags.metricsAddr ?? file['metrics-addr']),
    tls,
    hub: checkedUrl(flags.hub ?? file.hub ?? variables.CAIS_HUB ?? 'http://127.0.0.1:5000'),
    reloadable: readReloadable(flags, file),
    containerDefaults: readContainerDefaults(file),
    proxies: { http: variables.HTTP_PROXY, https: variables.HTTPS_PROXY, none: variables.NO_PROXY },
    logLevel: flags.logLevel ?? (flags.debug || file.debug ? 'debug' : (file['log-level'] ?? 'info')),
    conflicts: conflictsOf(flags, file),
    networkName: flags.networkName ?? networkNameFor(runDirectory, variables.CAIS_BRIDGE),
    self: flags.self,
    version: flags.version,
  });
}

/** `data-root` is the engine's alone, as docker's is; the other two are cais's, with the hub beside the engine. */
function dataDirectory(
  flag: string | undefined,
  root: string | undefined,
  variable: string | undefined,
): string {
  if (flag === undefined && root !== undefined) return resolve(root);
  return join(resolve(flag ?? variable ?? '/var/lib/cais'), 'engine');
}

function conflictsOf(flags: EngineFlags, file: ConfigFile): string[] {
  const both: readonly (readonly [string, unknown, unknown])[] = [
    ['data-root', flags.data, file['data-root']],
    ['exec-root', flags.run, file['exec-root']],
    ['hosts', flags.hosts, file.hosts],
    ['hub', flags.hub, file.hub],
    ['labels', flags.labels, file.labels],
    ['debug', flags.debug, file.debug],
    ['log-level', flags.logLevel, file['log-level']],
    ['metrics-addr', flags.metricsAddr, file['metrics-addr']],
    ['insecure-registries', flags.insecureRegistries, file['insecure-registries']],
    ['tls', flags.tls, file.tls],
    ['tlsverify', flags.tlsverify, file.tlsverify],
    ['tlscacert', flags.tlscacert, file.tlscacert],
    ['tlscert', flags.tlscert, file.tlscert],
    ['tlskey', flags.tlskey, file.tlskey],
  ];
  const isGiven = (value: unknown): boolean =>
    value !== undefined && !(Array.isArray(value) && value.length === 0);
  return both
    .filter(([, flag, value]) => isGiven(flag) && isGiven(value))
    .map(
      ([name, flag, value]) =>
        `${name} is given both as a flag and in the settings file: the flag wins (from flag: ${JSON.stringify(flag)}, from file: ${JSON.stringify(value)})`,
    );
}

/** Engines side by side must not share a bridge: one with a run directory of its own gets a name of its own. */
function networkNameFor(runDirectory: string, name: string): string {
  if (runDirectory === defaultRun || name !== 'cais0') return name;
  return `cais${new Bun.CryptoHasher('sha256').update(runDirectory).digest('hex').slice(0, 8)}`;
}

function checkedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new InvalidError(`invalid --hub (or CAIS_HUB) "${text}": use an http or https URL`);
}
