/** What COPY and ADD take their files from, once paths, URLs and repositories are told apart. */

/** Files below one directory of the host: a build's context, or the mounted root of a stage. Read inside it only. */
export interface SourceTree {
  readonly root: string;
  /** Where the digests of the files' bytes are known from, as `openContext` wrote them; otherwise files are read. */
  readonly hashes?: string;
  /** The copies belong to whom the files belong to (`--from`); otherwise to 0:0 (a context). */
  readonly keepsOwner: boolean;
  /** Patterns of .dockerignore: what they leave out is not there. */
  readonly ignore?: readonly string[];
}

/** One path of an instruction. */
export interface TreeSource {
  readonly kind: 'tree';
  readonly tree: SourceTree;
  /** From the tree's root; may hold the wildcards of Go's filepath.Match. */
  readonly path: string;
  /** An archive is taken apart (ADD); whatever is none is copied. */
  readonly unpack: boolean;
  /** What was downloaded has a name of its own, and neither wildcards nor links. */
  readonly isLiteral?: boolean;
}

/** A heredoc. */
export interface InlineSource {
  readonly kind: 'inline';
  readonly name: string;
  readonly content: string;
}

export type FileSource = TreeSource | InlineSource;

/** The files of one COPY or ADD. */
export interface FileSelection {
  readonly sources: readonly FileSource[];
  /** `--exclude` */
  readonly excludes: readonly string[];
  /** `--parents` */
  readonly parents: boolean;
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}
