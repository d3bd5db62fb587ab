/**
 * The one reporter of what happens on the hub: a line in the log, a count in the metrics, and word to those who listen (what writes
 * activity, open pages). Secrets never come here.
 */
import { Counter, Registry } from 'prom-client';
import type { Log } from '../lib/log.ts';

export type HubEvent =
  | { readonly kind: 'account-created'; readonly account: string }
  | { readonly kind: 'signed-in'; readonly account: string; readonly address: string }
  | { readonly kind: 'sign-in-failed'; readonly account: string; readonly address: string }
  | { readonly kind: 'password-changed'; readonly account: string }
  | { readonly kind: 'password-reset-created'; readonly account: string; readonly by: string }
  | { readonly kind: 'account-administered'; readonly account: string; readonly by: string }
  | { readonly kind: 'second-factor-changed'; readonly account: string; readonly isOn: boolean }
  | { readonly kind: 'access-token-created'; readonly account: string; readonly token: string }
  | { readonly kind: 'access-token-deleted'; readonly account: string; readonly token: string }
  | { readonly kind: 'organization-created'; readonly organization: string; readonly account: string }
  | { readonly kind: 'organization-deleted'; readonly organization: string; readonly account: string }
  | {
      readonly kind: 'member-changed';
      readonly organization: string;
      readonly member: string;
      /** Of the organization, or `team …`; 'none' when it was taken away. */
      readonly role: string;
      readonly account: string;
    }
  | {
      readonly kind: 'right-changed';
      readonly repository: string;
      /** A team or a collaborator. */
      readonly to: string;
      readonly permission: string;
      readonly account: string;
    }
  | { readonly kind: 'repository-created'; readonly repository: string; readonly account: string }
  | {
      readonly kind: 'repository-updated';
      readonly repository: string;
      readonly account: string;
      readonly change: 'settings_changed' | 'made_public' | 'made_private';
    }
  | { readonly kind: 'repository-deleted'; readonly repository: string; readonly account: string }
  | { readonly kind: 'repository-restored'; readonly repository: string; readonly account: string }
  | {
      readonly kind: 'repository-moved';
      readonly repository: string;
      readonly to: string;
      readonly account: string;
    }
  | {
      readonly kind: 'tag-restored';
      readonly repository: string;
      readonly account: string;
      readonly reference: string;
    }
  | {
      readonly kind: 'manifest-pushed';
      readonly repository: string;
      readonly account: string;
      readonly reference: string;
      readonly digest: string;
    }
  | {
      readonly kind: 'manifest-deleted';
      readonly repository: string;
      readonly account: string;
      readonly reference: string;
    }
  | {
      readonly kind: 'blob-pushed';
      readonly repository: string;
      readonly digest: string;
      readonly size: number;
    }
  | {
      readonly kind: 'blob-mounted';
      readonly repository: string;
      readonly digest: string;
      readonly from: string;
    }
  | {
      readonly kind: 'blob-deleted';
      readonly repository: string;
      readonly account: string;
      readonly digest: string;
    }
  /** By a retention policy. */
  | { readonly kind: 'tag-expired'; readonly repository: string; readonly reference: string }
  | { readonly kind: 'retention-changed'; readonly of: string; readonly account: string }
  | {
      readonly kind: 'quota-changed';
      /** '' for that of new accounts. */
      readonly namespace: string;
      /** Null: no limit. */
      readonly bytes: number | null;
      readonly account: string;
    }
  | {
      readonly kind: 'garbage-collected';
      readonly manifests: number;
      readonly blobs: number;
      readonly bytes: number;
    }
  | {
      readonly kind: 'access-refused';
      readonly repository: string;
      readonly reason: string;
      readonly action: string;
    }
  | {
      readonly kind: 'request-failed';
      readonly method: string;
      readonly path: string;
      readonly error: unknown;
    };

/** What an operator has to see who logs warnings only, as `cais up` does. */
const warnings: ReadonlySet<HubEvent['kind']> = new Set(['sign-in-failed', 'access-refused'] as const);

export class Events {
  readonly metrics = new Registry();
  readonly #log: Log;
  readonly #counter: Counter<'kind'>;
  readonly #pulls: Counter;
  readonly #listeners = new Set<(event: HubEvent) => void>();

  constructor(log: Log) {
    this.#log = log;
    this.#counter = new Counter({
      name: 'cais_hub_events_total',
      help: 'What happened on the hub, by kind.',
      labelNames: ['kind'],
      registers: [this.metrics],
    });
    this.#pulls = new Counter({
      name: 'cais_hub_pulls_total',
      help: 'Manifests sent to clients.',
      registers: [this.metrics],
    });
  }

  report(event: HubEvent): void {
    this.#counter.inc({ kind: event.kind });
    const { kind, ...facts } = event;
    if (event.kind === 'request-failed') this.#log.error({ ...facts, err: event.error }, kind);
    else if (warnings.has(kind)) this.#log.warn(facts, kind);
    else this.#log.info(facts, kind);
    for (const listener of this.#listeners) listener(event);
  }

  /** Calls the listener with every event, until disposed. It must neither throw nor take long: whoever reports waits for it. */
  listen(listener: (event: HubEvent) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Counted only: pulls are too many for a line each. */
  pulled(): void {
    this.#pulls.inc();
  }
}
