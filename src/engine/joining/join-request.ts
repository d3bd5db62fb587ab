/** What the engine asks of the process that joins a container: written as JSON where conmon expects the process of an exec. */
import type { RuntimeProcess } from '../../oci/runtime/runtime-spec.ts';

export interface JoinRequest {
  readonly process: RuntimeProcess;
  /** The container's first process on the host, and when it started: by these two it is that one and no other. */
  readonly pid: number;
  /** In clock ticks since boot, field 22 of /proc/<pid>/stat. */
  readonly startTime: number;
  /** Directories of the container's cgroups, one a hierarchy. */
  readonly cgroups: readonly string[];
  readonly keyring: string;
  /** Of seccomp, in base64; undefined for none. */
  readonly filter: string | undefined;
}
