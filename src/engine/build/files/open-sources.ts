/** The words of a COPY or ADD as sources: files of a tree, heredocs, and what ADD fetches from URLs and repositories. */
import { UnsupportedError } from '../../../lib/errors.ts';
import type { FileSource, SourceTree } from './file-source.ts';

export interface SourcesRequest {
  readonly kind: 'COPY' | 'ADD';
  /** Variables replaced. */
  readonly paths: readonly string[];
  readonly inline: readonly { readonly name: string; readonly content: string }[];
  /** Where paths are found: the context, or what `--from` names. */
  readonly from: SourceTree;
  readonly checksum?: string;
  readonly keepGitDir: boolean;
  /** Undefined: local archives are taken apart, downloaded ones are not. */
  readonly unpack?: boolean;
  /** Engine's data for builds; what is fetched goes below it. */
  readonly directory: string;
  readonly self: readonly string[];
  readonly signal: AbortSignal;
  /** How a download goes on; `total` where it is known. */
  readonly onProgress?: (url: string, current: number, total: number | undefined) => void;
}

/** Disposing removes what was fetched: after the copy. */
export interface OpenSources extends AsyncDisposable {
  readonly sources: readonly FileSource[];
}

/** @throws InvalidError in BuildKit's words for a use that is not allowed, UnavailableError for what cannot be fetched, CorruptError for another digest. */
export function openSources(request: SourcesRequest): Promise<OpenSources> {
  throw new UnsupportedError(`cannot open ${request.paths.length} sources yet`);
}
