/** Which events are part of a repository's activity, for pages that follow it; what is kept of them is in the audit log. */
import type { Activity } from '../../hub-api/types.ts';
import type { HubEvent } from '../events.ts';

export type ActivityKind = Activity['kind'];

export interface NewActivity {
  readonly kind: ActivityKind;
  /** The repository's path when it happened. */
  readonly repository: string;
  readonly account: string;
  /** A tag, or a digest. */
  readonly reference?: string;
}

/** Undefined for what is none of a repository's activity. */
export function activityOf(event: HubEvent): NewActivity | undefined {
  switch (event.kind) {
    case 'repository-created':
      return by(event, 'created');
    case 'manifest-pushed':
      // By a digest come the parts of an index, which is then pushed by its tag.
      if (event.reference.includes(':')) return undefined;
      return { ...by(event, 'pushed'), reference: event.reference };
    case 'manifest-deleted':
      return { ...by(event, 'tag_deleted'), reference: event.reference };
    case 'tag-expired':
      return { ...by({ ...event, account: '' }, 'tag_deleted'), reference: event.reference };
    case 'tag-restored':
      return { ...by(event, 'tag_restored'), reference: event.reference };
    case 'repository-updated':
      return by(event, event.change);
    case 'right-changed':
      return by(event, 'right_changed');
    case 'repository-moved':
      return { ...by(event, 'moved'), repository: event.to };
    case 'repository-deleted':
      return by(event, 'deleted');
    case 'repository-restored':
      return by(event, 'restored');
    default:
      return undefined;
  }
}

function by(
  { repository, account }: { readonly repository: string; readonly account: string },
  kind: ActivityKind,
): NewActivity {
  return { kind, repository, account };
}
