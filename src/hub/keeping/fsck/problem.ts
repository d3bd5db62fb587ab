/** What a check has found to be wrong, and what may be done about it without losing anything that clients could still get. */
import type { ContentStore } from '../../../oci/content/content-store.ts';
import type { Digest } from '../../../oci/image/digest.ts';
import type { HubDatabase } from '../../db/database.ts';

export interface CheckParts {
  readonly database: HubDatabase;
  readonly contents: ContentStore;
}

type ProblemKind =
  /** The database's own files. */
  | 'database-damaged'
  /** A blob's bytes are others than its digest says, or can't be read. */
  | 'blob-changed'
  /** A repository holds it and there are no bytes. */
  | 'blob-missing'
  /** A repository has noted another size than the bytes have. */
  | 'blob-size'
  /** An image needs a blob that its repository does not hold (any more). */
  | 'blob-unheld'
  | 'manifest-changed'
  /** An index needs it. */
  | 'manifest-missing'
  /** What is noted of a manifest is not what it says. */
  | 'manifest-references'
  | 'tag-dangling'
  | 'totals';

export interface Problem {
  readonly kind: ProblemKind;
  /** A sentence for people, without a full stop. */
  readonly message: string;
  readonly digest?: Digest;
  /** Whose images are broken by it. Paths, in order. */
  readonly repositories: readonly string[];
  readonly repair?: Repair;
}

interface Repair {
  /** What it does, as in `removes the tag`. */
  readonly what: string;
  run(): Promise<void>;
}
