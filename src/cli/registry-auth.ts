/** The X-Registry-Auth header for what a command does with a repository. */
import type { RepositoryName } from '../oci/image/reference.ts';
import type { CliContext } from './context.ts';
import { encodeAuth, findCredential, serverOf } from './credentials.ts';

export async function registryAuth(
  context: CliContext,
  name: RepositoryName,
): Promise<Record<'X-Registry-Auth', string>> {
  const server = serverOf(name);
  const credential = await findCredential(await context.configFile(), server);
  return { 'X-Registry-Auth': encodeAuth(server, credential) };
}
