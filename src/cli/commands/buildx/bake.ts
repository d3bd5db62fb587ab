/** `cais buildx bake` is refused: the language of its files is a program of its own. */
import { UnsupportedError } from '../../../lib/errors.ts';
import { atLeast, defineCommand } from '../../command.ts';

export const bake = defineCommand({
  usage: '[OPTIONS] [TARGET...]',
  flags: {},
  count: atLeast(0),
  isRaw: true,
  run: () => {
    throw new UnsupportedError(
      'cais does not read bake files: build each target with cais build, or those of a compose file with cais compose build',
    );
  },
});
