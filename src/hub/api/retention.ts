/** Retention: the policy of a namespace or of one repository, what it would remove, what it did, and a run at once. */
import {
  retentionPolicySchema,
  retentionPreviewSchema,
  retentionSchema,
} from '../../hub-api/schemas/retention.ts';
import type { z } from 'zod';
import { NotFoundError } from '../../lib/errors.ts';
import type { HubEvent } from '../events.ts';
import { requirePatterns } from '../retention/require-patterns.ts';
import { previewRetention } from '../retention/preview-retention.ts';
import type { Scope } from '../retention/retention-store.ts';
import { authorize } from './access.ts';
import { type Caller, requireAccount } from './call.ts';
import { namespaceParams, requireNamespace } from './namespace-access.ts';
import type { ApiParts } from './parts.ts';
import { presentPolicy, presentPreview, presentRun } from './present-retention.ts';
import { below, repositoryParams } from './repository-address.ts';
import { route, type Route } from './route.ts';

/** What the address names, once it is known that the caller looks after it. */
interface Admission {
  readonly scope: Scope;
  readonly name: string;
  /** Of a repository: where another policy may come from. */
  readonly above?: Scope;
}

interface Kind<Params> {
  readonly at: (rest: '' | `/${string}`) => { readonly path: string; readonly aliases?: readonly string[] };
  readonly what: 'Namespace' | 'Repository';
  readonly params: z.ZodObject & z.ZodType<Params>;
  readonly admit: (parts: ApiParts, call: Caller & { readonly params: Params }) => Promise<Admission>;
}

function routesOf<Params>({ at, what, params, admit }: Kind<Params>): readonly Route[] {
  const common = { tag: 'Repositories', auth: 'required', params } as const;
  const place = what.toLowerCase();
  return [
    route({
      ...common,
      method: 'GET',
      ...at(''),
      id: `get${what}Retention`,
      summary: `What a ${place} keeps, and what has gone.`,
      answers: { 200: retentionSchema },
      async handle(parts, call) {
        return Response.json(await describe(parts, await admit(parts, call)));
      },
    }),
    route({
      ...common,
      method: 'PUT',
      ...at(''),
      id: `set${what}Retention`,
      summary: `Set what a ${place} keeps. Nothing goes at once: preview tells what would.`,
      body: retentionPolicySchema,
      answers: { 200: retentionSchema },
      async handle(parts, call) {
        const admission = await admit(parts, call);
        const policy = requirePatterns(await call.body());
        await parts.changes.make(() => parts.retention.put(admission.scope, policy), told(admission));
        return Response.json(await describe(parts, admission));
      },
    }),
    route({
      ...common,
      method: 'DELETE',
      ...at(''),
      id: `remove${what}Retention`,
      summary: `Remove the policy of a ${place}, with what is known of its runs.`,
      answers: { 204: 'There is none.' },
      async handle(parts, call) {
        const admission = await admit(parts, call);
        const policy = await parts.retention.find(admission.scope);
        if (policy) await parts.changes.make(() => parts.retention.remove(policy), told(admission));
        return new Response(null, { status: 204 });
      },
    }),
    route({
      ...common,
      method: 'POST',
      ...at('/preview'),
      id: `preview${what}Retention`,
      summary: 'What this policy would remove now, and why the rest stays. Nothing is changed.',
      body: retentionPolicySchema,
      answers: { 200: retentionPreviewSchema },
      async handle(parts, call) {
        const { scope } = await admit(parts, call);
        const policy = requirePatterns(await call.body());
        return Response.json(await presentPreview(previewRetention(parts, scope, policy, parts.grace)));
      },
    }),
    route({
      ...common,
      method: 'POST',
      ...at('/run'),
      id: `run${what}Retention`,
      summary: 'Begin to remove what the stored policy does not keep; GET tells what it came to.',
      answers: { 202: 'It has begun.' },
      async handle(parts, call) {
        const { scope } = await admit(parts, call);
        const policy = await parts.retention.find(scope);
        if (!policy) throw new NotFoundError(`the ${place} has no policy of its own: set one first`);
        parts.retentionRunner.start(policy, { cause: 'person', accountId: requireAccount(call).id });
        return new Response(null, { status: 202 });
      },
    }),
  ];
}

export const retentionRoutes: readonly Route[] = [
  ...routesOf({
    what: 'Repository',
    at: (rest) => below(`/retention${rest}`),
    params: repositoryParams,
    async admit(parts, call) {
      const { path, repository } = await authorize(parts, call, 'admin');
      const above = { namespace: path.namespace };
      return { scope: { repositoryId: repository.id }, name: path.path, above };
    },
  }),
  ...routesOf({
    what: 'Namespace',
    at: (rest) => ({ path: `/v2/namespaces/{namespace}/retention${rest}` }),
    params: namespaceParams,
    async admit(parts, call) {
      requireAccount(call);
      const { namespace } = call.params;
      await requireNamespace(parts, call, namespace, `decide what ${namespace} keeps`);
      return { scope: { namespace }, name: namespace };
    },
  }),
];

async function describe(
  { retention }: ApiParts,
  { scope, above }: Admission,
): Promise<z.output<typeof retentionSchema>> {
  const policy = await retention.find(scope);
  const inherited = above && (await retention.find(above));
  return {
    policy: policy ? presentPolicy(policy) : null,
    inherited: inherited ? presentPolicy(inherited) : null,
    runs: policy ? (await retention.runs(policy)).map(presentRun) : [],
  };
}

function told({ name }: Admission): HubEvent {
  return { kind: 'retention-changed', of: name };
}
