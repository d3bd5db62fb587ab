/** What the hub's refusals become at its clients: the errors of lib/errors.ts, and three that say more. */
import {
  type CaisError,
  ConflictError,
  DeniedError,
  InvalidError,
  NotFoundError,
  UnauthorizedError,
  UnavailableError,
} from '../lib/errors.ts';
import type { ApiErrorBody } from './types.ts';

/** Input that the hub refused, with a message for each field. */
export class HubInputError extends InvalidError {
  readonly fields: Readonly<Record<string, readonly string[]>>;

  constructor(message: string, fields: Readonly<Record<string, readonly string[]>>) {
    super(message);
    this.fields = fields;
  }
}

/** The password was right; a code of the second factor is wanted as well. */
export class HubSecondFactorError extends UnauthorizedError {
  /** Stands for the password in `loginWithCode`. */
  readonly loginToken: string;

  constructor(message: string, loginToken: string) {
    super(message);
    this.loginToken = loginToken;
  }
}

/** Too many tries: wait this many seconds. */
export class HubRateLimitError extends UnavailableError {
  readonly retryAfter: number;

  constructor(message: string, retryAfter: number) {
    super(message);
    this.retryAfter = retryAfter;
  }
}

/** The error that an answer stands for. Reads its body. */
export async function errorOf(response: Response): Promise<CaisError> {
  const body = (await response.json().catch(() => undefined)) as
    | (Partial<ApiErrorBody> & { readonly login_2fa_token?: string })
    | undefined;
  const message = body?.message ?? body?.detail ?? `the hub answered ${response.status}`;
  switch (response.status) {
    case 400:
    case 413:
      return new HubInputError(message, body?.fields ?? {});
    case 401:
      return body?.login_2fa_token === undefined
        ? new UnauthorizedError(message)
        : new HubSecondFactorError(message, body.login_2fa_token);
    case 403:
      return new DeniedError(message);
    case 404:
      return new NotFoundError(message);
    case 409:
      return new ConflictError(message);
    case 429:
      return new HubRateLimitError(message, Number(response.headers.get('Retry-After') ?? 60));
    default:
      return new UnavailableError(message);
  }
}
