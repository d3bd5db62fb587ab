/** Which files below a source are copied: not what .dockerignore or `--exclude` leave out, and with `--parents` what is asked for. */
import { type IgnoreRules, parseIgnore } from '../../../dockerfile/ignore.ts';
import { baseOf, textOf } from '../../../oci/layer/layer-path.ts';

/** `descend`: only for what may be in it. */
export type Verdict = 'take' | 'descend' | 'skip';

export class WalkFilter {
  /** On paths from the tree's root. */
  readonly #ofTree: readonly IgnoreRules[];
  /** On paths from the source. */
  readonly #ofSource: readonly IgnoreRules[];
  readonly #excludes: IgnoreRules | undefined;

  /** @throws InvalidError for a pattern that none is. */
  constructor({
    ignore = [],
    excludes,
    only,
  }: {
    /** Lines of .dockerignore. */
    readonly ignore: readonly string[] | undefined;
    readonly excludes: readonly string[];
    /** Everything else is left out. */
    readonly only?: string;
  }) {
    this.#ofTree = ignore.length === 0 ? [] : [parseIgnore(ignore.join('\n'))];
    this.#excludes = excludes.length === 0 ? undefined : parseIgnore(excludes.map(asPattern).join('\n'));
    this.#ofSource = [
      ...(this.#excludes ? [this.#excludes] : []),
      ...(only === undefined ? [] : [parseIgnore(`**\n!${only}`)]),
    ];
  }

  /** The source itself, by its path from the tree's root. A file is excluded by its name alone; a directory is seen as long as something in it may be. */
  hidesTop(path: string, isDirectory: boolean): boolean {
    const text = textOf(path);
    const isIgnored = path !== '' && this.#ofTree.some((rules) => rules.ignores(text));
    if (isDirectory) return isIgnored && !this.#ofTree.every((rules) => rules.mayIncludeBelow(text));
    return isIgnored || this.#excludes?.ignores(textOf(baseOf(path))) === true;
  }

  /** @param path from the source. @param fromRoot the same, from the tree's root. */
  verdict(path: string, fromRoot: string, isDirectory: boolean): Verdict {
    const hiding = [...hidingRules(this.#ofSource, path), ...hidingRules(this.#ofTree, fromRoot)];
    if (hiding.length === 0) return 'take';
    return isDirectory && hiding.every(({ rules, text }) => rules.mayIncludeBelow(text)) ? 'descend' : 'skip';
  }
}

function hidingRules(
  all: readonly IgnoreRules[],
  path: string,
): readonly { readonly rules: IgnoreRules; readonly text: string }[] {
  if (all.length === 0) return [];
  const text = textOf(path);
  return all.filter((rules) => rules.ignores(text)).map((rules) => ({ rules, text }));
}

/** In a file a line like that would be a comment. */
function asPattern(exclude: string): string {
  return exclude.startsWith('#') ? `./${exclude}` : exclude;
}
