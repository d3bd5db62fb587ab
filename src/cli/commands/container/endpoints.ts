/** What `create` and `run` ask of each network: options given apart (`--ip`, `--network-alias`) belong to the first one. */
import type { EndpointSettings } from '../../../engine-api/types.ts';
import { InvalidError } from '../../../lib/errors.ts';
import { filled } from './filled.ts';
import type { NetworkChoice } from './network.ts';

export interface EndpointFlags {
  readonly network: readonly NetworkChoice[];
  readonly 'network-alias': readonly string[];
  readonly link: readonly string[];
  readonly ip: string | undefined;
  readonly ip6: string | undefined;
  readonly 'link-local-ip': readonly string[];
  readonly 'mac-address': string | undefined;
}

/** By network. @throws InvalidError in docker's words for options that exclude each other. */
export function endpointsOf(flags: EndpointFlags): Record<string, EndpointSettings> {
  const [first = { name: 'default', endpoint: {} }, ...others] = flags.network;
  const choices = [withShared(first, flags), ...others];
  for (const choice of choices) requireUserDefined(choice);
  requireUnique(choices.map(({ name }) => name));
  const isUserDefined = choices.map(({ name }) => hasOwnNetwork(name));
  if (new Set(isUserDefined).size > 1)
    throw new InvalidError(
      'conflicting options: cannot attach both user-defined and non-user-defined network-modes',
    );
  const isPlain = choices.length === 1 && Object.keys(choices[0]?.endpoint ?? {}).length === 0;
  return isPlain ? {} : Object.fromEntries(choices.map(({ name, endpoint }) => [name, endpoint]));
}

function withShared({ name, endpoint }: NetworkChoice, flags: EndpointFlags): NetworkChoice {
  const asked = endpoint.IPAMConfig;
  requireOne(endpoint.Aliases, flags['network-alias'], '--network-alias', 'alias');
  requireOne(asked?.IPv4Address, flags.ip, '--ip', 'IPv4 address');
  requireOne(asked?.IPv6Address, flags.ip6, '--ip6', 'IPv6 address');
  requireOne(endpoint.MacAddress, flags['mac-address'], '--mac-address', 'MAC address');
  const {
    Aliases = endpoint.Aliases,
    MacAddress = endpoint.MacAddress,
    ...rest
  } = filled({
    Aliases: [...flags['network-alias']],
    MacAddress: flags['mac-address'],
    // On the default bridge it is the container's, with lines of the hosts file and variables.
    Links: hasOwnNetwork(name) ? [...flags.link] : [],
  });
  const addresses = {
    ...asked,
    ...filled({
      IPv4Address: flags.ip,
      IPv6Address: flags.ip6,
      LinkLocalIPs: [...flags['link-local-ip']],
    }),
  };
  return { name, endpoint: filled({ ...endpoint, ...rest, Aliases, MacAddress, IPAMConfig: addresses }) };
}

type Given = string | readonly string[] | null | undefined;

function requireOne(own: Given, shared: Given, flag: string, name: string): void {
  if (own?.length && shared?.length)
    throw new InvalidError(`conflicting options: cannot specify both ${flag} and per-network ${name}`);
}

function requireUserDefined({ name, endpoint }: NetworkChoice): void {
  if (!hasOwnNetwork(name) && endpoint.Aliases?.length)
    throw new InvalidError('network-scoped aliases are only supported for user-defined networks');
}

function requireUnique(names: readonly string[]): void {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined)
    throw new InvalidError(`network ${JSON.stringify(twice)} is specified multiple times`);
}

/** Docker's "user-defined". */
function hasOwnNetwork(name: string): boolean {
  return !['default', 'bridge', 'host', 'none'].includes(name) && !name.startsWith('container:');
}
