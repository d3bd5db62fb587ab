/** The filters of `volume ls` and `volume prune`. */
import { booleanFilter, type Filters } from '../../engine-api/filters.ts';
import { InvalidError } from '../../lib/errors.ts';
import type { VolumeRecord } from './volume-store.ts';

export const volumeListFilters = ['dangling', 'driver', 'label', 'name'];
export const volumePruneFilters = ['all', 'label', 'label!'];

type Test = (volume: VolumeRecord) => boolean;

/** @param isUsed by a container. @throws InvalidError for a value that cannot be one. */
export function volumeListFilter(filters: Filters, isUsed: Test): Test {
  const dangling = booleanFilter(filters, 'dangling');
  const names = filters.get('name')?.map(nameTest);
  const drivers = filters.get('driver');
  return (volume) =>
    (dangling === undefined || dangling !== isUsed(volume)) &&
    (names === undefined || names.some((test) => test(volume))) &&
    (drivers === undefined || drivers.length === 0 || drivers.includes('local')) &&
    hasLabels(volume, filters);
}

/** @param all named ones as well. */
export function volumePruneFilter(filters: Filters, all: boolean): Test {
  // What has options lies elsewhere: to forget it would free nothing.
  const isPlain: Test = ({ options }) => Object.keys(options ?? {}).length === 0;
  return (volume) => (all || volume.anonymous) && isPlain(volume) && hasLabels(volume, filters);
}

function hasLabels(volume: VolumeRecord, filters: Filters): boolean {
  return (
    (filters.get('label') ?? []).every((value) => hasLabel(volume, value)) &&
    !(filters.get('label!') ?? []).some((value) => hasLabel(volume, value))
  );
}

function hasLabel({ labels }: VolumeRecord, value: string): boolean {
  const [label = '', ...rest] = value.split('=');
  const found = labels?.[label];
  return found !== undefined && (rest.length === 0 || found === rest.join('='));
}

/** A regular expression, or a part of the name. */
function nameTest(value: string): Test {
  try {
    const pattern = new RegExp(value);
    return ({ name }) => pattern.test(name);
  } catch (cause) {
    throw new InvalidError(`invalid filter 'name=${value}'`, { cause });
  }
}
