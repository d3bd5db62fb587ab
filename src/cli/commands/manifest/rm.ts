/** `cais manifest rm`: forgets lists that are kept here. What was pushed stays. */
import { messageOf } from '../../../lib/errors.ts';
import { atLeast, defineCommand } from '../../command.ts';
import { ExitError } from '../../exit-code.ts';
import { parseListName } from './manifest-list.ts';
import { ManifestStore } from './manifest-store.ts';

export const rm = defineCommand({
  usage: 'MANIFEST_LIST [MANIFEST_LIST...]',
  flags: {},
  count: atLeast(1),
  completes: 'none',
  run: async ({ context, args }) => {
    const store = new ManifestStore(context.config.directory);
    const failures: string[] = [];
    for (const text of args) {
      try {
        const list = parseListName(text);
        await store.list(list);
        await store.remove(list);
      } catch (error) {
        failures.push(messageOf(error));
      }
    }
    if (failures.length > 0) throw new ExitError(1, failures.join('\n'));
  },
});
