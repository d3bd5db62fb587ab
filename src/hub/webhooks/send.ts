/** One try of one delivery: signed, to an address that was looked at, without following anybody, for a bounded time. */
import { createHmac } from 'node:crypto';
import { messageOf } from '../../lib/errors.ts';
import { urlAt } from '../../lib/url-at.ts';
import type { Networks } from '../limits/client-address.ts';
import { readTarget, resolveTarget } from './target.ts';
import type { WebhookFormat } from './webhook.ts';

/** In milliseconds. */
const timeout = 10_000;
/** Of the answer, in bytes: more is not read. */
const maxResponse = 2048;

export interface Sending {
  readonly uuid: string;
  readonly url: string;
  readonly secret: string;
  readonly format: WebhookFormat;
  readonly event: string;
  readonly body: string;
}

export interface Outcome {
  readonly isDelivered: boolean;
  /** Undefined: there was no answer. */
  readonly status?: number;
  /** In milliseconds. */
  readonly took: number;
  /** The beginning of the answer's body. */
  readonly response?: string;
  readonly failure?: string;
}

/** Never throws. @param allowed as of resolveTarget. */
export async function send(sending: Sending, allowed: Networks): Promise<Outcome> {
  const started = performance.now();
  const took = (): number => Math.round(performance.now() - started);
  try {
    const { url, address } = await resolveTarget(readTarget(sending.url), allowed);
    const response = await fetch(urlAt(url, address), {
      method: 'POST',
      headers: { ...headersOf(sending), Host: url.host },
      body: sending.body,
      redirect: 'manual',
      keepalive: false,
      signal: AbortSignal.timeout(timeout),
      // The certificate has to be of the name, not of the address.
      tls: { serverName: url.hostname },
    } as BunFetchRequestInit);
    const text = await beginningOf(response);
    const isDelivered = response.status >= 200 && response.status < 300;
    const failure = isDelivered ? undefined : `the receiver answered ${response.status}`;
    return {
      isDelivered,
      status: response.status,
      took: took(),
      response: text,
      ...(failure && { failure }),
    };
  } catch (error) {
    return { isDelivered: false, took: took(), failure: messageOf(error).slice(0, 500) };
  }
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
function headersOf({ uuid, secret, format, event, body }: Sending, now = Date.now()): Record<string, string> {
  const seconds = String(Math.floor(now / 1000));
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${uuid}.${seconds}.${body}`).digest('base64');
  return {
    'Content-Type': format === 'docker' ? 'application/json' : 'application/cloudevents+json',
    'User-Agent': 'cais-hub',
    'X-Cais-Event': event,
    'webhook-id': uuid,
    'webhook-timestamp': seconds,
    'webhook-signature': `v1,${signature}`,
  };
}

async function beginningOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  if (!reader) return '';
  while (size < maxResponse) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    size += value.length;
  }
  await reader.cancel();
  // PostgreSQL takes no NUL.
  return Buffer.concat(chunks).subarray(0, maxResponse).toString('utf8').replaceAll('\0', '\uFFFD');
}
