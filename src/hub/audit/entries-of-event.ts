/** What the audit log has of each event; nothing of those that change nothing. */
import type { HubEvent } from '../events.ts';
import type { AuditAction } from './actions.ts';
import type { AuditData, NewEntry } from './add-entries.ts';

export function entriesOf(event: HubEvent): readonly NewEntry[] {
  switch (event.kind) {
    case 'account-created':
      return ofAccount(event, 'account.create');
    case 'account-updated':
      return ofAccount(event, 'account.update');
    case 'account-removed':
      return ofAccount(event, 'account.remove');
    case 'account-administered':
      return ofAccount(event, 'account.administer', { change: event.change });
    case 'signed-in':
      return ofAccount(event, 'account.sign_in');
    case 'signed-out':
      return ofAccount(event, 'account.sign_out', { sessions: event.sessions });
    case 'password-changed':
      return ofAccount(event, 'account.password.change');
    case 'password-reset-created':
      return ofAccount(event, 'account.password.reset');
    case 'second-factor-changed':
      return ofAccount(event, 'account.second_factor.change', { change: event.change });
    case 'identity-linked':
      return ofAccount(event, 'account.identity.link');
    case 'identity-unlinked':
      return ofAccount(event, 'account.identity.unlink');
    case 'access-token-changed': {
      const data = { access_token_id: event.token, access_token_label: event.label };
      return ofAccount(event, `account.access_token.${verbs[event.change]}`, data);
    }
    case 'organization-changed': {
      const { organization, change } = event;
      return inOrganization(
        organization,
        change === 'updated' ? 'org.settings.update' : `org.${verbs[change]}`,
      );
    }
    case 'member-changed': {
      const { organization, member, role } = event;
      return role === 'none'
        ? inOrganization(organization, 'org.member.remove', { member })
        : inOrganization(organization, 'org.member.change', { member, role });
    }
    case 'team-changed':
      return inOrganization(event.organization, `org.team.${verbs[event.change]}`, { team: event.team });
    case 'team-member-changed': {
      const { organization, team, member, isIn } = event;
      return inOrganization(organization, isIn ? 'org.team.member.add' : 'org.team.member.remove', {
        team,
        member,
      });
    }
    case 'invitation-changed':
      return ofHub(`hub.invitation.${verbs[event.change]}`, { invitation: event.invitation });
    case 'quota-changed': {
      const { namespace, limits } = event;
      const given = Object.entries(limits).filter(([, limit]) => limit !== undefined);
      const data = Object.fromEntries(given.map(([name, limit]) => [`max_${name}`, String(limit ?? 'none')]));
      return [{ action: 'hub.quota.change', account: namespace, name: namespace, data }];
    }
    case 'replication-changed':
      return ofHub('hub.replication.change', { rule: event.rule });
    case 'keys-rotated':
      return ofHub('hub.keys.rotate', { key: event.key });
    case 'cache-forgotten':
      return ofHub('hub.cache.remove', { image: event.name });
    case 'cache-pruned':
      return ofHub('hub.cache.prune', removedBy(event));
    case 'garbage-collected':
      return ofHub('hub.garbage.collect', { cause: event.cause, ...removedBy(event) });
    default:
      return ofRepositoryEvent(event);
  }
}

function removedBy(removal: Readonly<Record<'manifests' | 'blobs' | 'bytes', number>>): AuditData {
  const { manifests, blobs, bytes } = removal;
  return { manifests: `${manifests}`, blobs: `${blobs}`, bytes: `${bytes}` };
}

const verbs = { created: 'create', updated: 'update', deleted: 'delete' } as const;

function ofRepositoryEvent(event: HubEvent): readonly NewEntry[] {
  switch (event.kind) {
    case 'repository-created':
      return ofRepository(event, 'repo.create');
    case 'repository-updated':
      if (event.change === 'settings_changed') return ofRepository(event, 'repo.update');
      return ofRepository(event, 'repo.change_privacy', {
        privacy: event.change === 'made_public' ? 'public' : 'private',
      });
    case 'repository-deleted':
      return ofRepository(event, 'repo.delete');
    case 'repository-restored':
      return ofRepository(event, 'repo.restore');
    case 'repository-moved':
      return moved(event.repository, event.to);
    case 'right-changed':
      return ofRepository(event, 'repo.right.change', { to: event.to, permission: event.permission });
    case 'manifest-pushed': {
      const { reference, digest } = event;
      if (event.isRepeated) return [];
      return isDigest(reference)
        ? ofRepository(event, 'repo.manifest.push', { digest })
        : ofRepository(event, 'repo.tag.push', { tag: reference, digest });
    }
    case 'manifest-deleted': {
      const { reference } = event;
      return isDigest(reference)
        ? ofRepository(event, 'repo.manifest.delete', { digest: reference })
        : ofRepository(event, 'repo.tag.delete', { tag: reference });
    }
    case 'tag-expired':
      return ofRepository(event, 'repo.tag.delete', { tag: event.reference, by: 'retention' });
    case 'webhook-changed': {
      const { name, change, fields } = event;
      const data = { webhook: name, change, ...(fields && { fields: fields.join(', ') }) };
      if (event.of.includes('/')) return ofRepository({ repository: event.of }, 'repo.webhook.change', data);
      return ofAccount({ account: event.of }, 'account.webhook.change', data);
    }
    case 'retention-changed': {
      if (event.of.includes('/')) return ofRepository({ repository: event.of }, 'repo.retention.change');
      return ofAccount({ account: event.of }, 'account.retention.change');
    }
    case 'tag-restored':
      return ofRepository(event, 'repo.tag.restore', { tag: event.reference });
    case 'blob-deleted':
      return ofRepository(event, 'repo.blob.delete', { digest: event.digest });
    default:
      // Layers that arrive are nobody's to see before a manifest names them; refusals are written by refusals.ts.
      return [];
  }
}

function ofAccount(
  { account }: { readonly account: string },
  action: AuditAction,
  data?: AuditData,
): NewEntry[] {
  return [{ action, account, name: account, ...(data && { data }) }];
}

function inOrganization(organization: string, action: AuditAction, data?: AuditData): NewEntry[] {
  return [{ action, account: organization, name: organization, ...(data && { data }) }];
}

function ofHub(action: AuditAction, data: AuditData): NewEntry[] {
  return [{ action, account: '', name: '', data }];
}

function ofRepository(
  { repository }: { readonly repository: string },
  action: AuditAction,
  data?: AuditData,
): NewEntry[] {
  return [{ action, account: namespaceOf(repository), name: repository, repository, ...(data && { data }) }];
}

/** Those who had it see where it went, and those who have it where it came from. */
function moved(from: string, to: string): NewEntry[] {
  const action = 'repo.move';
  const arrival: NewEntry = { action, account: namespaceOf(to), name: to, repository: to, data: { from } };
  if (namespaceOf(from) === namespaceOf(to)) return [arrival];
  return [{ action, account: namespaceOf(from), name: from, data: { to } }, arrival];
}

export function namespaceOf(repository: string): string {
  return repository.slice(0, Math.max(repository.indexOf('/'), 0));
}

/** A tag has no colon. */
function isDigest(reference: string): boolean {
  return reference.includes(':');
}
