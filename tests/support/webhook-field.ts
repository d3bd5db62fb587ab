/** A hub with a repository whose webhooks lead to a receiver on loopback. */
import { expect } from 'bun:test';
import { createHmac } from 'node:crypto';
import { eventually } from './eventually.ts';
import { bodyOf, HubFixture } from '../../src/hub/testing/hub-fixture.ts';

export interface Received {
  readonly headers: Headers;
  readonly body: string;
}

/** A delivery as the API lists it. */
export interface Listed {
  readonly id: string;
  readonly event: string;
  readonly state: string;
  readonly attempts: number;
  readonly status: number | null;
  readonly response: string | null;
  readonly failure: string | null;
}

/** Of the repository's webhooks. */
export const webhooksPath = '/v2/repositories/alice/app/webhooks';

/** Answers as it is told to. */
export class Receiver implements AsyncDisposable {
  readonly received: Received[] = [];
  answer: () => Response | Promise<Response> = () => new Response('thanks');
  readonly #server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async (request) => {
      this.received.push({ headers: request.headers, body: await request.text() });
      return await this.answer();
    },
  });

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}/hook`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }
}

export class WebhookField implements AsyncDisposable {
  readonly receiver = new Receiver();
  readonly hub: HubFixture;
  /** Alice's session. */
  readonly token: string;

  private constructor(hub: HubFixture, token: string) {
    this.hub = hub;
    this.token = token;
  }

  static async create(): Promise<WebhookField> {
    const settings = { CAIS_HUB_WEBHOOK_ALLOW: '127.0.0.0/8' };
    const hub = await HubFixture.createWith({ settings }, 'alice', 'bob');
    await hub.pushImage('alice', 'alice/app', 'first');
    return new WebhookField(hub, await hub.session('alice'));
  }

  call(method: string, address: string, body?: object, as = this.token): Promise<Response> {
    return this.hub.send(method, address, { token: as, ...(body && { body }) });
  }

  async make(body: object, at = webhooksPath): Promise<{ id: string; secret: string }> {
    const response = await this.call('POST', at, { name: 'CI', hook_url: this.receiver.url, ...body });
    expect(response.status).toBe(201);
    return await bodyOf<{ id: string; secret: string }>(response);
  }

  async deliveries(id: string, at = webhooksPath): Promise<Listed[]> {
    return (await bodyOf<{ results: Listed[] }>(await this.call('GET', `${at}/${id}/deliveries`))).results;
  }

  /** So many requests at least. */
  told(count: number): Promise<Received[]> {
    return eventually(async () => {
      expect(this.receiver.received.length).toBeGreaterThanOrEqual(count);
      return this.receiver.received;
    });
  }

  settled(id: string, state: string): Promise<Listed> {
    return eventually(async () => {
      const [latest] = await this.deliveries(id);
      expect(latest?.state).toBe(state);
      return latest as Listed;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub[Symbol.asyncDispose]();
    await this.receiver[Symbol.asyncDispose]();
  }
}

/** As https://www.standardwebhooks.com has it. */
export function isSigned(request: Received | undefined, secret: string): boolean {
  const of = (name: string): string => request?.headers.get(`webhook-${name}`) ?? '';
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signed = `${of('id')}.${of('timestamp')}.${request?.body}`;
  return of('signature') === `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}
