/** The part of the client that is about webhooks: whom a repository or a namespace tells of what happens there. */
import { path } from './address.ts';
import type { Sender } from './sender.ts';
import type {
  PutWebhookRequest,
  SentDelivery,
  UpdateWebhookRequest,
  Webhook,
  WebhookDeliveryList,
  WebhookList,
} from './types.ts';

/** A namespace, for all that is in it, or one repository of it. */
export interface WebhookPlace {
  readonly namespace: string;
  readonly name?: string | undefined;
}

export class WebhooksClient {
  readonly #hub: Sender;

  constructor(hub: Sender) {
    this.#hub = hub;
  }

  list(place: WebhookPlace): Promise<WebhookList> {
    return this.#hub.json('GET', webhooksOf(place));
  }

  /** The answer holds the secret, this once. @throws HubInputError, ConflictError when there are too many. */
  create(place: WebhookPlace, request: PutWebhookRequest): Promise<Webhook> {
    return this.#hub.json('POST', webhooksOf(place), request);
  }

  /** The answer holds the secret, this once, where a new one was asked for. @throws HubInputError */
  update(place: WebhookPlace, id: string, changes: UpdateWebhookRequest): Promise<Webhook> {
    return this.#hub.json('PATCH', webhooksOf(place) + path`/${id}`, changes);
  }

  async remove(place: WebhookPlace, id: string): Promise<void> {
    await this.#hub.send('DELETE', webhooksOf(place) + path`/${id}`);
  }

  /** Sends a test, soon: what came of it is among the deliveries. */
  test(place: WebhookPlace, id: string): Promise<SentDelivery> {
    return this.#hub.json('POST', webhooksOf(place) + path`/${id}/test`);
  }

  /** The last ones, the latest first. */
  deliveries(place: WebhookPlace, id: string): Promise<WebhookDeliveryList> {
    return this.#hub.json('GET', webhooksOf(place) + path`/${id}/deliveries`);
  }

  redeliver(place: WebhookPlace, id: string, delivery: string): Promise<SentDelivery> {
    return this.#hub.json('POST', webhooksOf(place) + path`/${id}/deliveries/${delivery}/redeliver`);
  }
}

function webhooksOf({ namespace, name }: WebhookPlace): string {
  const base = path`/v2/namespaces/${namespace}`;
  return (name === undefined ? base : base + path`/repositories/${name}`) + '/webhooks';
}
