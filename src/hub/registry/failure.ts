/** A refusal of the registry with the code that the distribution spec has for it. errors.ts knows what it looks like on the wire. */
import { CaisError } from '../../lib/errors.ts';

/**
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes, and after them those that this registry
 * needs for a status of its own; errors.ts gives them a code that clients know.
 */
export type FailureCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'UNAUTHORIZED'
  | 'DENIED'
  | 'UNSUPPORTED'
  | 'TOOMANYREQUESTS'
  | 'PAGINATION_NUMBER_INVALID'
  | 'RANGE_INVALID'
  | 'TAG_INVALID'
  | 'MANIFEST_TOO_LARGE'
  | 'UPLOAD_BUSY'
  | 'UNAVAILABLE'
  | 'UNKNOWN';

export class RegistryFailure extends CaisError {
  override readonly name = 'RegistryFailure';
  readonly code: FailureCode;
  readonly detail: unknown;

  constructor(code: FailureCode, message: string, detail?: unknown) {
    super(message);
    this.code = code;
    this.detail = detail;
  }
}

/** An upload that was asked to go on somewhere else than where it stands; the session lives on at `size`. */
export class OutOfOrderFailure extends RegistryFailure {
  readonly location: string;
  readonly size: number;

  constructor(location: string, size: number) {
    super('RANGE_INVALID', `the upload stands at byte ${size}: send the next chunk from there`);
    this.location = location;
    this.size = size;
  }
}

/** A range of a blob that has no byte in it. */
export class UnsatisfiableRangeFailure extends RegistryFailure {
  readonly size: number;

  constructor(size: number) {
    super('RANGE_INVALID', `the blob has ${size} bytes, none of them in this range`);
    this.size = size;
  }
}

/** No token, or one that does not reach: where and for what to get one. */
export class ChallengeFailure extends RegistryFailure {
  readonly realm: string;
  readonly service: string;
  readonly scope: string;
  readonly reason: 'invalid_token' | 'insufficient_scope' | undefined;

  constructor(challenge: {
    realm: string;
    service: string;
    scope: string;
    reason: 'invalid_token' | 'insufficient_scope' | undefined;
    detail: unknown;
  }) {
    super('UNAUTHORIZED', 'authentication required', challenge.detail);
    this.realm = challenge.realm;
    this.service = challenge.service;
    this.scope = challenge.scope;
    this.reason = challenge.reason;
  }
}
