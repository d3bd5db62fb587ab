/**
 * Again after a pause that doubles, of random length so that many who failed together don't come back together.
 * https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */

/** In milliseconds. */
const [firstPause, longestPause] = [100, 5000];

/** Waits before the next attempt. @param failures so far, from 1. */
export function backOff(failures: number): Promise<void> {
  return Bun.sleep(Math.random() * Math.min(longestPause, firstPause * 2 ** failures));
}
