/** What the engine asks of an archive process, and what that says before or after the bytes. */

/** A bind or a volume of the container, for the process to put into its place. */
export interface ViewMount {
  /** On the host. */
  readonly source: string;
  /** In the container. */
  readonly destination: string;
  readonly readonly: boolean;
  readonly recursive: boolean;
  /** Below the source: what is there is mounted, found without leaving the source. */
  readonly subpath?: string;
}

/** A container's files as the container sees them. */
export interface View {
  /** The mounted root, on the host. */
  readonly root: string;
  readonly mounts: readonly ViewMount[];
  readonly readonlyRoot: boolean;
}

export type ArchiveTask =
  | { readonly kind: 'stat'; readonly path: string }
  | { readonly kind: 'read'; readonly path: string }
  | { readonly kind: 'export' }
  | {
      readonly kind: 'extract';
      readonly path: string;
      /** A directory is not replaced by something else, nor the other way round. */
      readonly noOverwriteDirNonDir: boolean;
      /** Everything belongs to this user instead of to whom the archive says. */
      readonly owner?: { readonly uid: number; readonly gid: number };
    };

export interface ArchiveRequest {
  readonly view: View;
  readonly task: ArchiveTask;
}

/** As `X-Docker-Container-Path-Stat` has it. */
export interface PathStat {
  /** The last part of the path as it was asked for. */
  readonly name: string;
  readonly size: number;
  /** Go's FileMode. */
  readonly mode: number;
  /** RFC 3339. */
  readonly mtime: string;
  /** Where a link leads in the end, absolute; empty for anything else. */
  readonly linkTarget: string;
}

/** One line of JSON: before the bytes of an archive, or after an archive was taken apart. */
export type ArchiveReport =
  | { readonly stat?: PathStat }
  | { readonly failure: ArchiveFailure; readonly message: string };

/** Whose fault it is. */
export type ArchiveFailure = 'missing' | 'invalid' | 'denied' | 'unavailable';
