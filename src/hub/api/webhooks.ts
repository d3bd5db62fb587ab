/** Webhooks of a repository, and of all that is in a namespace. */
import type { z } from 'zod';
import { putWebhookSchema, webhookListSchema, webhookSchema } from '../../hub-api/schemas/webhooks.ts';
import { InvalidError } from '../../lib/errors.ts';
import { FieldsError } from '../accounts/sign-up.ts';
import type { HubEvent } from '../events.ts';
import { readTarget } from '../webhooks/target.ts';
import type { Webhook } from '../webhooks/webhook.ts';
import type { WebhookAttributes } from '../webhooks/webhook-store.ts';
import { requirePerson } from './call.ts';
import { optionalTime, timeOf } from './present.ts';
import { route, type Route } from './route.ts';
import { deliveryRoutes } from './webhook-deliveries.ts';
import { ofNamespace, ofRepository, type WebhookPlace, within } from './webhook-place.ts';

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
        const attributes = readAttributes(await call.body());
        const { uuid, secret } = await parts.changes.make(
          () => parts.webhooks.create(scope, attributes, account.id),
          changed(name, attributes, 'created'),
        );
        const body = present(await parts.webhooks.get(scope, uuid), secret);
        return Response.json(body, { status: 201, headers: { 'Cache-Control': 'no-store' } });
      },
    }),
    route({
      ...common,
      params: ofOne,
      method: 'PUT',
      ...at('/{webhook}'),
      id: `put${what}Webhook`,
      summary: 'Change a webhook. Its secret stays; one that the hub switched off begins anew.',
      body: putWebhookSchema,
      answers: { 200: webhookSchema },
      async handle(parts, call) {
        const { scope, name } = await admit(parts, call);
        requirePerson(call);
        const webhook = await parts.webhooks.get(scope, call.params.webhook);
        const attributes = readAttributes(await call.body());
        const told = changed(name, attributes, 'updated');
        await parts.changes.make(() => parts.webhooks.update(webhook, attributes), told);
        return Response.json(present(await parts.webhooks.get(scope, webhook.uuid)));
      },
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

/** @throws FieldsError */
function readAttributes(body: z.output<typeof putWebhookSchema>): WebhookAttributes {
  const { name, hook_url: url, format, events, is_active: isActive } = body;
  try {
    return { name, url: readTarget(url).href, format, events: [...new Set(events)], isActive };
  } catch (error) {
    if (error instanceof InvalidError) throw new FieldsError({ hook_url: [error.message] });
    throw error;
  }
}

function changed(
  of: string,
  { name }: { readonly name: string },
  change: 'created' | 'updated' | 'deleted',
): HubEvent {
  return { kind: 'webhook-changed', of, name, change };
}

function present(webhook: Webhook, secret?: string): object {
  return {
    id: webhook.uuid,
    name: webhook.name,
    hook_url: webhook.url,
    format: webhook.format,
    events: webhook.events.split(','),
    is_active: webhook.is_active === 1,
    created_at: timeOf(webhook.created_at),
    failing_since: optionalTime(webhook.failing_since),
    disabled_at: optionalTime(webhook.disabled_at),
    ...(secret !== undefined && { secret }),
  };
}
