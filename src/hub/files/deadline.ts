/** A source of bytes that gives up after some time: also within one file, which may be as long as it likes. */
import { UnavailableError } from '../../lib/errors.ts';
import type { ByteSource } from '../../oci/layer/byte-reader.ts';

/** @returns a source that throws UnavailableError when it is asked later than that. */
export function withDeadline(source: ByteSource, milliseconds: number): ByteSource {
  const end = performance.now() + milliseconds;
  return () => {
    if (performance.now() > end) throw new UnavailableError('the layer takes too long to be read');
    return source();
  };
}
