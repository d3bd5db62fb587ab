/** `cais context use`: kept in config.json, where docker looks too. */
import { defineCommand, exactly } from '../../command.ts';
import { defaultContext } from '../../config.ts';
import { checkContextName, ContextStore } from '../../context-store.ts';

export const use = defineCommand({
  usage: 'CONTEXT',
  flags: {},
  count: exactly(1),
  completes: 'none',
  run: async ({ context, args: [name = ''] }) => {
    const { config, out, err } = context;
    if (name !== defaultContext) {
      checkContextName(name);
      new ContextStore(config.directory).get(name);
    }
    const file = await context.configFile();
    const wanted = name === defaultContext ? undefined : name;
    if ((file.currentContext || undefined) !== wanted) await file.setCurrentContext(wanted);
    await out.write(`${name}\n`);
    await err.write(`Current context is now ${JSON.stringify(name)}\n`);
    if (wanted !== undefined && config.hostVariable !== undefined) {
      await err.write(
        `Warning: ${config.hostVariable} environment variable overrides the active context. To use ${JSON.stringify(name)}, either set the global --context flag, or unset ${config.hostVariable} environment variable.\n`,
      );
    }
  },
});
