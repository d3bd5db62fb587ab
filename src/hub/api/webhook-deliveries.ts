/** What webhooks sent and what came of it; a test, and what is sent once more. */
import { deliveryListSchema, sentSchema } from '../../hub-api/schemas/webhooks.ts';
import type { Delivery } from '../webhooks/webhook-store.ts';
import { type Caller, requireAccount } from './call.ts';
import type { ApiParts } from './parts.ts';
import { optionalTime, timeOf } from './present.ts';
import { route, type Route } from './route.ts';
import { type WebhookPlace, within } from './webhook-place.ts';

const maxListed = 100;

export function deliveryRoutes<Params>(place: WebhookPlace<Params>): readonly Route[] {
  const { what, at, admit } = place;
  const common = { tag: 'Webhooks', auth: 'required', params: within(place, 'webhook') } as const;
  return [
    route({
      ...common,
      method: 'POST',
      ...at('/{webhook}/test'),
      id: `test${what}Webhook`,
      summary: 'Send a test.',
      answers: { 202: sentSchema },
      async handle(parts, call) {
        const { scope, name } = await admit(parts, call);
        const webhook = await parts.webhooks.get(scope, call.params.webhook);
        const id = await parts.webhooks.ping(webhook, name, testFacts(parts, call, name));
        parts.deliveries.wake();
        return Response.json({ id }, { status: 202 });
      },
    }),
    route({
      ...common,
      method: 'GET',
      ...at('/{webhook}/deliveries'),
      id: `list${what}WebhookDeliveries`,
      summary: `What was sent, and what came of it: the last ${maxListed}.`,
      answers: { 200: deliveryListSchema },
      async handle(parts, call) {
        const { scope } = await admit(parts, call);
        const webhook = await parts.webhooks.get(scope, call.params.webhook);
        const results = (await parts.webhooks.deliveries(webhook, maxListed)).map(presentDelivery);
        return Response.json({ results });
      },
    }),
    route({
      ...common,
      params: within(place, 'webhook', 'delivery'),
      method: 'POST',
      ...at('/{webhook}/deliveries/{delivery}/redeliver'),
      id: `redeliver${what}Webhook`,
      summary: 'Send it once more, at once and with the same id.',
      answers: { 202: sentSchema },
      async handle(parts, call) {
        const { scope } = await admit(parts, call);
        const { delivery } = call.params;
        await parts.webhooks.redeliver(await parts.webhooks.get(scope, call.params.webhook), delivery);
        parts.deliveries.wake();
        return Response.json({ id: delivery }, { status: 202 });
      },
    }),
  ];
}

/** Of a namespace's a test tells of a repository that it has not. */
function testFacts({ originOf }: ApiParts, call: Caller, name: string) {
  const [namespace = '', ...rest] = name.split('/');
  const now = Date.now();
  const repository = {
    namespace,
    name: rest.join('/') || 'test',
    description: '',
    full_description: '',
    is_private: 0,
    star_count: 0,
    created_at: now,
  };
  return { at: now, actor: requireAccount(call).name, origin: originOf(call.request), repository };
}

function presentDelivery({ uuid, ...delivery }: Delivery): object {
  const isDelivered = delivery.status !== null && delivery.failure === null;
  return {
    id: uuid,
    ...delivery,
    state: delivery.next_at !== null ? 'waiting' : isDelivered ? 'delivered' : 'failed',
    created_at: timeOf(delivery.created_at),
    next_at: optionalTime(delivery.next_at),
    tried_at: optionalTime(delivery.tried_at),
  };
}
