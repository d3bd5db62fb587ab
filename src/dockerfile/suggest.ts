/** "did you mean": the known name that is at most two letters away. Pure. */

/** Longer names are not compared: the work grows with the square. */
const longest = 100;

/** @returns the nearest of `options`, or undefined where none is near or one is the name itself. */
export function nearest(name: string, options: Iterable<string>): string | undefined {
  let match: string | undefined;
  let least = 3;
  for (const option of options) {
    if (option === name) return undefined;
    const distance = editDistance(name, option, least);
    if (distance >= least) continue;
    least = distance;
    match = option;
  }
  return match;
}

/** `message (did you mean x?)`. */
export function withSuggestion(message: string, name: string, options: Iterable<string>): string {
  const match = nearest(name, options);
  return match === undefined ? message : `${message} (did you mean ${match}?)`;
}

/** Levenshtein's, where two neighbours in the wrong order are one slip; `limit` where it is that much or more. */
function editDistance(one: string, other: string, limit: number): number {
  if (Math.abs(one.length - other.length) >= limit || one.length > longest) return limit;
  let before: readonly number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      const isSwapped = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const swapped = isSwapped ? (before[j - 2] ?? limit) + 1 : limit;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced, swapped));
    }
    before = row;
    row = next;
  }
  return row[other.length] ?? limit;
}
