/** Whose request is being answered, for what is written down about it; it needs not be handed through everything in between. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Identity } from './auth/actors.ts';

export interface RequestContext {
  /** Unlike any other's. */
  readonly id: string;
  /** Of the client. */
  readonly address: string;
  /** The hub's own address as the client sees it, without a slash at its end. */
  readonly origin: string;
  /** Who it turned out to be; undefined: nobody, or not known yet. */
  readonly identity: Identity | undefined;
}

const storage = new AsyncLocalStorage<
  { -readonly [Key in keyof RequestContext]: RequestContext[Key] } | undefined
>();

export function answering<T>(request: Omit<RequestContext, 'identity'>, work: () => T): T {
  return storage.run({ ...request, identity: undefined }, work);
}

/** What the hub does by itself, although a request has begun it. */
export function byItself<T>(work: () => T): T {
  return storage.run(undefined, work);
}

/** Undefined where no request is answered: at the shell, and when the hub does something by itself. */
export function currentRequest(): RequestContext | undefined {
  return storage.getStore();
}

/** Somebody has proved who they are. */
export function identified(identity: Identity | undefined): void {
  const request = storage.getStore();
  if (request && identity) request.identity = identity;
}
