/** What spec.ts needs to know of a container and of the host to write the runtime's config.json. */
import type { ContainerConfig, HostConfig } from '../../../engine-api/types.ts';
import type { SeccompProfile } from '../../../oci/runtime/seccomp.ts';
import type { ReadonlyReach } from '../mounts/container-mount.ts';

/** A bind or volume, already resolved to a host path; tmpfs of `--mount type=tmpfs` too (`--tmpfs` comes from hostConfig). */
export interface SpecMount {
  readonly type: 'bind' | 'tmpfs';
  /** Absolute path on the host (resolved, existing); ignored for tmpfs. */
  readonly source: string;
  /** Absolute path in the container. */
  readonly destination: string;
  readonly readonly: boolean;
  /** How far down; as far as the kernel can, by default. */
  readonly readonlyReach?: ReadonlyReach;
  /** private, rprivate (the default), shared, rshared, slave, rslave. */
  readonly propagation?: string;
  /** A plain bind instead of a recursive one. */
  readonly nonRecursive?: boolean;
  /** For tmpfs: mount options such as size=64m. */
  readonly options?: readonly string[];
}

/** Host paths of the three files that networks writes and every container gets bound over its own. */
interface NetworkFiles {
  readonly resolvConf: string;
  readonly hosts: string;
  readonly hostname: string;
}

/** v1: every controller by itself; hybrid: that, and a unified tree without controllers; v2: the unified tree alone. */
export type CgroupVersion = 'v1' | 'v2' | 'hybrid';

/** What the host allows and offers; the same for all containers, read once by spec-host.ts. */
export interface HostFacts {
  readonly cgroupVersion: CgroupVersion;
  /** The kernel limits memory and swap together. */
  readonly limitsSwap: boolean;
  /** CAP_… names of the engine's own bounding set: nobody can be given more. */
  readonly boundingSet: readonly string[];
  /** The engine's own hard limits by ulimit name (nofile, nproc, …): only CAP_SYS_RESOURCE may go above. */
  readonly hardLimits: Readonly<Record<string, number>>;
  /** The engine's own; children inherit it. */
  readonly oomScoreAdj: number;
  /** For `--init`: a static tini, catatonit or docker-init; undefined when none is installed. */
  readonly initPath: string | undefined;
  /** The default profile; undefined when the host has none. */
  readonly seccompProfile: SeccompProfile | undefined;
  /** Go's name: amd64, arm64. */
  readonly architecture: string;
  /** Major and minor. */
  readonly kernel: readonly [number, number];
}

export interface SpecInput {
  /** The container's hostname, also when it is the host's (`--uts host`, `--network host`): sets HOSTNAME. */
  readonly hostname: string;
  /** The mounted, merged root. */
  readonly rootfs: string;
  /** With the image's configuration already merged in, as docker does at create. */
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly mounts: readonly SpecMount[];
  /** Undefined: the host's network. */
  readonly netnsPath: string | undefined;
  readonly files: NetworkFiles;
  /** As runc wants it: `/cais/<id>`, below hostConfig.CgroupParent where given. */
  readonly cgroupsPath: string;
  /** For `--pid container:x` and `--ipc container:x`: the process on the host whose namespace is joined. */
  readonly joined?: { readonly pid?: number; readonly ipc?: number };
  /** What /dev/shm is bound to on the host; undefined for one of the container's own. */
  readonly shmPath?: string | undefined;
  /** What `--link` tells of other containers. */
  readonly linkedEnvironment?: readonly string[];
  readonly host: HostFacts;
}
