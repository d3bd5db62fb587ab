/** One mount of a container's record: what inspect shows of it, and what only the engine needs to know. */
import type { MountPoint } from '../../../engine-api/types.ts';
import type { Digest } from '../../../oci/image/digest.ts';

/** Read-only: for what is mounted below as well where it can be, never, or else it is an error. */
export type ReadonlyReach = 'possible' | 'top' | 'required';

export interface MountManner {
  /** A bind's source that is missing at the start is made. */
  readonly createSource?: boolean;
  /** Propagation is the engine's choice, not the user's: it may give way. */
  readonly propagationGiven?: boolean;
  /** What is mounted below the source stays outside. */
  readonly nonRecursive?: boolean;
  readonly readonlyReach?: ReadonlyReach;
  /** A path below a volume's or an image's root: relative, without `..`. */
  readonly subpath?: string;
  /** A volume that nobody gave a name: goes with its last container on `rm -v` and `--rm`. */
  readonly anonymous?: boolean;
  /** For tmpfs: `size=…`, `mode=…`. */
  readonly tmpfs?: readonly string[];
  /** For an image: the snapshot that it is mounted from, and whose. */
  readonly snapshot?: string;
  readonly image?: Digest;
}

export interface ContainerMount extends MountPoint {
  readonly manner?: MountManner;
}

/** As the API has it. */
export function shownMount({ manner: _manner, ...mount }: ContainerMount): MountPoint {
  return mount;
}

/** True when the container mounts this image, not counting the one that it runs. */
export function mountsImage(
  { mounts }: { readonly mounts: readonly ContainerMount[] },
  image: Digest,
): boolean {
  return mounts.some(({ manner }) => manner?.image === image);
}
