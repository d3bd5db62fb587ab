/** `cais context inspect`: without a name the current one. */
import { atLeast, defineCommand } from '../../command.ts';
import { defaultContext } from '../../config.ts';
import { type Context, ContextStore } from '../../context-store.ts';
import { contextNameOf } from '../../endpoint.ts';
import { string } from '../../flags.ts';
import { printInspected } from '../../inspect.ts';
import { formatHelp } from '../format-help.ts';
import { contextLookup } from './docker-endpoint.ts';

export const inspect = defineCommand({
  usage: '[OPTIONS] [CONTEXT] [CONTEXT...]',
  flags: { format: string(formatHelp, 'f') },
  count: atLeast(0),
  completes: 'none',
  run: async ({ context, flags: { format }, args }) => {
    const { config, out } = context;
    const file = await context.configFile();
    const names = args.length > 0 ? args : [contextNameOf(config, file)];
    const find = contextLookup(config);
    const store = new ContextStore(config.directory);
    await printInspected(names, format, out, (name) =>
      Promise.resolve().then(() => present(store, find(name))),
    );
  },
});

function present(store: ContextStore, { name, description, endpoint, tls }: Context): object {
  const isStored = name !== defaultContext;
  return {
    Name: name,
    Metadata: description ? { Description: description } : {},
    Endpoints: { docker: { Host: endpoint.host, SkipTLSVerify: endpoint.skipsTlsVerify } },
    TLSMaterial: tls.size > 0 ? { docker: [...tls.keys()] } : {},
    Storage: {
      MetadataPath: isStored ? store.metadataPath(name) : '<IN MEMORY>',
      TLSPath: isStored ? store.tlsPath(name) : '<IN MEMORY>',
    },
  };
}
