/** What a build was asked for, by the names under which BuildKit's frontend gets it. */
import { isProxyName } from '../../../dockerfile/predefined.ts';
import type { BuildRequest } from '../dependencies.ts';
import { redacted } from './build-sources.ts';

export type RequestArguments = Readonly<Record<string, string>>;

/** Proxies say how this machine reaches others, with its passwords: they are nobody else's business. */
export function requestArguments({
  given,
  labels,
  target,
  noCache,
  noCacheStages,
  hostConfig,
}: BuildRequest): RequestArguments {
  const args = [...given].flatMap(([name, value]) =>
    value === undefined || isProxyName(name) ? [] : [[`build-arg:${name}`, redacted(value)] as const],
  );
  const { NetworkMode: network, ExtraHosts: hosts } = hostConfig;
  return {
    ...Object.fromEntries(args),
    ...Object.fromEntries(Object.entries(labels).map(([name, value]) => [`label:${name}`, value])),
    ...(target !== '' && { target }),
    ...((noCache || noCacheStages.length > 0) && { 'no-cache': noCacheStages.join(',') }),
    ...(network !== undefined && network !== 'default' && { 'force-network-mode': network }),
    ...(hosts && { 'add-hosts': hosts.join(',') }),
  };
}

/** `mode=min`: without what people put passwords into. */
export function scrubbed(args: RequestArguments): RequestArguments {
  return Object.fromEntries(
    Object.entries(args).filter(([name]) => !name.startsWith('build-arg:') && !name.startsWith('label:')),
  );
}
