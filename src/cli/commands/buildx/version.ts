/** `cais buildx version`: program and version, where buildx has its own. */
import { defineCommand, exactly } from '../../command.ts';
import { version as clientVersion } from '../../context.ts';

export const version = defineCommand({
  usage: '',
  flags: {},
  count: exactly(0),
  run: ({ context }) => context.out.write(`cais v${clientVersion}\n`),
});
