/** What the audit log knows, by Docker Hub's names where it has them: a group, a dot, what was done. */

/** For each group its label and its actions. */
export const auditActions = {
  repo: {
    label: 'Repository',
    actions: {
      create: 'Repository created',
      update: 'Repository updated',
      delete: 'Repository deleted',
      restore: 'Repository restored',
      move: 'Repository moved',
      change_privacy: 'Privacy changed',
      'retention.change': 'Retention changed',
      'right.change': 'Right changed',
      'webhook.change': 'Webhook changed',
      'tag.push': 'Tag pushed',
      'tag.delete': 'Tag deleted',
      'tag.restore': 'Tag restored',
      'manifest.push': 'Manifest pushed',
      'manifest.delete': 'Manifest deleted',
      'blob.delete': 'Blob deleted',
    },
  },
  org: {
    label: 'Organization',
    actions: {
      create: 'Organization created',
      'settings.update': 'Organization settings updated',
      delete: 'Organization deleted',
      'member.change': 'Member added, or given another role',
      'member.remove': 'Member removed',
      'team.create': 'Team created',
      'team.update': 'Team updated',
      'team.delete': 'Team deleted',
      'team.member.add': 'Team member added',
      'team.member.remove': 'Team member removed',
    },
  },
  account: {
    label: 'Account',
    actions: {
      create: 'Account created',
      update: 'Account updated',
      administer: 'Account administered',
      remove: 'Account removed',
      'webhook.change': 'Webhook changed',
      sign_in: 'Signed in',
      sign_out: 'Signed out',
      'password.change': 'Password changed',
      'password.reset': 'Password reset created',
      'retention.change': 'Retention changed',
      'second_factor.change': 'Second factor changed',
      'identity.link': 'Identity linked',
      'identity.unlink': 'Identity unlinked',
      'access_token.create': 'Access token created',
      'access_token.update': 'Access token updated',
      'access_token.delete': 'Access token deleted',
    },
  },
  hub: {
    label: 'Hub',
    actions: {
      'cache.prune': 'Cache pruned',
      'cache.remove': 'Removed from the cache',
      'garbage.collect': 'Garbage collected',
      'keys.rotate': 'Signing keys rotated',
      'quota.change': 'Quota changed',
      'replication.change': 'Replication changed',
      'invitation.create': 'Invitation created',
      'invitation.delete': 'Invitation deleted',
    },
  },
  access: {
    label: 'Access',
    actions: {
      'sign_in.fail': 'Sign-in failed',
      refuse: 'Access refused',
      unlisted: 'Refusals that were not listed one by one',
    },
  },
} as const;

type Groups = typeof auditActions;

export type AuditAction = {
  [Group in keyof Groups]: `${Group}.${keyof Groups[Group]['actions'] & string}`;
}[keyof Groups];
