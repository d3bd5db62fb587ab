/** The server commands, each loaded only when it is typed. */
import type { ServerCommands } from '../cli/context.ts';

export const servers: ServerCommands = {
  up: async () => (await import('./up.ts')).up,
  'engine serve': async () => (await import('./engine-serve.ts')).engineServe,
  'hub serve': async () => (await import('./hub-serve.ts')).hubServe,
  'hub seed': async () => (await import('./hub-seed.ts')).hubSeed,
  'hub migrate': async () => (await import('./hub-migrate.ts')).hubMigrate,
  'hub check': async () => (await import('./hub-check.ts')).hubCheck,
  'hub audit': async () => (await import('./hub-audit.ts')).hubAudit,
  'hub gc': async () => (await import('./hub-gc.ts')).hubGc,
  'hub keys rotate': async () => (await import('./hub-keys.ts')).rotateKeys,
  'hub quota default': async () => (await import('./hub-quota.ts')).setDefaultQuota,
  'hub quota ls': async () => (await import('./hub-quota.ts')).listQuotas,
  'hub quota set': async () => (await import('./hub-quota.ts')).setQuota,
  'hub retention ls': async () => (await import('./hub-retention.ts')).listRetention,
  'hub retention preview': async () => (await import('./hub-retention.ts')).showRetention,
  'hub retention run': async () => (await import('./hub-retention.ts')).applyRetention,
  'hub user add': async () => (await import('./hub-user.ts')).addUser,
  'hub user list': async () => (await import('./hub-user.ts')).listUsers,
  'hub user passwd': async () => (await import('./hub-user.ts')).changePassword,
  'hub user rm': async () => (await import('./hub-user.ts')).removeUser,
  'hub user promote': async () => (await import('./hub-user.ts')).promote,
  'hub user demote': async () => (await import('./hub-user.ts')).demote,
  'hub user disable-2fa': async () => (await import('./hub-user.ts')).turnOffSecondFactor,
  'hub user sign-out': async () => (await import('./hub-user.ts')).signOut,
  'hub user invite': async () => (await import('./hub-user.ts')).invite,
};
