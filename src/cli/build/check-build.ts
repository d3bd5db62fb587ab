/** `cais build --check`: what is doubtful in a Dockerfile, without building it and without an engine. */
import { InvalidError, UnsupportedError } from '../../lib/errors.ts';
import type { CliContext } from '../context.ts';
import type { BuildFlags } from './build-flags.ts';
import type { BuildSource } from './source.ts';

export function checkBuild(_context: CliContext, flags: BuildFlags, source: BuildSource): Promise<number> {
  if (!flags.check && flags.call !== 'check')
    throw new InvalidError(`--call=${flags.call} is not supported: only build and check are`);
  if (!('dockerfile' in source)) throw new UnsupportedError('--check needs a Dockerfile on this machine');
  throw new UnsupportedError('--check: not yet');
}
