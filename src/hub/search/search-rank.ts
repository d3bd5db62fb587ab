/**
 * The number of a repository's row in the search index, which is the order of results: official ones first, then what is
 * starred and pulled more, by powers of two, then what is newer. So a search reads the best results first and stops when it has
 * enough, however many there are.
 */
import { officialNamespace } from '../accounts/account-name.ts';

export interface Ranked {
  readonly id: number;
  readonly namespace: string;
  readonly star_count: number;
  readonly pull_count: number;
}

const idSpace = 2 ** 32;
/** Whatever is above is official. Ranks stay within what a number holds exactly. */
export const officialFrom = 2 ** 39;
/** In pulls. */
const starWeight = 50;

export function rankOf({ id, namespace, star_count, pull_count }: Ranked): number {
  const popularity = Math.min(Math.floor(Math.log2(1 + pull_count + starWeight * star_count)), 63);
  return (namespace === officialNamespace ? officialFrom : 0) + popularity * idSpace + id;
}
