/** For whoever runs the hub: is it alive, is it ready, what does it count. */
import { CaisError } from '../lib/errors.ts';
import type { Events } from './events.ts';
import { retryAfter } from './limits/retry-after.ts';
import type { Readiness } from './readiness.ts';

/** Answers /healthz, /readyz and /metrics; undefined for any other address. */
export async function handleOperations(
  parts: { readonly readiness: Readiness; readonly events: Events },
  pathname: string,
): Promise<Response | undefined> {
  switch (pathname) {
    case '/healthz':
      return text('ok\n');
    case '/readyz':
      return await ready(parts.readiness);
    case '/metrics':
      return text(await parts.events.metrics.metrics(), parts.events.metrics.contentType);
    default:
      return undefined;
  }
}

/** Not an error of the hub's: whoever balances asks again and again while it is so. */
async function ready(readiness: Readiness): Promise<Response> {
  try {
    await readiness.check();
    return text('ready\n');
  } catch (error) {
    if (!(error instanceof CaisError)) throw error;
    return new Response(`not ready: ${error.message}\n`, {
      status: 503,
      headers: { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store', 'Retry-After': retryAfter },
    });
  }
}

function text(body: string, contentType = 'text/plain'): Response {
  return new Response(body, { headers: { 'Content-Type': contentType, 'Cache-Control': 'no-store' } });
}
