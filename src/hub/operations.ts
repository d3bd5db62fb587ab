/** For whoever runs the hub: is it alive, is it ready, what does it count. */
import type { HubDatabase } from './db/database.ts';
import type { Events } from './events.ts';

/** Answers /healthz, /readyz and /metrics; undefined for any other address. */
export async function handleOperations(
  parts: { readonly database: HubDatabase; readonly events: Events },
  pathname: string,
): Promise<Response | undefined> {
  switch (pathname) {
    case '/healthz':
      return text('ok\n');
    case '/readyz':
      await parts.database.check();
      return text('ready\n');
    case '/metrics':
      return text(await parts.events.metrics.metrics(), parts.events.metrics.contentType);
    default:
      return undefined;
  }
}

function text(body: string, contentType = 'text/plain'): Response {
  return new Response(body, { headers: { 'Content-Type': contentType, 'Cache-Control': 'no-store' } });
}
