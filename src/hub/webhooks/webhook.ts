/** A webhook: who is told of which events of a repository or a namespace, and in which words. */
import type { HubEvent } from '../events.ts';

type WebhookEvent = 'push' | 'delete' | 'restore' | 'repository';

/** `docker` is Docker Hub's payload, which knows pushes only; `cloudevents` has all of them. */
export type WebhookFormat = 'docker' | 'cloudevents';

export interface Webhook {
  readonly id: number;
  readonly uuid: string;
  readonly namespace: string;
  /** Null: all of the namespace. */
  readonly repository_id: number | null;
  readonly name: string;
  readonly url: string;
  readonly format: WebhookFormat;
  /** With commas between them. */
  readonly events: string;
  readonly is_active: number;
  readonly failing_since: number | null;
  readonly disabled_at: number | null;
  readonly created_at: number;
}

/** What a receiver is told of an event. */
export interface Told {
  readonly event: WebhookEvent | 'ping';
  /** Of the repository. */
  readonly path: string;
  /** What was done, more closely. */
  readonly action: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** Undefined: nobody outside is told of it. */
export function toldOf(event: HubEvent): Told | undefined {
  switch (event.kind) {
    case 'manifest-pushed': {
      // By a digest come the parts of an index, which is then pushed by its tag.
      if (event.reference.includes(':')) return undefined;
      const { repository, reference, digest } = event;
      return { event: 'push', path: repository, action: 'pushed', tag: reference, digest };
    }
    case 'manifest-deleted':
    case 'tag-expired': {
      const { repository, reference } = event;
      const what = reference.includes(':') ? { digest: reference } : { tag: reference };
      return { event: 'delete', path: repository, action: 'deleted', ...what };
    }
    case 'tag-restored':
      return { event: 'restore', path: event.repository, action: 'restored', tag: event.reference };
    case 'repository-created':
      return { event: 'repository', path: event.repository, action: 'created' };
    case 'repository-updated':
      return { event: 'repository', path: event.repository, action: event.change };
    case 'repository-moved':
      return { event: 'repository', path: event.to, action: 'moved' };
    case 'repository-deleted':
      return { event: 'repository', path: event.repository, action: 'deleted' };
    case 'repository-restored':
      return { event: 'repository', path: event.repository, action: 'restored' };
    default:
      return undefined;
  }
}
