/**
 * What cais's engine tells of images beyond Docker's API, under /cais/: lines of JSON, one object each.
 * docs/decisions/0013-file-changes-of-images.md
 */

/** One path that a layer, or an image against another, has changed. */
export interface FileChange {
  /** Docker's kinds: 0 modified, 1 added, 2 deleted. */
  readonly Kind: 0 | 1 | 2;
  /** Absolute; where it is no UTF-8, as near to it as that comes. */
  readonly Path: string;
  /** The path's bytes in base64, only where it is no UTF-8. */
  readonly RawPath?: string;
  /** In bytes: of what is there now, or of what was deleted. */
  readonly Size: number;
  /** Of a directory that stands for all in it: how many entries that is, itself left out. */
  readonly Entries?: number;
  readonly IsDirectory?: true;
}

/** An entry of an image's history, as `GET /images/{name}/history` tells it. */
export interface HistoryItem {
  readonly Id: string;
  readonly Created: number;
  readonly CreatedBy: string;
  readonly Tags: readonly string[] | null;
  readonly Size: number;
  readonly Comment: string;
}

/** The same with its layer. */
export interface LayeredHistoryItem extends HistoryItem {
  /** Counted from the base, 0 the lowest; null where the entry changed no file. */
  readonly Layer: number | null;
}

/** `GET /cais/images/{name}/layers`: the history, then for each layer, topmost first, its number and its changes. */
export type LayerChangesLine =
  | { readonly History: readonly LayeredHistoryItem[] }
  | { readonly Layer: number }
  | { readonly Change: FileChange }
  /** How many changes of the layer were not told, for they are beyond the limit. */
  | { readonly More: number }
  | FailureLine;

/** `GET /cais/images/{name}/changes?from=…`: how its files differ from those of the other. */
export type ImageChangesLine = { readonly Change: FileChange } | FailureLine;

/** In place of the rest: the answer had begun when it failed. */
export interface FailureLine {
  readonly error: string;
}
