/** A layer with everything in it goes in, comes out, and goes in again, and is still the same. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChecked } from '../../lib/subprocess.ts';
import {
  type Described,
  type NastyLayer,
  describeTree,
  makeNastyLayer,
} from '../../../tests/fixtures/nasty-layer.ts';
import { SnapshotFixture } from './snapshot-fixture.ts';

let directory: string;
let nasty: NastyLayer;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'layers-nasty-'));
  nasty = await makeNastyLayer(directory);
});
afterAll(() => rm(directory, { recursive: true }));

/** The packed tree as a container sees it: markers have done their work. */
function withoutMarkers(tree: Record<string, Described>): Record<string, Described> {
  return Object.fromEntries(Object.entries(tree).filter(([path]) => !path.includes('.wh.')));
}

function only(tree: Record<string, Described>, paths: Iterable<string>): Record<string, Described> {
  const wanted = new Set(paths);
  return Object.fromEntries(Object.entries(tree).filter(([path]) => wanted.has(path)));
}

test('a pax archive of GNU tar is unpacked with nothing lost', async () => {
  await using snapshots = await SnapshotFixture.make();
  const root = await snapshots.mounted('c', await snapshots.add(nasty.pax, await snapshots.add(nasty.base)));
  const expected = withoutMarkers(describeTree(nasty.tree));
  const seen = describeTree(root);
  expect(only(seen, Object.keys(expected))).toEqual(expected);
  expect(Object.keys(seen).filter((path) => !(path in expected))).toEqual([
    'etc',
    'etc/passwd',
    'removed/stays',
  ]);
});

test('an archive in old GNU format too, but for what the format lacks', async () => {
  await using snapshots = await SnapshotFixture.make();
  const root = await snapshots.mounted('c', await snapshots.add(nasty.gnu));
  const plain = (tree: Record<string, Described>) =>
    Object.fromEntries(
      Object.entries(withoutMarkers(tree)).map(([path, entry]) => [
        path,
        { ...entry, mtime: entry.mtime.replace(/\+.*/, ''), xattrs: {} },
      ]),
    );
  expect(plain(describeTree(root))).toEqual(plain(describeTree(nasty.tree)));
});

test('sparse files keep their holes', async () => {
  await using snapshots = await SnapshotFixture.make();
  const root = await snapshots.mounted('c', await snapshots.add(nasty.pax));
  const blocks = Number(await runChecked(['stat', '-c', '%b', join(root, 'sparse')]));
  expect(blocks * 512).toBeLessThan(100_000);
});

test('the layer of a container that wrote all of it unpacks to the same again', async () => {
  await using snapshots = await SnapshotFixture.make();
  const base = await snapshots.add(nasty.base);
  const root = await snapshots.mounted('writer', base);
  await runChecked([
    'rm',
    '-r',
    join(root, 'opaque'),
    join(root, 'removed/file'),
    join(root, 'removed/tree'),
  ]);
  await runChecked(['cp', '-a', '--no-target-directory', nasty.tree, root]);
  await runChecked(['sh', '-c', `find "$0" -name '.wh.*' -delete`, root]);
  const written = describeTree(root);
  const root2 = await snapshots.mounted('reader', await snapshots.add(await snapshots.diff('writer'), base));
  expect(describeTree(root2)).toEqual(written);
});

test('changes on top of it come back, and nothing else changes', async () => {
  await using snapshots = await SnapshotFixture.make();
  const chain = await snapshots.add(nasty.pax, await snapshots.add(nasty.base));
  const root = await snapshots.mounted('first', chain);
  await writeFile(join(root, 'names/plain'), 'changed');
  await mkdir(join(root, 'empty-directory/inside'));
  await runChecked(['rm', '-r', join(root, 'links'), join(root, 'sparse')]);
  await runChecked(['sh', '-c', 'rm -r "$0" && mkdir "$0" && echo x > "$0/only"', join(root, 'modes')]);
  const changed = describeTree(root);
  const root2 = await snapshots.mounted('second', await snapshots.add(await snapshots.diff('first'), chain));
  expect(describeTree(root2)).toEqual(changed);
});

test('GNU tar reads what the diff writes', async () => {
  await using snapshots = await SnapshotFixture.make();
  const root = await snapshots.mounted('c', undefined);
  await runChecked(['cp', '-a', '--no-target-directory', nasty.tree, root]);
  const written = describeTree(root);
  const archive = join(snapshots.directory, 'diff.tar');
  await Bun.write(archive, await snapshots.diff('c'));
  const out = join(snapshots.directory, 'out');
  await mkdir(out);
  await runChecked(['tar', '--numeric-owner', '--xattrs', '--xattrs-include=*', '-xpf', archive, '-C', out]);
  expect(describeTree(out)).toEqual(written);
});

test('the same directory gives the same bytes', async () => {
  await using snapshots = await SnapshotFixture.make();
  const root = await snapshots.mounted('c', undefined);
  await runChecked(['cp', '-a', '--no-target-directory', nasty.tree, root]);
  expect(Buffer.compare(await snapshots.diff('c'), await snapshots.diff('c'))).toBe(0);
});
