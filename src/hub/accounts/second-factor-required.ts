/** The password was right, and the account wants a second factor before it lets anybody in. */
import { UnauthorizedError } from '../../lib/errors.ts';

export class SecondFactorRequiredError extends UnauthorizedError {
  /** Stands for the password in the next step. */
  readonly loginToken: string;

  constructor(loginToken: string) {
    // Docker's tools compare this text.
    super('Require secondary authentication on MFA enabled account');
    this.loginToken = loginToken;
  }
}
