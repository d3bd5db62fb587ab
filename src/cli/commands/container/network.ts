/** `--network name` and `--network name=…,alias=…,ip=…`: the networks a container joins. */
import type { EndpointSettings } from '../../../engine-api/types.ts';
import { InvalidError } from '../../../lib/errors.ts';
import { splitOnce } from './create-values.ts';
import { splitFields } from '../../../lib/csv.ts';

export interface NetworkChoice {
  readonly name: string;
  readonly endpoint: EndpointSettings;
}

/** @throws InvalidError for a field it doesn't know. */
export function parseNetwork(text: string): NetworkChoice {
  if (!text.includes('=')) return { name: text, endpoint: {} };
  const choice: { name: string; endpoint: EndpointSettings } = { name: '', endpoint: {} };
  for (const field of splitFields(text)) takeField(choice, field);
  if (choice.name === '') throw new InvalidError('network name/id is not specified');
  return choice;
}

function takeField(choice: { name: string; endpoint: EndpointSettings }, field: string): void {
  const [rawName, value] = splitOnce(field, '=');
  const name = rawName.toLowerCase().trim();
  if (value === undefined) throw new InvalidError(`invalid field ${field}: must be a key=value pair`);
  const { endpoint } = choice;
  const address = (key: 'IPv4Address' | 'IPv6Address') => {
    endpoint.IPAMConfig = { ...endpoint.IPAMConfig, [key]: value };
  };
  const [key, setting = ''] = splitOnce(value, '=');
  if (name === 'name') choice.name = value;
  else if (name === 'alias') endpoint.Aliases = [...(endpoint.Aliases ?? []), value];
  else if (name === 'ip') address('IPv4Address');
  else if (name === 'ip6') address('IPv6Address');
  else if (name === 'mac-address') endpoint.MacAddress = value;
  else if (name === 'driver-opt') endpoint.DriverOpts = { ...endpoint.DriverOpts, [key]: setting };
  else if (name === 'gw-priority') endpoint.GwPriority = Number(value);
  else throw new InvalidError(`invalid field key ${name}`);
}
