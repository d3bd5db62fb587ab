/**
 * The number of a repository's row in the search index, which is the order of results, the least first: official ones, then what
 * is starred and pulled more, by powers of two, then what is newer. So a search reads the best results first and stops when it
 * has enough, however many there are. (Upwards, since FTS5 has to go through to the end of a word's list to read it downwards.)
 */
import { officialNamespace } from '../accounts/account-name.ts';

export interface Ranked {
  readonly id: number;
  readonly namespace: string;
  readonly star_count: number;
  readonly pull_count: number;
}

const idSpace = 2 ** 32;
const officialSpace = 2 ** 39;
/** Ranks up to this one are official. All of them are what a number holds exactly. */
export const lastOfficial = -officialSpace;
/** In pulls. */
const starWeight = 50;

export function rankOf({ id, namespace, star_count, pull_count }: Ranked): number {
  const popularity = Math.min(Math.floor(Math.log2(1 + pull_count + starWeight * star_count)), 63);
  return -((namespace === officialNamespace ? officialSpace : 0) + popularity * idSpace + id);
}
