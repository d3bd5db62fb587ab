/** Webhooks of a repository, and of all that is in a namespace. */
import {
  putWebhookSchema,
  updateWebhookSchema,
  webhookListSchema,
  webhookSchema,
} from '../../hub-api/schemas/webhooks.ts';
import { DeniedError, InvalidError } from '../../lib/errors.ts';
import { FieldsError } from '../accounts/sign-up.ts';
import type { HubEvent } from '../events.ts';
import { readTarget } from '../webhooks/target.ts';
import type { Webhook } from '../webhooks/webhook.ts';
import { newSecret } from '../webhooks/webhook-secret.ts';
import {
  attributesOf,
  differences,
  settingsOf,
  type WebhookUpdate,
  withGiven,
} from '../webhooks/webhook-settings.ts';
import { type Call, requirePerson } from './call.ts';
import type { ApiParts } from './parts.ts';
import { optionalTime, timeOf } from './present.ts';
import { route, type Route } from './route.ts';
import { deliveryRoutes } from './webhook-deliveries.ts';
import { type Admission, ofNamespace, ofRepository, type WebhookPlace, within } from './webhook-place.ts';

const noStore = { headers: { 'Cache-Control': 'no-store' } };

function settingsRoutes<Params>(place: WebhookPlace<Params>): readonly Route[] {
  const { what, at, params, admit } = place;
  const common = { tag: 'Webhooks', auth: 'required' } as const;
  const ofOne = within(place, 'webhook');
  return [
    route({
      ...common,
      params,
      method: 'GET',
      ...at(''),
      id: `list${what}Webhooks`,
      summary: `The webhooks of a ${what.toLowerCase()}, for who looks after it.`,
      answers: { 200: webhookListSchema },
      async handle(parts, call) {
        const { scope } = await admit(parts, call);
        return Response.json({ results: (await parts.webhooks.list(scope)).map((each) => present(each)) });
      },
    }),
    route({
      ...common,
      params,
      method: 'POST',
      ...at(''),
      id: `create${what}Webhook`,
      summary:
        'Make a webhook. The answer holds the secret that signs what is sent; nobody can ask for it again.',
      body: putWebhookSchema,
      answers: { 201: webhookSchema },
      async handle(parts, call) {
        const { scope, name } = await admit(parts, call);
        const account = requirePerson(call);
        const attributes = attributesOf(await readSettings(parts, await call.body()));
        const { secret, sealed } = await newSecret(parts.secrets);
        const made = await parts.changes.make(
          () => parts.webhooks.create(scope, attributes, sealed, account.id),
          changed(name, attributes, 'created'),
        );
        return Response.json(present(made, secret), { ...noStore, status: 201 });
      },
    }),
    route({
      ...common,
      params: ofOne,
      method: 'PUT',
      ...at('/{webhook}'),
      id: `put${what}Webhook`,
      summary: 'Set all of a webhook. Its secret stays; one that the hub switched off begins anew.',
      body: putWebhookSchema,
      answers: { 200: webhookSchema },
      handle: async (parts, call) => update(parts, call, await admit(parts, call)),
    }),
    route({
      ...common,
      params: ofOne,
      method: 'PATCH',
      ...at('/{webhook}'),
      id: `update${what}Webhook`,
      summary: 'Change what is given. One that is switched on again, or leads elsewhere, begins anew.',
      body: updateWebhookSchema,
      answers: { 200: webhookSchema },
      handle: async (parts, call) => update(parts, call, await admit(parts, call)),
    }),
    route({
      ...common,
      params: ofOne,
      method: 'DELETE',
      ...at('/{webhook}'),
      id: `delete${what}Webhook`,
      summary: 'Delete a webhook, with what waits to be sent.',
      answers: { 204: 'It is gone.' },
      async handle(parts, call) {
        const { scope, name } = await admit(parts, call);
        requirePerson(call);
        const webhook = await parts.webhooks.get(scope, call.params.webhook);
        await parts.changes.make(() => parts.webhooks.delete(webhook), changed(name, webhook, 'deleted'));
        return new Response(null, { status: 204 });
      },
    }),
  ];
}

export const webhookRoutes: readonly Route[] = [
  ...settingsRoutes(ofRepository),
  ...deliveryRoutes(ofRepository),
  ...settingsRoutes(ofNamespace),
  ...deliveryRoutes(ofNamespace),
];

async function update(
  parts: ApiParts,
  call: Call<{ readonly webhook: string }, unknown, WebhookUpdate>,
  { scope, name }: Admission,
): Promise<Response> {
  requirePerson(call);
  const webhook = await parts.webhooks.get(scope, call.params.webhook);
  const { new_secret: isNew, ...given } = await call.body();
  const before = settingsOf(webhook);
  const after = withGiven(before, await readSettings(parts, given));
  const { secret, sealed } = isNew ? await newSecret(parts.secrets) : {};
  const fields = [...differences(before, after), ...(isNew ? ['secret'] : [])];
  const updated = await parts.changes.make(
    () => parts.webhooks.update(webhook, attributesOf(after), sealed),
    () => (fields.length === 0 ? [] : [{ ...changed(name, after, 'updated'), fields }]),
  );
  return Response.json(present(updated, secret), noStore);
}

/** Checks the address, where there is one. @throws FieldsError */
async function readSettings<Given extends { readonly hook_url?: string | undefined }>(
  { deliveries }: ApiParts,
  given: Given,
): Promise<Given> {
  if (given.hook_url === undefined) return given;
  try {
    const url = readTarget(given.hook_url);
    await deliveries.requireAllowed(url);
    return { ...given, hook_url: url.href };
  } catch (error) {
    if (!(error instanceof InvalidError || error instanceof DeniedError)) throw error;
    throw new FieldsError({ hook_url: [error.message] });
  }
}

function changed(of: string, { name }: { readonly name: string }, change: 'created' | 'updated' | 'deleted') {
  return { kind: 'webhook-changed', of, name, change } as const satisfies HubEvent;
}

function present(webhook: Webhook, secret?: string): object {
  return {
    id: webhook.uuid,
    ...settingsOf(webhook),
    created_at: timeOf(webhook.created_at),
    failing_since: optionalTime(webhook.failing_since),
    disabled_at: optionalTime(webhook.disabled_at),
    ...(secret !== undefined && { secret }),
  };
}
