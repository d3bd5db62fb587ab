/** A layer in which packages were installed by hand: the command for them, and what has to be brought besides. */
import type { Package } from '../../../packages/package.ts';
import { isDirectory } from '../../snapshots/overlay-format.ts';
import type { LowerDirectory } from '../../snapshots/lower-directory.ts';
import { type LayerPlan, isPlainDirectory, planLayer } from './layer-plan.ts';
import { type LayerScan, type ScannedDirectory, type ScannedEntry, scanView } from './layer-scan.ts';
import { isAsPackaged } from './package-files.ts';
import { type PackageWork, packageWork } from './package-managers.ts';

export interface PackageLayer {
  /** Shell, to be joined by `&&`. */
  readonly steps: readonly string[];
  readonly brought: readonly Package[];
  /** What the manager has to find. */
  readonly sources: LayerPlan;
  /** What the managers keep of their own, an archive. */
  readonly state: readonly ScannedEntry[];
  readonly rest: LayerPlan;
  /** What the command brings or leaves, and the image does not have. Relative to the root. */
  readonly removed: readonly Buffer[];
}

export function planPackageLayer(
  scan: LayerScan,
  before: LowerDirectory | undefined,
  after: LowerDirectory,
): PackageLayer | undefined {
  const work = packageWork(before, after);
  if (!work) return undefined;
  const { sources, state, rest } = sort(scan, work);
  const own = work.own.flatMap((path) => entriesAt(after, path));
  const empty = `rm -rf ${work.own.map((path) => `/${path}`).join(' \\\n        ')}`;
  return {
    steps: [...work.steps, work.check, empty],
    brought: work.brought,
    sources: planLayer(sources),
    state: [...state, ...own].toSorted((a, b) => a.path.compare(b.path)),
    rest: planLayer(rest, (directory) => isPackaged(directory, work) && isPlainDirectory(directory)),
    removed: [...removedOf(scan, work, after), ...missing(work, after)],
  };
}

interface Sorted {
  readonly sources: { entries: ScannedEntry[]; directories: ScannedDirectory[] };
  readonly state: ScannedEntry[];
  readonly rest: { entries: ScannedEntry[]; directories: ScannedDirectory[] };
}

function sort({ entries, directories }: LayerScan, work: PackageWork): Sorted {
  const sorted: Sorted = {
    sources: { entries: [], directories: [] },
    state: [],
    rest: { entries: [], directories: [] },
  };
  for (const entry of entries) {
    const path = entry.path.toString('latin1');
    if (isOwn(path, work)) continue;
    if (isAsPackaged(entry, work.files)) continue;
    if (work.isState.test(path) || isLink(entry, work)) sorted.state.push(entry);
    else if (work.isSource.test(path) && !work.files.has(path)) sorted.sources.entries.push(entry);
    else sorted.rest.entries.push(entry);
  }
  for (const directory of directories) {
    const path = directory.path.toString('latin1');
    if (isOwn(path, work)) continue;
    if (work.isState.test(path)) {
      if (directory.isChanged) sorted.state.push(directory);
    } else if (work.isSource.test(path)) sorted.sources.directories.push(directory);
    else sorted.rest.directories.push(directory);
  }
  return sorted;
}

/** A link that a package brought: no database says where it leads, so it comes as it is. */
function isLink({ path }: ScannedEntry, { files }: PackageWork): boolean {
  const name = path.toString('latin1');
  return files.has(name) && files.get(name) === undefined;
}

function isPackaged({ path }: ScannedEntry, { files }: PackageWork): boolean {
  return files.has(path.toString('latin1'));
}

function isOwn(path: string, { own }: PackageWork): boolean {
  return own.some((place) => path === place || path.startsWith(`${place}/`));
}

function entriesAt(view: LowerDirectory, path: string): ScannedEntry[] {
  const place = Buffer.from(path);
  const entry = view.find(place);
  if (!entry) return [];
  const itself = { path: place, place: entry.path, stat: entry.stat };
  return [itself, ...(entry.directory ? scanView(entry.directory, place) : [])];
}

/** Of what the layer took away: what the manager would not take away itself, and is in nothing's place. */
function removedOf({ removed }: LayerScan, work: PackageWork, after: LowerDirectory): Buffer[] {
  return removed.filter((path) => {
    const name = path.toString('latin1');
    if (isOwn(name, work) || work.gone.has(name)) return false;
    const now = after.find(path);
    return !now || (!work.files.has(name) && !isDirectory(now.stat));
  });
}

/** Files of the packages that are not in the image. Where a whole directory is gone, that alone. */
function missing({ files }: PackageWork, after: LowerDirectory): Buffer[] {
  const gone = new Set([...files.keys()].filter((path) => !after.find(Buffer.from(path, 'latin1'))));
  return [...gone]
    .filter((path) => !gone.has(path.slice(0, path.lastIndexOf('/'))))
    .map((path) => Buffer.from(path, 'latin1'));
}
