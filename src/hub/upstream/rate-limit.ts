/** What an upstream registry tells of how much more it will give. */

/** In milliseconds, where it does not say. */
const usualWait = 60_000;
/** Whatever it says: a mistake of its clock must not shut it out for ever. */
const maxWait = 3600_000;

/** When to ask again after a 429, in milliseconds: seconds, a date, or (as Docker Hub says it) seconds since 1970. */
export function retryAfterOf(headers: Headers, now = Date.now()): number {
  const text = headers.get('Retry-After') ?? headers.get('X-Retry-After') ?? '';
  const number = /^\d{1,12}$/.test(text) ? Number(text) : undefined;
  const isTime = number !== undefined && number > 1e9;
  const wait = number === undefined ? Date.parse(text) - now : isTime ? number * 1000 - now : number * 1000;
  return Number.isFinite(wait) && wait > 0 ? Math.min(wait, maxWait) : usualWait;
}

/** `RateLimit-Remaining: 76;w=21600` → 76; undefined where there is no limit. */
export function remainingOf(headers: Headers): number | undefined {
  const match = /^(\d{1,12})(?:;|$)/.exec(headers.get('RateLimit-Remaining') ?? '');
  return match ? Number(match[1]) : undefined;
}
