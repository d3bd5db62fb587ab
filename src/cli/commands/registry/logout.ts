/** `cais logout`: forgets what `login` kept. */
import { between, defineCommand } from '../../command.ts';
import { eraseCredential, serverKey } from '../../credentials.ts';

export const logout = defineCommand({
  usage: '[SERVER]',
  long: 'Log out from a registry.\nIf no server is specified, the default is defined by the daemon.',
  flags: {},
  count: between(0, 1),
  run: async ({ context, args: [server] }) => {
    const key = serverKey(server);
    await context.out.write(`Removing login credentials for ${key}\n`);
    await eraseCredential(await context.configFile(), key);
  },
});
