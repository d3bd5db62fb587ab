/** Refusals that know what was asked for, so that the audit log can tell those whose it is. */
import { DeniedError, NotFoundError } from '../../lib/errors.ts';

/** It is there, but not for the caller: answered as if it were not. */
export class HiddenError extends NotFoundError {
  /** Its path; undefined: it is none. */
  readonly repository: string | undefined;

  constructor(repository?: string) {
    super('object not found');
    this.repository = repository;
  }
}

/** The caller sees the repository, and may not do this with it. */
export class NotAllowedError extends DeniedError {
  readonly repository: string;

  constructor(repository: string) {
    super('you may not do this with the repository');
    this.repository = repository;
  }
}
