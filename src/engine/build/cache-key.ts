/** Keys of the build cache: everything that a step's files depend on, and nothing else. Pure. */
import { type Digest, digestOf } from '../../oci/image/digest.ts';

/** Of another form of keys or of what steps do: nothing that was kept before fits. */
const version = 1;

type Part =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly Part[]
  | { readonly [name: string]: Part };

/** The same parts give the same key, in whatever order they are named. Undefined counts as not there. */
export function cacheKey(parts: { readonly [name: string]: Part }): Digest {
  return digestOf(JSON.stringify(sorted({ version, ...parts })));
}

function sorted(part: Part): Part {
  if (Array.isArray(part)) return part.map(sorted);
  if (typeof part !== 'object' || part === null) return part;
  const entries = Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, value]) => [name, sorted(value)]));
}
