/** Who does what is written down: the account behind the request, or the hub and its shell themselves. */
import { currentRequest } from '../request-context.ts';

export interface Actor {
  /** An account, or a word in parentheses, which no account can be called. */
  readonly name: string;
  readonly accountId?: number;
  /** The label of the access token that spoke for the account. */
  readonly token?: string;
  /** Of the client. */
  readonly address?: string;
  readonly requestId?: string;
}

/** By the clock, without anybody who asked. */
export const hubItself: Actor = { name: '(hub)' };
/** Somebody at the shell of the hub's machine. */
export const shell: Actor = { name: '(shell)' };

/** Undefined where no request is answered. */
export function currentActor(): Actor | undefined {
  const request = currentRequest();
  if (!request) return undefined;
  const { id: requestId, address, identity } = request;
  if (!identity) return { name: '(anonymous)', address, requestId };
  const { account, accessToken } = identity;
  return {
    name: account.name,
    accountId: account.id,
    ...(accessToken && { token: accessToken.label }),
    address,
    requestId,
  };
}
