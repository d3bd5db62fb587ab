/** What an object store says when it does not do what it was asked. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
import { UnavailableError } from '../../lib/errors.ts';

/** A refusal, final after all retries. Its message is for clients of the hub; `code` is the store's own. */
export class S3Error extends UnavailableError {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, what: string) {
    super(messageFor(status, code), { cause: `${what}: ${status} ${code}` });
    this.status = status;
    this.code = code;
  }
}

/** The store's code where the bucket itself is missing; an object that is missing has another one. */
export const noSuchBucket = 'NoSuchBucket';

function messageFor(status: number, code: string): string {
  if (code === noSuchBucket) return 'the blob store has no such bucket: its operator has to make it';
  if (isFull(status, code)) return 'cannot write blob: the blob store has no space left';
  return 'the blob store refused: try again later';
}

function isFull(status: number, code: string): boolean {
  return status === 507 || /Quota|InsufficientStorage|StorageFull/.test(code);
}

/** True where the parts of an upload are gone, or somebody else's: no later attempt puts them together. */
export function isOfLostParts(error: unknown): boolean {
  return error instanceof S3Error && /^(?:NoSuchUpload|InvalidPart|InvalidPartOrder)$/.test(error.code);
}

/** True for what may work a moment later. */
export function isPassing(status: number): boolean {
  // A store without room says so with 507; SlowDown is 503, RequestTimeout 400 or 408.
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 507);
}
