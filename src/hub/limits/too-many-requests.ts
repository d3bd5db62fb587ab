/** Too much of something: the wire forms of it say 429 and when to come back. */
import { CaisError } from '../../lib/errors.ts';
import type { Rate } from './window-counter.ts';

export class TooManyRequestsError extends CaisError {
  override readonly name = 'TooManyRequestsError';
  /** In seconds. */
  readonly retryAfter: number;
  /** What is allowed, where clients may know. */
  readonly rate: Rate | undefined;

  /** @param what was done too often: "cannot X: too many …" @param milliseconds until it may be tried again. */
  constructor(what: string, milliseconds: number, rate?: Rate) {
    const retryAfter = Math.max(1, Math.ceil(milliseconds / 1000));
    super(`${what}, try again in ${retryAfter} seconds`);
    this.retryAfter = retryAfter;
    this.rate = rate;
  }
}

/** Retry-After, and Docker Hub's headers, which its tools read in exactly this form: `100;w=21600`. */
export function tooManyHeaders({ retryAfter, rate }: TooManyRequestsError): Record<string, string> {
  return { 'Retry-After': String(retryAfter), ...(rate && rateHeaders(rate, 0)) };
}

export function rateHeaders({ max, window }: Rate, remaining: number): Record<string, string> {
  const seconds = window / 1000;
  return { 'RateLimit-Limit': `${max};w=${seconds}`, 'RateLimit-Remaining': `${remaining};w=${seconds}` };
}
