import { describe, expect, test } from 'bun:test';
import { compareTrees } from './compare-trees.ts';
import { ImageTree } from './image-tree.ts';
import type { EntryKind, LayerEntry } from './layer-entry.ts';

function entry(path: string, kind: EntryKind = 'file', more: Partial<LayerEntry> = {}): LayerEntry {
  return { path, kind, mode: 0o644, uid: 0, gid: 0, size: 1, mtime: 0, link: '', content: 'c', ...more };
}

function treeOf(...layers: readonly (readonly LayerEntry[])[]): ImageTree {
  const tree = new ImageTree();
  for (const layer of layers) tree.apply(layer);
  return tree;
}

function pathsOf(tree: ImageTree): string[] {
  return [...tree.entries()].map(({ path }) => path).toSorted((a, b) => (a < b ? -1 : 1));
}

describe('layers over each other', () => {
  test('are one tree, and each entry tells where it is from', () => {
    const tree = treeOf([entry('a/b'), entry('a/c')], [entry('a/c', 'file', { size: 9 }), entry('d')]);
    expect(pathsOf(tree)).toEqual(['a', 'a/b', 'a/c', 'd']);
    expect(tree.get('a/b')?.layer).toBe(0);
    expect(tree.get('a/c')).toMatchObject({ layer: 1, size: 9 });
    expect(tree.get('a')).toMatchObject({ kind: 'directory', layer: 0 });
    expect(tree.list('a').map(({ path }) => path)).toEqual(['a/b', 'a/c']);
  });

  test('hide what the ones below have, not what they have themselves, in whatever order they say so', () => {
    const below = [entry('a/x'), entry('a/y'), entry('b/x'), entry('b/y'), entry('c')];
    const above = [
      entry('a/x', 'file', { size: 2 }),
      entry('a/x', 'whiteout'),
      entry('b/new'),
      entry('b', 'opaque'),
    ];
    expect(pathsOf(treeOf(below, [...above, entry('c', 'whiteout')]))).toEqual([
      'a',
      'a/x',
      'a/y',
      'b',
      'b/new',
    ]);
    expect(treeOf(below, above).get('a/x')?.size).toBe(2);
  });

  test('put a file in the place of a directory and a directory in the place of a file', () => {
    const tree = treeOf([entry('a/b/c'), entry('d')], [entry('a'), entry('d/e')]);
    expect(pathsOf(tree)).toEqual(['a', 'd', 'd/e']);
    expect(tree.get('a')?.kind).toBe('file');
  });

  test('share files by hard links, also with layers below', () => {
    const tree = treeOf(
      [entry('a', 'file', { size: 7, content: 'x' })],
      [entry('b', 'link', { link: 'a' }), entry('lost', 'link', { link: 'nowhere' })],
    );
    expect(tree.get('b')).toMatchObject({ kind: 'file', size: 7, content: 'x', link: 'a', layer: 0 });
    expect(tree.get('lost')).toMatchObject({ kind: 'link' });
  });

  test('add their files up to the size of each directory', () => {
    const tree = treeOf([entry('a/b/c', 'file', { size: 3 }), entry('a/d', 'file', { size: 4 }), entry('e')]);
    expect(['', 'a', 'a/b', 'a/d'].map((path) => tree.sizeOf(path))).toEqual([8, 7, 3, 4]);
  });

  test('that name more than can be shown are refused, however few members do it', () => {
    const deep = (index: number) => entry(`${index}/${'d/'.repeat(2000)}f`);
    expect(() => treeOf(Array.from({ length: 200 }, (_, index) => deep(index)))).toThrow(
      'too many files to be shown',
    );
  });
});

describe('two trees', () => {
  const changesOf = (before: ImageTree, after: ImageTree) =>
    compareTrees(before, after).map(({ kind, path }) => `${kind} ${path}`);

  test('differ in what came, went, and is another', () => {
    const before = treeOf([
      entry('same'),
      entry('gone'),
      entry('text'),
      entry('mode'),
      entry('to', 'symlink'),
    ]);
    const after = treeOf([
      entry('same', 'file', { mtime: 99 }),
      entry('text', 'file', { content: 'other' }),
      entry('mode', 'file', { mode: 0o755 }),
      entry('to', 'symlink', { link: 'elsewhere' }),
      entry('new'),
    ]);
    expect(changesOf(before, after)).toEqual(
      ['changed mode', 'added new', 'removed gone', 'changed text', 'changed to'].toSorted((a, b) =>
        (a.split(' ')[1] ?? '') < (b.split(' ')[1] ?? '') ? -1 : 1,
      ),
    );
  });

  test('tell a directory that came or went once, not each file in it', () => {
    const full = treeOf([entry('d/a'), entry('d/e/b')]);
    expect(changesOf(new ImageTree(), full)).toEqual(['added d']);
    expect(changesOf(full, new ImageTree())).toEqual(['removed d']);
  });

  test('are the same to themselves', () => {
    const tree = treeOf([entry('a/b'), entry('c', 'symlink', { link: 'a' })]);
    expect(compareTrees(tree, tree)).toEqual([]);
  });
});
