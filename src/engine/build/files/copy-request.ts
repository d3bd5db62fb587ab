/** What the engine asks of a copy process (copy-child.ts), on its standard input, and what that answers on standard output. */
import type { Digest } from '../../../oci/image/digest.ts';
import type { FileSelection, Owner } from './file-source.ts';

export interface CopyTask {
  readonly kind: 'copy';
  readonly selection: FileSelection;
  readonly root: string;
  /** Made as a directory, where it is one, even if nothing is copied. */
  readonly destination: string;
  readonly owner?: Owner;
  readonly mode?: string;
}

export type FilesTask =
  | CopyTask
  | { readonly kind: 'digest'; readonly selection: FileSelection }
  /** The files and directories that each source stands for. */
  | { readonly kind: 'match'; readonly selection: FileSelection };

export interface Match {
  /** From its tree's root, links followed. */
  readonly path: string;
  /** The same, as it was asked for. */
  readonly asked: string;
  readonly isFile: boolean;
}

export interface FilesReport {
  readonly digest?: Digest;
  /** One list a source, in their order. */
  readonly matches?: readonly (readonly Match[])[];
}

/** Whose fault it is. */
export interface FilesFailure {
  readonly failure: 'missing' | 'invalid' | 'unavailable';
  readonly message: string;
}
