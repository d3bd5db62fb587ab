/** `cais hub`: the verbs of who runs one. */
import { alias, group, server } from './command-entries.ts';

const fsck = server('Check images, rows and blobs', 'hub fsck');

export const hub = group('Manage the cais hub', {
  quota: group('Manage how much namespaces may hold', {
    default: server('Set the quota of new accounts', 'hub quota default'),
    ls: server('List the quotas', 'hub quota ls'),
    set: server('Set the quota of a namespace', 'hub quota set'),
  }),
  replication: group('Manage what is copied to other registries', {
    add: server('Make a rule', 'hub replication add'),
    ls: server('List the rules', 'hub replication ls'),
    rm: server('Remove a rule', 'hub replication rm'),
    run: server('Compare everything of a rule now', 'hub replication run'),
    status: server('Show what is not copied yet', 'hub replication status'),
  }),
  retention: group('Manage which tags are kept', {
    ls: server('List the retention policies', 'hub retention ls'),
    preview: server('Tell what would be removed', 'hub retention preview'),
    rm: server('Remove a retention policy', 'hub retention rm'),
    run: server('Remove what is not kept', 'hub retention run'),
    set: server('Set which tags are kept', 'hub retention set'),
  }),
  webhook: group('Manage who is told of what happens', {
    add: server('Make a webhook', 'hub webhook add'),
    deliveries: server('List what a webhook sent', 'hub webhook deliveries'),
    ls: server('List the webhooks', 'hub webhook ls'),
    redeliver: server('Send a delivery once more', 'hub webhook redeliver'),
    rm: server('Remove a webhook', 'hub webhook rm'),
    set: server('Change a webhook', 'hub webhook set'),
  }),
  cache: group('Manage what the hub keeps of images from other registries', {
    ls: server('List the repositories in the cache', 'hub cache ls'),
    prune: server('Remove what was not pulled for a time', 'hub cache prune'),
    rm: server('Remove repositories, or tags of them, from the cache', 'hub cache rm'),
  }),
  audit: server('Tell who did what on the hub', 'hub audit'),
  seed: server('Put the built-in images into the hub', 'hub seed'),
  migrate: server('Move the database from its SQLite file to PostgreSQL', 'hub migrate'),
  ready: server('Ask whether the hub can serve', 'hub ready'),
  backup: {
    ...group('Copy the hub into a directory of backups', {
      ls: server('List the backups of a directory', 'hub backup ls'),
      prune: server('Remove the oldest backups of a directory', 'hub backup prune'),
    }),
    own: server('Copy the hub into a directory of backups', 'hub backup'),
  },
  check: alias('fsck', fsck),
  export: server('Write repositories as an OCI image layout', 'hub export'),
  fsck,
  import: server('Push what is in an OCI image layout', 'hub import'),
  restore: server('Make a hub of a backup', 'hub restore'),
  gc: server('Remove what no image needs any more', 'hub gc'),
  keys: group('Manage the keys that sign registry tokens', {
    rotate: server('Sign with a new key', 'hub keys rotate'),
  }),
  serve: server('Serve the hub: registry, accounts, search and pages', 'hub serve'),
  user: group('Manage accounts of the hub', {
    add: server('Make an account', 'hub user add'),
    demote: server('Make an account an ordinary one', 'hub user demote'),
    'disable-2fa': server("Turn an account's two-factor authentication off", 'hub user disable-2fa'),
    invite: server('Make an invitation to sign up', 'hub user invite'),
    list: server('List the accounts', 'hub user list'),
    passwd: server("Change an account's password", 'hub user passwd'),
    promote: server('Make an account an administrator', 'hub user promote'),
    rm: server('Remove an account', 'hub user rm'),
    'sign-out': server('End the sessions of an account', 'hub user sign-out'),
  }),
});
