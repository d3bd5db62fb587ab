/** Images in the JSON of Docker's API. Pure: the stores' values in, the API's fields out. */
import type { HistoryItem } from '../../engine-api/image-changes.ts';
import type { ImageInspect, ImageSummary } from '../../engine-api/types.ts';
import { familiarReference } from '../../oci/image/reference.ts';
import type { Image, ImageStore } from './image-store.ts';
import { createdSeconds, type ListedImage } from './list.ts';

const zeroTime = '0001-01-01T00:00:00Z';

/** API versions below these have or lack a field. */
const emptyRepoTagsSince = 43;
const noVirtualSizeSince = 44;
const noContainerSince = 45;

export function presentSummary(
  { image, references, repoDigests }: ListedImage,
  version: number,
): ImageSummary {
  const isNameless = references.length === 0 && repoDigests.length === 0;
  const none = isNameless && version < emptyRepoTagsSince;
  const summary = {
    Containers: -1,
    Created: Math.floor(createdSeconds(image)),
    Id: image.id,
    Labels: image.config.config?.Labels ?? null,
    ParentId: image.parent ?? '',
    RepoDigests: none ? ['<none>@<none>'] : repoDigests.map(familiarReference),
    RepoTags: none ? ['<none>:<none>'] : references.map(familiarReference),
    SharedSize: -1,
    Size: image.size,
    ...(version < noVirtualSizeSince && { VirtualSize: image.size }),
  };
  return summary as ImageSummary;
}

export function presentInspect(image: Image, version: number): ImageInspect {
  const { config, size } = image;
  const inspected = {
    Id: image.id,
    RepoTags: image.references.map(familiarReference),
    RepoDigests: image.repoDigests.map(familiarReference),
    Parent: image.parent ?? '',
    Comment: textOf(config['comment']) || (config.history?.at(-1)?.comment ?? ''),
    Created: config.created ?? zeroTime,
    ...(version < noContainerSince && {
      Container: textOf(config['container']),
    }),
    // Gone since 1.45, but docker-compose 1 reads it at any version, and stops without.
    ContainerConfig: config['container_config'] ?? presentConfig({}),
    DockerVersion: textOf(config['docker_version']),
    Author: config.author ?? '',
    Config: presentConfig(config.config ?? {}),
    Architecture: config.architecture,
    ...(config.variant && { Variant: config.variant }),
    Os: config.os,
    ...(textOf(config['os.version']) && { OsVersion: textOf(config['os.version']) }),
    Size: size,
    ...(version < noVirtualSizeSince && { VirtualSize: size }),
    GraphDriver: { Name: 'overlay2', Data: {} },
    RootFS: { Type: 'layers', Layers: image.layers.map(({ diffId }) => diffId) },
    Metadata: { LastTagTime: image.taggedAt ?? zeroTime },
  };
  return inspected;
}

/** With every field that SDKs unmarshal, and docker's empty values. */
function presentConfig(config: NonNullable<Image['config']['config']>): NonNullable<ImageInspect['Config']> {
  const full = {
    Hostname: '',
    Domainname: '',
    User: '',
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    Env: null,
    Cmd: null,
    Image: '',
    Volumes: null,
    WorkingDir: '',
    Entrypoint: null,
    OnBuild: null,
    Labels: null,
    ...config,
  };
  return full as NonNullable<ImageInspect['Config']>;
}

/** Newest first. Only images made here have ids for more than the top. */
export function presentHistory(images: ImageStore, image: Image): HistoryItem[] {
  let layer = 0;
  const items = (image.config.history ?? []).map((entry): HistoryItem => {
    const size = entry.empty_layer ? 0 : (image.layers[layer++]?.size ?? 0);
    return {
      Id: '<missing>',
      Created: Math.floor((Date.parse(entry.created ?? '') || 0) / 1000),
      CreatedBy: entry.created_by ?? '',
      Tags: null,
      Size: size,
      Comment: entry.comment ?? '',
    };
  });
  const newest = items.toReversed();
  let current: Image | undefined = image;
  return newest.map((item) => {
    if (!current) return item;
    const { id, references, parent }: Image = current;
    current = parent && images.find(parent);
    return { ...item, Id: id, Tags: references.length > 0 ? references.map(familiarReference) : null };
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
