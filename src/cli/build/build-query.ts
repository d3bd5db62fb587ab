/** The flags of `build` as the query of the engine's request: docker's `POST /build`, and what cais adds to it. */
import {
  defaultAttestation,
  parseAttestation,
  shortAttestation,
  truth,
} from '../../engine-api/attestations.ts';
import type { Query } from '../../engine-api/client.ts';
import { InvalidError, UnsupportedError } from '../../lib/errors.ts';
import { formatPlatform, parsePlatform } from '../../oci/image/platform.ts';
import type { CliConfig } from '../config.ts';
import type { BuildFlags } from './build-flags.ts';

/** @throws InvalidError, UnsupportedError */
export function buildQuery(flags: BuildFlags, config: CliConfig): Query {
  refuse(flags);
  return {
    t: flags.tag,
    target: flags.target,
    buildargs: json(buildArguments(flags['build-arg'], config.variables)),
    labels: json(labels(flags.label)),
    nocache: flags['no-cache'],
    nocachefilter: flags['no-cache-filter'].flatMap((text) => text.split(',')),
    pull: flags.pull,
    networkmode: flags.network === 'default' ? undefined : flags.network,
    extrahosts: flags['add-host'],
    platform: platforms(flags.platform, config),
    shmsize: flags['shm-size'],
    memory: flags.memory,
    memswap: flags['memory-swap'],
    cpushares: flags['cpu-shares'],
    cpuperiod: flags['cpu-period'],
    cpuquota: flags['cpu-quota'],
    cpusetcpus: flags['cpuset-cpus'],
    cpusetmems: flags['cpuset-mems'],
    cgroupparent: flags['cgroup-parent'],
    ulimits: jsonList(flags.ulimit),
    allow: flags.allow,
    attest: attestations(flags, config),
    debug: flags.debug,
  };
}

function refuse(flags: BuildFlags): void {
  if (flags.squash) {
    throw new UnsupportedError(
      '--squash is not supported: put what belongs together into one RUN, or use several stages',
    );
  }
  if (flags['no-cache'] && flags['no-cache-filter'].length > 0) {
    throw new InvalidError('--no-cache and --no-cache-filter cannot currently be used together');
  }
  for (const text of flags.allow) {
    if (!['security.insecure', 'network.host'].includes(text)) {
      throw new InvalidError(`invalid entitlement: ${text}`);
    }
  }
}

/** `NAME` alone takes its value from the environment, or is left out; the predefined SOURCE_DATE_EPOCH comes by itself. */
export function buildArguments(
  texts: readonly string[],
  variables: CliConfig['variables'],
): Readonly<Record<string, string>> {
  const epoch = variables['SOURCE_DATE_EPOCH'];
  const values: Record<string, string> = epoch ? { SOURCE_DATE_EPOCH: epoch } : {};
  for (const text of texts) {
    const { key, value } = pair(text);
    const found = value ?? variables[key];
    if (found !== undefined) values[key] = found;
  }
  return values;
}

function labels(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(texts.map((text) => pair(text)).map(({ key, value }) => [key, value ?? '']));
}

function pair(text: string): { key: string; value: string | undefined } {
  const equals = text.indexOf('=');
  const key = equals === -1 ? text : text.slice(0, equals);
  if (key === '') throw new InvalidError(`invalid key-value pair ${JSON.stringify(text)}: empty key`);
  return { key, value: equals === -1 ? undefined : text.slice(equals + 1) };
}

/** Each once. @throws InvalidError */
export function platforms(given: readonly string[], config: CliConfig): readonly string[] {
  const all = given.flatMap((text) => text.split(',')).filter((text) => text !== '');
  const wanted = all.length === 0 && config.platform !== undefined ? [config.platform] : all;
  return [...new Set(wanted.map((text) => formatPlatform(parsePlatform(text))))];
}

/** --provenance and --sbom are short for --attest. Where nobody said, an image tells the least of where it is from. */
export function attestations(
  { attest, provenance, sbom }: BuildFlags,
  { variables }: CliConfig,
): readonly string[] {
  const texts = [
    ...attest,
    ...(provenance ? [shortAttestation('provenance', provenance)] : []),
    ...(sbom ? [shortAttestation('sbom', sbom)] : []),
  ];
  const isSaid = texts.map((text) => parseAttestation(text)).some(({ type }) => type === 'provenance');
  return isSaid || isWithoutDefault(variables) ? texts : [defaultAttestation, ...texts];
}

function isWithoutDefault(variables: CliConfig['variables']): boolean {
  const text = variables['BUILDX_NO_DEFAULT_ATTESTATIONS'];
  return text !== undefined && truth(text, () => 'invalid BUILDX_NO_DEFAULT_ATTESTATIONS');
}

function json(values: Readonly<Record<string, string>>): string | undefined {
  return Object.keys(values).length === 0 ? undefined : JSON.stringify(values);
}

function jsonList(values: readonly unknown[]): string | undefined {
  return values.length === 0 ? undefined : JSON.stringify(values);
}
