/**
 * The one reporter of what happens on the hub: a line in the log, a count in the metrics, and word to those who listen (what writes
 * activity, open pages). Secrets never come here.
 */
import type { LimitChanges } from './quotas/limits.ts';
import { Counter, Registry } from 'prom-client';
import type { Log } from '../lib/log.ts';
import { currentRequest, requestFacts } from './request-context.ts';

/** Which sessions of an account: the one that asked, another one, all others, those that came of one at the provider. */
type SignedOut = 'this' | 'one' | 'others' | 'provider';

export type HubEvent =
  | { readonly kind: 'account-created'; readonly account: string }
  | { readonly kind: 'account-updated'; readonly account: string }
  | { readonly kind: 'account-removed'; readonly account: string }
  | {
      readonly kind: 'account-administered';
      readonly account: string;
      readonly change:
        | 'promoted'
        | 'demoted'
        | 'switched_off'
        | 'switched_on'
        | 'second_factor_off'
        | 'signed_out';
    }
  | { readonly kind: 'signed-in'; readonly account: string; readonly address: string }
  | { readonly kind: 'signed-out'; readonly account: string; readonly sessions: SignedOut }
  | { readonly kind: 'sign-in-failed'; readonly account: string; readonly address: string }
  | {
      readonly kind: 'provider-sign-in-failed';
      /** What the page tells; `detail` is more, for the log only. */
      readonly failure: string;
      readonly detail: string;
      readonly address: string;
    }
  | { readonly kind: 'provider-sign-out-failed'; readonly detail: string; readonly address: string }
  | { readonly kind: 'identity-linked'; readonly account: string }
  | { readonly kind: 'identity-unlinked'; readonly account: string }
  /** The provider has more groups for the account than it tells. */
  | { readonly kind: 'groups-unread'; readonly account: string }
  /** Organizations and teams that groups are mapped to and that are not there. */
  | { readonly kind: 'groups-unmatched'; readonly account: string; readonly missing: readonly string[] }
  | { readonly kind: 'password-changed'; readonly account: string }
  | { readonly kind: 'password-reset-created'; readonly account: string }
  | {
      readonly kind: 'second-factor-changed';
      readonly account: string;
      readonly change: 'on' | 'off' | 'recovery_codes';
    }
  | {
      readonly kind: 'access-token-changed';
      /** Of a person or an organization. */
      readonly account: string;
      /** The token's id, never what it opens with. */
      readonly token: string;
      readonly label: string;
      readonly change: 'created' | 'updated' | 'deleted';
    }
  | {
      readonly kind: 'invitation-changed';
      readonly invitation: string;
      readonly change: 'created' | 'deleted';
    }
  | {
      readonly kind: 'organization-changed';
      readonly organization: string;
      readonly change: 'created' | 'updated' | 'deleted';
    }
  | {
      readonly kind: 'member-changed';
      readonly organization: string;
      readonly member: string;
      /** 'none' when it was taken away. */
      readonly role: string;
    }
  | {
      readonly kind: 'team-changed';
      readonly organization: string;
      readonly team: string;
      readonly change: 'created' | 'updated' | 'deleted';
    }
  | {
      readonly kind: 'team-member-changed';
      readonly organization: string;
      readonly team: string;
      readonly member: string;
      readonly isIn: boolean;
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
      /** The same account had pushed the same to the same tag: a client that lost the answer, perhaps. */
      readonly isRepeated: boolean;
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
  | { readonly kind: 'replication-changed'; readonly rule: string }
  | {
      readonly kind: 'replicated';
      readonly rule: string;
      readonly repository: string;
      readonly reference: string;
      /** '' when it was removed there. */
      readonly digest: string;
    }
  | {
      readonly kind: 'replication-failed';
      readonly rule: string;
      readonly repository: string;
      readonly reference: string;
      readonly reason: string;
    }
  /** By a retention policy. */
  | { readonly kind: 'tag-expired'; readonly repository: string; readonly reference: string }
  | { readonly kind: 'retention-changed'; readonly of: string }
  | {
      readonly kind: 'quota-changed';
      /** '' for that of new accounts. */
      readonly namespace: string;
      readonly limits: LimitChanges;
    }
  | {
      readonly kind: 'garbage-collected';
      readonly cause: string;
      readonly manifests: number;
      readonly blobs: number;
      readonly bytes: number;
    }
  | {
      readonly kind: 'webhook-changed';
      /** A namespace, or a repository's path. */
      readonly of: string;
      readonly name: string;
      /** `disabled` by the hub, after days without success. */
      readonly change: 'created' | 'updated' | 'deleted' | 'disabled';
      /** What was updated, by its name; addresses are secrets at times, and not told. */
      readonly fields?: readonly string[];
    }
  | { readonly kind: 'keys-rotated'; readonly key: string }
  | {
      readonly kind: 'upstream-manifest-fetched';
      /** With its registry: `docker.io/library/debian`. */
      readonly repository: string;
      readonly reference: string;
      readonly digest: string;
      readonly size: number;
    }
  | {
      readonly kind: 'upstream-blob-fetched';
      readonly repository: string;
      readonly digest: string;
      readonly size: number;
    }
  | {
      readonly kind: 'upstream-failed';
      readonly repository: string;
      readonly digest: string;
      readonly reason: string;
    }
  | {
      /** Upstream could not say whether the tag has moved. */
      readonly kind: 'upstream-stale';
      readonly repository: string;
      readonly reference: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'cache-shrunk';
      readonly manifests: number;
      readonly blobs: number;
      readonly bytes: number;
    }
  /** By an administrator: a repository, or a tag of one. */
  | { readonly kind: 'cache-forgotten'; readonly name: string }
  | {
      readonly kind: 'cache-pruned';
      readonly manifests: number;
      readonly blobs: number;
      readonly bytes: number;
    }
  | {
      readonly kind: 'access-refused';
      /** A repository's path or an address, as it was asked for: there may be none. */
      readonly object: string;
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
const warnings: ReadonlySet<HubEvent['kind']> = new Set([
  'sign-in-failed',
  'access-refused',
  'upstream-failed',
  'upstream-stale',
  'replication-failed',
  'provider-sign-in-failed',
  'provider-sign-out-failed',
  'groups-unread',
  'groups-unmatched',
] as const);

/** The request's id is in each of its lines by itself. */
function whoAsked(): { readonly by?: string } {
  const by = currentRequest()?.identity?.account.name;
  return by === undefined ? {} : { by };
}

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
    const { kind, ...facts } = { ...whoAsked(), ...requestFacts(), ...event };
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
