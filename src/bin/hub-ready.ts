/** `cais hub ready`: whether the hub that these settings are of can serve, for health checks where there is no curl. */
import type { ServerCommand } from '../cli/context.ts';
import { messageOf, UnavailableError } from '../lib/errors.ts';
import { originAt } from '../hub/listen-address.ts';
import { hubConfig } from './hub-parts.ts';

/** In milliseconds. */
const patience = 5000;

export const hubReady: ServerCommand = async (flags, _input, output) => {
  const { listen, tls } = hubConfig(flags);
  const hostname = listen.hostname.replace(/^0\.0\.0\.0$/, '127.0.0.1').replace(/^::$/, '::1');
  const url = `${originAt(tls ? 'https' : 'http', { hostname, port: listen.port })}/readyz`;
  const answer = await ask(url);
  if (!answer.ok) throw new UnavailableError(`the hub is not ready: ${await answer.text()}`);
  await output.write(await answer.text());
  return 0;
};

async function ask(url: string): Promise<Response> {
  try {
    // This machine's own certificate is not its address's.
    return await fetch(url, { signal: AbortSignal.timeout(patience), tls: { rejectUnauthorized: false } });
  } catch (cause) {
    throw new UnavailableError(`the hub does not answer at ${url}: ${messageOf(cause)}`, { cause });
  }
}
