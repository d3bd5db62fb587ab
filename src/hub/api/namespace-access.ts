/** From a namespace in an address to whether the caller looks after all that is in it. */
import { z } from 'zod';
import { DeniedError } from '../../lib/errors.ts';
import { isAdministrator } from '../auth/policy.ts';
import { tryParseRepositoryPath } from '../repositories/repository-path.ts';
import { type Caller, requireAccount } from './call.ts';
import type { ApiParts } from './parts.ts';

export const namespaceParams = z.object({ namespace: z.string() });

/** Who may delete whatever is in a namespace looks after it. @throws DeniedError telling what they `may not`. */
export async function requireNamespace(
  { rights }: Pick<ApiParts, 'rights'>,
  { actor }: Caller,
  namespace: string,
  mayNot: string,
): Promise<void> {
  const path = tryParseRepositoryPath(`${namespace}/any`);
  if (path && (await rights.may(actor, ['delete'], path, undefined))) return;
  throw new DeniedError(`you may not ${mayNot}`);
}

/** The same, and whoever runs the hub. */
export async function requireNamespaceOrAdministrator(
  parts: Pick<ApiParts, 'rights'>,
  caller: Caller & { readonly params: { readonly namespace: string } },
): Promise<string> {
  requireAccount(caller);
  const { namespace } = caller.params;
  if (!isAdministrator(caller.actor)) {
    await requireNamespace(parts, caller, namespace, `look after the repositories of ${namespace}`);
  }
  return namespace;
}
