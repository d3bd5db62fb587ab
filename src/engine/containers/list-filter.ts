/** The filters of `ps`. Values of one filter are alternatives, but for labels, which add up as filters do. */
import { type Filters, booleanFilter } from '../../engine-api/filters.ts';
import { InvalidError } from '../../lib/errors.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { healthStatuses } from './health/health.ts';
import { parsePort } from './ports.ts';
import type { ContainerRecord } from './state.ts';

export const listFilters = [
  'ancestor',
  'before',
  'exited',
  'expose',
  'health',
  'id',
  'is-task',
  'label',
  'name',
  'network',
  'publish',
  'since',
  'status',
  'volume',
] as const;

const statuses = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'];

type Dependencies = Pick<ContainerDependencies, 'containers' | 'images'>;
type Test = (record: ContainerRecord) => boolean;

/** @throws InvalidError for a value that cannot be one, NotFoundError for an unknown container in before and since. */
export function listFilter(deps: Dependencies, filters: Filters): Test {
  const tests = [...filters].map(([name, values]) => {
    const each = values.map((value) => testFor(deps, name, value));
    return name === 'label' ? allOf(each) : anyOf(each);
  });
  booleanFilter(filters, 'is-task');
  return (record) => tests.every((test) => test(record));
}

/** True when stopped containers are asked for, by a filter that only they pass. */
export function asksForStopped(filters: Filters): boolean {
  return filters.has('status') || filters.has('exited');
}

function allOf(tests: readonly Test[]): Test {
  return (record) => tests.every((test) => test(record));
}

function anyOf(tests: readonly Test[]): Test {
  return (record) => tests.length === 0 || tests.some((test) => test(record));
}

function testFor(deps: Dependencies, name: string, value: string): Test {
  switch (name) {
    case 'id':
      return ({ id }) => id.startsWith(value);
    case 'name':
      return nameTest(value);
    case 'label':
      return labelTest(value);
    case 'status':
      return statusTest(value);
    case 'exited':
      return exitedTest(value);
    case 'ancestor':
      return ancestorTest(deps, value);
    case 'before':
      return relativeTest(deps, value, (record, other) => record.created < other.created);
    case 'since':
      return relativeTest(deps, value, (record, other) => record.created > other.created);
    case 'volume':
      return ({ mounts }) => mounts.some(({ Name, Destination }) => Name === value || Destination === value);
    case 'network':
      return ({ hostConfig, endpoints }) => hostConfig.NetworkMode === value || value in endpoints;
    case 'publish':
      return ({ hostConfig }) => hasPort(Object.keys(hostConfig.PortBindings ?? {}), value);
    case 'expose':
      return ({ config }) => hasPort(Object.keys(config.ExposedPorts ?? {}), value);
    case 'health':
      return healthTest(value);
    default:
      return () => true;
  }
}

/** A regular expression over the name with and without its slash. */
function nameTest(value: string): Test {
  try {
    const pattern = new RegExp(value);
    return ({ name }) => pattern.test(name) || pattern.test(`/${name}`);
  } catch (cause) {
    throw new InvalidError(`invalid filter 'name=${value}'`, { cause });
  }
}

export function labelTest(value: string): (record: Pick<ContainerRecord, 'config'>) => boolean {
  const equals = value.indexOf('=');
  const label = equals === -1 ? value : value.slice(0, equals);
  return ({ config }) => {
    const found = config.Labels?.[label];
    return found !== undefined && (equals === -1 || found === value.slice(equals + 1));
  };
}

function statusTest(value: string): Test {
  if (!statuses.includes(value)) throw new InvalidError(`invalid filter 'status=${value}'`);
  return ({ state }) => state.status === value;
}

function healthTest(value: string): Test {
  const wanted = healthStatuses.find((status) => status === value);
  if (!wanted) throw new InvalidError(`Unrecognised filter value for health: ${value}`);
  return ({ state }) => (state.health?.status ?? 'none') === wanted;
}

function exitedTest(value: string): Test {
  if (!/^-?\d+$/.test(value)) throw new InvalidError(`invalid filter 'exited=${value}'`);
  return ({ state }) => state.status === 'exited' && state.exitCode === Number(value);
}

/** Containers of the image, and of images that stand on it. */
function ancestorTest({ images }: Dependencies, value: string): Test {
  const ancestor = images.find(value);
  if (!ancestor) return ({ imageName }) => imageName === value;
  return ({ imageId, chainId }) => {
    if (imageId === ancestor.id) return true;
    const layers = images.get(imageId)?.layers.map((layer) => layer.chainId) ?? [chainId];
    return ancestor.chainId !== undefined && layers.includes(ancestor.chainId);
  };
}

function relativeTest(
  { containers }: Dependencies,
  value: string,
  compare: (record: ContainerRecord, other: ContainerRecord) => boolean,
): Test {
  const other = containers.resolve(value);
  return (record) => compare(record, other);
}

/** `80`, `80/tcp`, `8000-8010/udp`. */
function hasPort(keys: readonly string[], value: string): boolean {
  const [range = '', protocol = 'tcp'] = value.split('/');
  const [first = '', last = first] = range.split('-');
  return keys.some((key) => {
    const port = parsePort(key);
    return port.protocol === protocol && port.port >= Number(first) && port.port <= Number(last);
  });
}
