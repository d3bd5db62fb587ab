/** Values of create's flags that have a grammar of their own: devices, limits, rates. Messages are docker's. */
import type { DeviceMapping, DeviceRequest, ThrottleDevice } from '../../../engine-api/types.ts';
import { InvalidError } from '../../../lib/errors.ts';
import { parseBytes } from '../../../lib/quantities.ts';

/** `stdin`, `STDOUT`. */
export function parseStream(text: string): string {
  const name = text.toLowerCase();
  if (['stdin', 'stdout', 'stderr'].includes(name)) return name;
  throw new InvalidError('valid streams are STDIN, STDOUT and STDERR');
}

export interface Ulimit {
  readonly Name: string;
  readonly Soft: number;
  readonly Hard: number;
}

/** https://man7.org/linux/man-pages/man2/getrlimit.2.html, but for the address space, which docker leaves out. */
const ulimits: ReadonlySet<string> = new Set(
  'core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(
    ' ',
  ),
);

/** `nofile=1024:2048`, `nofile=1024`. */
export function parseUlimit(text: string): Ulimit {
  const [name, limits] = splitOnce(text, '=');
  if (limits === undefined || name === '') throw new InvalidError(`invalid ulimit argument: ${text}`);
  if (!ulimits.has(name)) throw new InvalidError(`invalid ulimit type: ${name}`);
  const numbers = limits.split(':').map((limit) => (/^-?\d+$/.test(limit) ? Number(limit) : Number.NaN));
  const [soft = Number.NaN, hard = soft] = numbers;
  if (numbers.length > 2)
    throw new InvalidError(
      `too many limit value arguments - ${limits}, can only have up to two, \`soft[:hard]\``,
    );
  if (Number.isNaN(soft) || Number.isNaN(hard)) {
    throw new InvalidError(`strconv.ParseInt: parsing ${JSON.stringify(limits)}: invalid syntax`);
  }
  if (hard !== -1 && (soft === -1 || soft > hard)) {
    throw new InvalidError(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`);
  }
  return { Name: name, Soft: soft, Hard: hard };
}

/** `/dev/sda:1mb`. */
export function parseByteRate(text: string): ThrottleDevice {
  return parseRate(text, parseBytes);
}

/** `/dev/sda:1000`. */
export function parseOperationRate(text: string): ThrottleDevice {
  return parseRate(text, (rate) => (/^\d+$/.test(rate) ? Number(rate) : Number.NaN));
}

function parseRate(text: string, read: (text: string) => number): ThrottleDevice {
  const { path, value } = deviceAndValue(text);
  const rate = read(value);
  if (rate >= 0) return { Path: path, Rate: rate };
  throw new InvalidError(
    `invalid rate for device: ${text}. The correct format is <device-path>:<number>. Number must be a positive integer`,
  );
}

/** `/dev/sda:300`. */
export function parseWeight(text: string): { readonly Path: string; readonly Weight: number } {
  const { path, value } = deviceAndValue(text);
  const weight = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (weight === 0 || (weight >= 10 && weight <= 1000)) return { Path: path, Weight: weight };
  throw new InvalidError(`invalid weight for device: ${text}`);
}

function deviceAndValue(text: string): { path: string; value: string } {
  const [path, value] = splitOnce(text, ':');
  if (value === undefined) throw new InvalidError(`bad format: ${text}`);
  if (!path.startsWith('/dev/')) throw new InvalidError(`bad format for device path: ${text}`);
  return { path, value };
}

/** `/dev/x`, `/dev/x:/dev/y`, `/dev/x:/dev/y:rwm`, `/dev/x:rwm`. */
export function parseDevice(text: string): DeviceMapping {
  const [source = '', second, third] = text.split(':');
  if (text.split(':').length > 3 || source === '') throw new InvalidError(`bad format for path: ${text}`);
  const isMode = second !== undefined && /^[rwm]+$/.test(second);
  const target = second === undefined || isMode ? source : second;
  const permissions = third ?? (isMode ? second : 'rwm');
  if (!/^[rwm]+$/.test(permissions)) throw new InvalidError(`bad mode specified: ${permissions}`);
  return { PathOnHost: source, PathInContainer: target, CgroupPermissions: permissions };
}

/** `all`, `2`, `device=0,capabilities=utility`. */
export function parseGpus(text: string): DeviceRequest {
  const request = { Driver: '', Count: 0, DeviceIDs: [] as string[], Capabilities: [['gpu']], Options: {} };
  for (const field of text.split(',')) {
    const [key, value] = splitOnce(field, '=');
    if (value === undefined) request.Count = gpuCount(key);
    else if (key === 'count') request.Count = gpuCount(value);
    else if (key === 'driver') request.Driver = value;
    else if (key === 'device') request.DeviceIDs.push(...value.split(','));
    else if (key === 'capabilities') request.Capabilities = [['gpu', ...value.split(',')]];
    else throw new InvalidError(`unexpected key '${key}' in '${field}'`);
  }
  return request;
}

function gpuCount(text: string): number {
  if (text === 'all') return -1;
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidError(`invalid count (${text}): value must be either "all" or an integer: invalid syntax`);
}

/** `host:ip` or `host=ip`, where the address may be IPv6. */
export function parseExtraHost(text: string): string {
  const [, name, address] = /^([^=:]+)[=:](.+)$/.exec(text) ?? [];
  if (name === undefined || address === undefined) {
    throw new InvalidError(`bad format for add-host: ${JSON.stringify(text)}`);
  }
  return `${name}:${address.replace(/^\[(.*)\]$/, '$1')}`;
}

/** @throws InvalidError */
export function requireMacAddress(text: string): void {
  const isValid =
    /^[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}$|^(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}$/i.test(text);
  if (!isValid) throw new InvalidError(`${text} is not a valid mac address`);
}

/** The parts before and after the first separator. */
export function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
