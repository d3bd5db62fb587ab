/** `ps`: the containers as rows. */
import type { Filters } from '../../engine-api/filters.ts';
import type { ContainerSummary } from '../../engine-api/types.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { asksForStopped, listFilter } from './list-filter.ts';
import { shownMount } from './mounts/container-mount.ts';
import { listPorts } from './ports.ts';
import { type ContainerRecord, isRunning } from './state.ts';
import { statusText } from './status-text.ts';
import { networkSettings } from './network-settings.ts';

export interface ListOptions {
  readonly all: boolean;
  /** Adds SizeRw and SizeRootFs. */
  readonly size: boolean;
  /** The newest so many, running or not; undefined for no limit. */
  readonly limit: number | undefined;
  readonly filters: Filters;
}

type Dependencies = Pick<ContainerDependencies, 'containers' | 'images' | 'snapshots' | 'networks'>;

/** Newest first. */
export function listContainers(deps: Dependencies, options: ListOptions): Promise<ContainerSummary[]> {
  const test = listFilter(deps, options.filters);
  const all = options.all || options.limit !== undefined || asksForStopped(options.filters);
  const records = deps.containers.list().filter((record) => (all || isRunning(record.state)) && test(record));
  const limited = options.limit === undefined ? records : records.slice(0, options.limit);
  const images = new ImageNames(deps);
  return Promise.all(limited.map((record) => summary(deps, record, images, options.size)));
}

/** Many containers are of few images. */
class ImageNames {
  readonly #images: Dependencies['images'];
  readonly #ids = new Map<string, string | undefined>();

  constructor({ images }: Pick<Dependencies, 'images'>) {
    this.#images = images;
  }

  /** The name it was created by, or the id once the name has gone to another image. */
  shown({ imageName, imageId }: ContainerRecord): string {
    if (!this.#ids.has(imageName)) this.#ids.set(imageName, this.#images.find(imageName)?.id);
    return this.#ids.get(imageName) === imageId ? imageName : imageId;
  }
}

async function summary(
  deps: Dependencies,
  record: ContainerRecord,
  images: ImageNames,
  size: boolean,
): Promise<ContainerSummary> {
  const settings = networkSettings(deps, record);
  return {
    Id: record.id,
    Names: [`/${record.name}`],
    Image: images.shown(record),
    ImageID: record.imageId,
    Command: [record.path, ...record.args].map(quoted).join(' '),
    Created: Math.floor(Date.parse(record.created) / 1000),
    Ports: listPorts(settings.Ports),
    ...(size ? withoutZeros(await sizes(deps, record)) : {}),
    Labels: record.config.Labels ?? {},
    State: record.state.status,
    Status: statusText(record.state, Date.now()),
    HostConfig: { NetworkMode: record.hostConfig.NetworkMode },
    NetworkSettings: { Networks: settings.Networks },
    Mounts: record.mounts.map(shownMount),
  };
}

/** A list leaves out the sizes that are 0; inspect does not. */
function withoutZeros(found: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(found).filter(([, bytes]) => bytes !== 0));
}

/** As a shell would need it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

export async function sizes(
  { images, snapshots }: Pick<Dependencies, 'images' | 'snapshots'>,
  record: ContainerRecord,
): Promise<{ SizeRw: number; SizeRootFs: number }> {
  const SizeRw = await snapshots.containerSize(record.id);
  return { SizeRw, SizeRootFs: SizeRw + (images.get(record.imageId)?.size ?? 0) };
}
