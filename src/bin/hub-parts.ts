/** The hub's stores for a command of the shell, with its log kept quiet: works while the hub serves. */
import type { ServerFlags } from '../cli/context.ts';
import type { AccessFlags } from '../hub/access-config.ts';
import { type HubConfig, readHubConfig } from '../hub/config.ts';
import type { OidcFlags } from '../hub/oidc/oidc-config.ts';
import { type HubParts, openHubParts } from '../hub/parts.ts';
import type { TlsFlags } from '../hub/tls/tls-config.ts';
import { createLog } from '../lib/log.ts';
import { text, texts, truth } from './server-flags.ts';

/** The hub's settings out of a command's flags. @param listen the flag's name in this command. */
export function hubConfig(flags: ServerFlags, listen: 'listen' | 'hub-listen' = 'listen'): HubConfig {
  return readHubConfig({
    data: text(flags, 'data'),
    listen: text(flags, listen),
    publicUrl: text(flags, 'public-url'),
    database: text(flags, 'database'),
    databasePool: text(flags, 'database-pool'),
    blobs: text(flags, 'blobs'),
    upstream: {
      registries: texts(flags, 'upstream'),
      file: text(flags, 'upstream-file'),
      allow: texts(flags, 'upstream-allow'),
      deny: texts(flags, 'upstream-deny'),
      size: text(flags, 'upstream-size'),
      age: text(flags, 'upstream-age'),
      transfers: text(flags, 'upstream-transfers'),
      reach: texts(flags, 'upstream-reach'),
    },
    tls: tlsFlags(flags),
    access: accessFlags(flags),
    oidc: oidcFlags(flags),
    reporting: { auditKeep: text(flags, 'audit-keep'), webhookAllow: texts(flags, 'webhook-allow') },
    watching: {
      metricsListen: text(flags, 'metrics-listen'),
      slowQuery: text(flags, 'slow-query'),
      otlp: text(flags, 'otlp'),
    },
    gcGrace: text(flags, 'gc-grace'),
    gcInterval: text(flags, 'gc-interval'),
    drain: text(flags, 'drain'),
    retentionInterval: text(flags, 'retention-interval'),
  });
}

function tlsFlags(flags: ServerFlags): TlsFlags {
  return {
    cert: text(flags, 'tls-cert'),
    key: text(flags, 'tls-key'),
    acme: texts(flags, 'acme'),
    acmeEmail: text(flags, 'acme-email'),
    acmeDirectory: text(flags, 'acme-directory'),
    httpListen: text(flags, 'http-listen'),
  };
}

function accessFlags(flags: ServerFlags): AccessFlags {
  const offline = flags['offline-tokens'];
  return {
    signUp: text(flags, 'sign-up'),
    trustedProxies: texts(flags, 'trusted-proxy'),
    signUpLimit: text(flags, 'sign-up-limit'),
    tokenLimit: text(flags, 'token-limit'),
    pullLimit: text(flags, 'pull-limit'),
    offlineTokens: typeof offline === 'boolean' ? offline : undefined,
    keyRotation: text(flags, 'key-rotation'),
  };
}

function oidcFlags(flags: ServerFlags): OidcFlags {
  return {
    issuer: text(flags, 'oidc-issuer'),
    clientId: text(flags, 'oidc-client-id'),
    clientSecretFile: text(flags, 'oidc-client-secret-file'),
    scopes: text(flags, 'oidc-scopes'),
    name: text(flags, 'oidc-name'),
    groupsClaim: text(flags, 'oidc-groups-claim'),
    groupMap: texts(flags, 'oidc-group-map'),
    groupMapFile: text(flags, 'oidc-group-map-file'),
    signUp: text(flags, 'oidc-sign-up'),
    only: truth(flags, 'oidc-only'),
  };
}

/** @throws NotFoundError where there is no hub: a mistyped --data is no new one. */
export async function openQuietly(flags: ServerFlags): Promise<HubParts> {
  return await openHubParts(hubConfig(flags), createLog('hub', 'warn'), { mustExist: true });
}

/** For what may come before the hub's first start. */
export async function openOrMake(flags: ServerFlags): Promise<HubParts> {
  return await openHubParts(hubConfig(flags), createLog('hub', 'warn'));
}
