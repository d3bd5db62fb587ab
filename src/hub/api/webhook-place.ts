/** Where webhooks are: at a repository, or at a namespace for all that is in it. */
import { z } from 'zod';
import type { WebhookScope } from '../webhooks/webhook-store.ts';
import { authorize } from './access.ts';
import { type Caller, requireAccount } from './call.ts';
import { namespaceParams, requireNamespace } from './namespace-access.ts';
import type { ApiParts } from './parts.ts';
import { below, repositoryParams } from './repository-address.ts';

/** What the address names, once it is known that the caller looks after it. */
export interface Admission {
  readonly scope: WebhookScope;
  /** A namespace, or a repository's path. */
  readonly name: string;
}

export interface WebhookPlace<Params> {
  readonly what: 'Namespace' | 'Repository';
  readonly at: (rest: '' | `/${string}`) => { readonly path: string; readonly aliases?: readonly string[] };
  readonly params: z.ZodObject & z.ZodType<Params>;
  readonly admit: (parts: ApiParts, call: Caller & { readonly params: Params }) => Promise<Admission>;
}

/** The address of one webhook, or with `delivery` of what was sent by it. */
export function within<Params, Names extends string>(
  { params }: WebhookPlace<Params>,
  ...names: readonly Names[]
): z.ZodObject & z.ZodType<Params & Readonly<Record<Names, string>>> {
  const more = Object.fromEntries(names.map((name) => [name, z.string()]));
  return params.extend(more) as unknown as z.ZodObject & z.ZodType<Params & Readonly<Record<Names, string>>>;
}

export const ofRepository: WebhookPlace<z.output<typeof repositoryParams>> = {
  what: 'Repository',
  at: (rest) => below(`/webhooks${rest}`),
  params: repositoryParams,
  async admit(parts, call) {
    const { path, repository } = await authorize(parts, call, 'admin');
    return { scope: { namespace: path.namespace, repositoryId: repository.id }, name: path.path };
  },
};

export const ofNamespace: WebhookPlace<z.output<typeof namespaceParams>> = {
  what: 'Namespace',
  at: (rest) => ({ path: `/v2/namespaces/{namespace}/webhooks${rest}` }),
  params: namespaceParams,
  async admit(parts, call) {
    requireAccount(call);
    const { namespace } = call.params;
    await requireNamespace(parts, call, namespace, `say whom ${namespace} tells of what happens`);
    return { scope: { namespace, repositoryId: undefined }, name: namespace };
  },
};
