/** Why a sign-in by the provider came to nothing: a word for the page, and the detail for the log only. */
import type { SignInFailure } from '../../hub-api/sign-in-address.ts';
import { UnauthorizedError } from '../../lib/errors.ts';

export class ProviderSignInError extends UnauthorizedError {
  readonly failure: SignInFailure;

  /** @param message for the log; it may repeat what a provider, or who speaks for it, wrote. */
  constructor(failure: SignInFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}
