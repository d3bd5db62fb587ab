/** What was done with a package manager between two states of its database. */
import type { Package } from './package.ts';

export interface PackageDifference<T extends Package = Package> {
  /** New ones. */
  readonly added: readonly T[];
  /** There before, in another version: as they are now. */
  readonly changed: readonly T[];
  /** As they were. */
  readonly removed: readonly T[];
}

/** @returns undefined where nothing was done. */
export function packageDifference<T extends Package>(
  before: readonly T[],
  after: readonly T[],
): PackageDifference<T> | undefined {
  const [old, now] = [byKey(before), byKey(after)];
  const added = after.filter((each) => !old.has(keyOf(each)));
  const changed = after.filter((each) => {
    const was = old.get(keyOf(each));
    return was && was.version !== each.version;
  });
  const removed = before.filter((each) => !now.has(keyOf(each)));
  return added.length + changed.length + removed.length === 0 ? undefined : { added, changed, removed };
}

/** One name may be installed for several architectures. */
function keyOf({ name, architecture = '' }: Package): string {
  return `${name}:${architecture}`;
}

function byKey<T extends Package>(packages: readonly T[]): Map<string, T> {
  return new Map(packages.map((each) => [keyOf(each), each]));
}
