/** X-Registry-Config: the stored logins, since a build pulls from whatever registries its stages name. */
import type { CliContext } from '../context.ts';

export async function registryConfig({ configFile }: CliContext): Promise<Record<string, string>> {
  const file = await configFile();
  if (file.servers.length === 0) return {};
  const { findCredential } = await import('../credentials.ts');
  const entries = await Promise.all(
    file.servers.map(async (server) => {
      // A helper that fails keeps only its own registry from being reached.
      const credential = await findCredential(file, server).catch(() => undefined);
      return credential && ([server, { ...credential, serveraddress: server }] as const);
    }),
  );
  const known = Object.fromEntries(entries.filter((entry) => entry !== undefined));
  if (Object.keys(known).length === 0) return {};
  const json = JSON.stringify(known);
  return {
    'X-Registry-Config': Buffer.from(json).toString('base64').replaceAll('+', '-').replaceAll('/', '_'),
  };
}
