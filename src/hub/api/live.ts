/** Streams of server-sent events for pages that are open. What is told is little: the page reads again what it shows. */
import { networkOf } from '../limits/client-address.ts';
import type { LiveStream } from '../live/live-stream.ts';
import { authorize } from './access.ts';
import { type Caller, callerOf, requireAccount } from './call.ts';
import type { ApiParts } from './parts.ts';
import { below, repositoryParams } from './repository-address.ts';
import { route, type Route } from './route.ts';

const events =
  'A stream of server-sent events. `changed`: read again what you show. `pushed`: a LivePush. `progress`: a LiveProgress, at ' +
  'most five times a second. It ends when the right to see it does, after ten minutes, and with the hub: connect again.';

const followRepository = route({
  method: 'GET',
  ...below('/live'),
  id: 'followRepository',
  tag: 'Repositories',
  summary: 'Follow what happens to the repository, and how far a push has come.',
  auth: 'optional',
  params: repositoryParams,
  answers: { 200: events },
  async handle(parts, call) {
    const { path, repository } = await authorize(parts, call, 'pull');
    return streamOf(call, () =>
      parts.liveFeeds.followRepository(path.path, repository.id, {
        key: keyOf(call),
        isAllowed: () =>
          stillAllowed(parts, call, async (caller) => {
            const now = await authorize(parts, { ...call, ...caller }, 'pull');
            return now.repository.id === repository.id;
          }),
      }),
    );
  },
});

const followOwn = route({
  method: 'GET',
  path: '/v2/user/live',
  id: 'followOwn',
  tag: 'Accounts',
  summary: 'Follow what one does oneself, and what happens to one’s repositories.',
  auth: 'required',
  answers: { 200: events },
  async handle(parts, call) {
    const { name } = requireAccount(call);
    return streamOf(call, () =>
      parts.liveFeeds.followAccount(name, {
        key: keyOf(call),
        isAllowed: () => stillAllowed(parts, call, async () => true),
      }),
    );
  },
});

export const liveRoutes: readonly Route[] = [followRepository, followOwn];

/** HEAD follows nothing. */
function streamOf({ request }: Caller, open: () => LiveStream): Response {
  const headers = {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-store',
    // For proxies that would collect what is to arrive at once.
    'X-Accel-Buffering': 'no',
  };
  if (request.method === 'HEAD') return new Response(null, { headers });
  const stream = open();
  request.signal.addEventListener('abort', () => stream.end());
  return new Response(stream.body, { headers });
}

function keyOf({ account, address }: Caller): string {
  return account ? `account ${account.id}` : `address ${networkOf(address)}`;
}

/** Whoever it was has to be who it is: a session that ended follows nothing, not even as nobody. */
async function stillAllowed(
  parts: ApiParts,
  { request, account }: Caller,
  check: (caller: Awaited<ReturnType<typeof callerOf>>) => Promise<boolean>,
): Promise<boolean> {
  try {
    const caller = await callerOf(parts, request);
    return caller.account?.id === account?.id && (await check(caller));
  } catch {
    return false;
  }
}
