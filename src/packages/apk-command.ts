/** The shell command that does with apk what was done by hand. What was asked for is in `etc/apk/world`. */
import type { PackageDifference } from './difference.ts';
import type { Package } from './package.ts';

/** @param before and after: what stands in world. @returns steps to be joined by `&&`. */
export function apkCommand(
  { added, changed }: PackageDifference,
  before: readonly string[],
  after: readonly string[],
): { steps: string[]; brought: Package[] } {
  const [old, now] = [new Set(before.map(nameIn)), new Set(after.map(nameIn))];
  const isAsked = ({ name }: Package): boolean => now.has(name) && !old.has(name);
  const named = [...added.filter(isAsked), ...changed];
  const gone = [...old].filter((name) => !now.has(name));
  const steps: string[] = [];
  if (named.length > 0) {
    const words = named.map(({ name, version }) => `${name}=${version}`);
    const list = words.length === 1 ? words[0] : words.map((word) => `\\\n        ${word}`).join(' ');
    steps.push(`apk add --no-cache ${list}`);
  }
  if (gone.length > 0) steps.push(`apk del --no-cache ${gone.join(' ')}`);
  return { steps, brought: added.filter((each) => !isAsked(each)) };
}

/** `nginx=1.26` → `nginx`; `!mawk` stays as it is. */
function nameIn(word: string): string {
  return /^[^=<>~@]*/.exec(word)?.[0] ?? word;
}
