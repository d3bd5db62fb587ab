/** What spec.ts needs to know of a container and of the host to write the runtime's config.json. */
import type { ContainerConfig, HostConfig } from '../../engine-api/types.ts';
import type { SeccompProfile } from '../../oci/runtime/seccomp.ts';

/** A bind or volume, already resolved to a host path; tmpfs of `--mount type=tmpfs` too (`--tmpfs` comes from hostConfig). */
export interface SpecMount {
  readonly type: 'bind' | 'tmpfs';
  /** Absolute path on the host (resolved, existing); ignored for tmpfs. */
  readonly source: string;
  /** Absolute path in the container. */
  readonly destination: string;
  readonly readonly: boolean;
  /** private, rprivate (the default), shared, rshared, slave, rslave. */
  readonly propagation?: string;
  /** A plain bind instead of a recursive one. */
  readonly nonRecursive?: boolean;
  /** For tmpfs: mount options such as size=64m. */
  readonly options?: readonly string[];
}

/** Host paths of the three files that networks writes and every container gets bound over its own. */
export interface NetworkFiles {
  readonly resolvConf: string;
  readonly hosts: string;
  readonly hostname: string;
}

/** v1: controllers apart, no unified hierarchy with controllers (hybrid looks so to a container); v2: pure. */
export type CgroupVersion = 'v1' | 'v2' | 'hybrid';

/** What the host allows and offers; the same for all containers, read once by spec-host.ts. */
export interface HostFacts {
  readonly cgroupVersion: CgroupVersion;
  /** CAP_… names of the engine's own bounding set: nobody can be given more. */
  readonly boundingSet: readonly string[];
  /** For `--init`: tini, catatonit or docker-init; undefined when none is installed. */
  readonly initPath: string | undefined;
  /** The default profile; undefined when the host has none or the kernel lacks seccomp. */
  readonly seccompProfile: SeccompProfile | undefined;
}

export interface SpecInput {
  readonly id: string;
  /** The container's hostname, also when it is the host's (`--uts host`, `--network host`): sets HOSTNAME. */
  readonly hostname: string;
  readonly domainname: string;
  /** The mounted, merged root. */
  readonly rootfs: string;
  /** With the image's configuration already merged in (see mergeImageConfig, done at create, as docker does). */
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly mounts: readonly SpecMount[];
  /** Undefined: the host's network. */
  readonly netnsPath: string | undefined;
  /** Undefined: leave the image's own files (docker does so only for `--network host` without them). */
  readonly files: NetworkFiles | undefined;
  /** As runc wants it: `/cais/<id>`, below hostConfig.CgroupParent where given. */
  readonly cgroupsPath: string;
  /** For `--pid container:x` and `--ipc container:x`: a process in that container, and its /dev/shm on the host if it has one. */
  readonly joined?: { readonly pid?: number; readonly ipc?: number; readonly shmPath?: string };
  readonly host: HostFacts;
}
