/** A container's record turned into the runtime's config.json, with Docker's defaults. */
import { UnsupportedError } from '../../lib/errors.ts';
import type { RuntimeSpec } from '../../oci/runtime/runtime-spec.ts';
import type { SpecInput } from './spec-input.ts';

/**
 * Reads /etc/passwd and /etc/group in the root, never outside of it.
 * @throws InvalidError when the user is unknown in the root, or an option makes no sense.
 */
export function buildSpec(_input: SpecInput): RuntimeSpec {
  throw new UnsupportedError('spec');
}
