/** `--chmod`: octal digits, or changes as chmod(1) takes them. */
import { UnsupportedError } from '../../../lib/errors.ts';

/** @throws InvalidError in BuildKit's words. */
export function checkMode(mode: string): void {
  throw new UnsupportedError(`cannot check ${mode} yet`);
}
