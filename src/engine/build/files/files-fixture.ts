/** For the tests of this folder: a tree to copy from and a root to copy to, and what is in it afterwards, as lines. */
import {
  chmodSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
} from 'node:fs';
import { linkSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { testSelf } from '../../../hub/testing/test-self.ts';
import type { Digest } from '../../../oci/image/digest.ts';
import { unmount, mount, mountFlags } from '../../linux/mount.ts';
import { type CopyRequest, copySources } from './copy-sources.ts';
import { digestSources } from './digest-sources.ts';
import type { FileSource, SourceTree } from './file-source.ts';

/** By path: text is a file, `-> target` a link, `= path` another name of a file; a slash at the end makes a directory. */
export type Files = Readonly<
  Record<string, string | { readonly text: string; readonly mode?: number; readonly owner?: number }>
>;

export interface Form extends Partial<Pick<CopyRequest, 'excludes' | 'parents' | 'owner' | 'mode'>> {
  readonly from: readonly (string | FileSource)[];
  readonly to: string;
  readonly isStage?: boolean;
  readonly unpack?: boolean;
  readonly ignore?: readonly string[];
}

export const someTime = 1_000_000_000;

export class FilesFixture implements Disposable {
  readonly directory: string;
  readonly #signal = new AbortController().signal;

  constructor({ source = {}, root = {} }: { readonly source?: Files; readonly root?: Files }) {
    this.directory = mkdtempSync(join(tmpdir(), 'build-files-'));
    mkdirSync(this.root);
    // A stage's root is a mount.
    mount({ type: 'none', source: this.root, target: this.root, flags: mountFlags.bind });
    write(this.source, source);
    write(this.root, root);
  }

  get source(): string {
    return join(this.directory, 'source');
  }

  get root(): string {
    return join(this.directory, 'root');
  }

  async copy(form: Form): Promise<void> {
    await copySources({ ...this.#selection(form), root: this.root, destination: form.to });
  }

  digest(form: Omit<Form, 'to'>): Promise<Digest> {
    return digestSources(this.#selection(form));
  }

  /** `mode owner path content`, sorted; the mode of a directory ends in a slash. @param skip paths that are not told. */
  lines(skip: RegExp = /^$/): string[] {
    return describe(this.root, '').filter((line) => !skip.test(line.split(' ')[2] ?? ''));
  }

  [Symbol.dispose](): void {
    unmount(this.root);
    rmSync(this.directory, { recursive: true, force: true });
  }

  #selection({
    from,
    isStage = false,
    unpack = false,
    ignore,
    ...rest
  }: Omit<Form, 'to'>): Omit<CopyRequest, 'root' | 'destination'> {
    const tree: SourceTree = { root: this.source, keepsOwner: isStage, ...(ignore && { ignore }) };
    const sources = from.map((source): FileSource =>
      typeof source === 'string' ? { kind: 'tree', tree, path: source, unpack } : source,
    );
    return { excludes: [], parents: false, ...rest, sources, self: testSelf, signal: this.#signal };
  }
}

function write(root: string, files: Files): void {
  mkdirSync(root, { recursive: true });
  for (const [path, file] of Object.entries(files)) {
    const { text, mode, owner = 0 } = typeof file === 'string' ? { text: file, mode: undefined } : file;
    const place = join(root, path);
    mkdirSync(dirname(place), { recursive: true });
    if (path.endsWith('/')) mkdirSync(place, { recursive: true });
    else if (text.startsWith('-> ')) symlinkSync(text.slice(3), place);
    else if (text.startsWith('= ')) linkSync(join(root, text.slice(2)), place);
    else writeFileSync(place, text);
    lchownSync(place, owner, owner);
    if (mode !== undefined) chmodSync(place, mode);
    if (!text.startsWith('-> ')) utimesSync(place, someTime, someTime);
  }
}

function describe(root: string, path: string): string[] {
  return readdirSync(join(root, path))
    .toSorted()
    .flatMap((name) => {
      const child = path === '' ? name : `${path}/${name}`;
      const place = join(root, child);
      const stat = lstatSync(place);
      const mode = (stat.mode & 0o7777).toString(8);
      const line = `${stat.uid} ${child}`;
      if (stat.isDirectory()) return [`${mode}/ ${line}`, ...describe(root, child)];
      if (stat.isSymbolicLink()) return [`link ${line} -> ${readlinkSync(place)}`];
      return [`${mode} ${line} ${readFileSync(place, 'utf8')}`];
    });
}
