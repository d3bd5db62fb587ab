/** Whose request is being answered, for what is written down about it; it needs not be handed through everything in between. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Identity } from './auth/actors.ts';

export interface RequestContext {
  /** Unlike any other's. */
  readonly id: string;
  /** Of the client. */
  readonly address: string;
  /** Who it turned out to be; undefined: nobody, or not known yet. */
  readonly identity: Identity | undefined;
}

const storage = new AsyncLocalStorage<{ -readonly [Key in keyof RequestContext]: RequestContext[Key] }>();

export function answering<T>(request: { readonly id: string; readonly address: string }, work: () => T): T {
  return storage.run({ ...request, identity: undefined }, work);
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
