/** How the hub was set up, as whoever started it would write it. Set by flags and the environment: not changed while it serves. */
import type { HubConfig } from '../config.ts';
import type { TlsConfig } from '../tls/tls-config.ts';
import type { Rate } from '../limits/window-counter.ts';

export interface Setting {
  readonly flag: string;
  readonly variable: string;
  /** '' where nothing is set. */
  readonly value: string;
}

export function settingsOf(config: HubConfig): readonly Setting[] {
  const { access, reporting, garbage, drain, retentionInterval, publicUrl, listen, directory, oidc } = config;
  const { limits } = access;
  return [
    { flag: '--sign-up', variable: 'CAIS_HUB_SIGN_UP', value: access.signUp },
    { flag: '--public-url', variable: 'CAIS_HUB_PUBLIC_URL', value: publicUrl ?? '' },
    { flag: '--listen', variable: 'CAIS_HUB_LISTEN', value: `${listen.hostname}:${listen.port}` },
    { flag: '--tls-cert', variable: 'CAIS_HUB_TLS_CERT', value: certificateOf(config.tls) },
    { flag: '--acme', variable: 'CAIS_HUB_ACME', value: acmeNamesOf(config.tls) },
    { flag: '--data', variable: 'CAIS_DATA', value: directory.replace(/\/hub$/, '') },
    { flag: '--sign-up-limit', variable: 'CAIS_HUB_SIGN_UP_LIMIT', value: rate(limits.signUp) },
    { flag: '--token-limit', variable: 'CAIS_HUB_TOKEN_LIMIT', value: rate(limits.token) },
    { flag: '--pull-limit', variable: 'CAIS_HUB_PULL_LIMIT', value: rate(limits.anonymousPull) },
    { flag: '--offline-tokens', variable: 'CAIS_HUB_OFFLINE_TOKENS', value: String(access.offlineTokens) },
    {
      flag: '--key-rotation',
      variable: 'CAIS_HUB_KEY_ROTATION',
      value: access.keyRotation === undefined ? 'none' : period(access.keyRotation),
    },
    {
      flag: '--audit-keep',
      variable: 'CAIS_HUB_AUDIT_KEEP',
      value: reporting.auditKeep === undefined ? 'none' : period(reporting.auditKeep),
    },
    { flag: '--webhook-allow', variable: 'CAIS_HUB_WEBHOOK_ALLOW', value: reporting.webhookAllow.toString() },
    { flag: '--gc-grace', variable: 'CAIS_HUB_GC_GRACE', value: period(garbage.grace) },
    {
      flag: '--gc-interval',
      variable: 'CAIS_HUB_GC_INTERVAL',
      value: pause(garbage.interval),
    },
    {
      flag: '--retention-interval',
      variable: 'CAIS_HUB_RETENTION_INTERVAL',
      value: pause(retentionInterval),
    },
    {
      flag: '--drain',
      variable: 'CAIS_HUB_DRAIN',
      value: pause(drain.listening),
    },
    { flag: '--oidc-issuer', variable: 'CAIS_HUB_OIDC_ISSUER', value: oidc?.issuer.href ?? '' },
    { flag: '--oidc-sign-up', variable: 'CAIS_HUB_OIDC_SIGN_UP', value: oidc?.signUp ?? '' },
    { flag: '--oidc-only', variable: 'CAIS_HUB_OIDC_ONLY', value: String(oidc?.only ?? false) },
  ];
}

function certificateOf(tls: TlsConfig | undefined): string {
  return tls && 'files' in tls.source ? tls.source.files.cert : '';
}

function acmeNamesOf(tls: TlsConfig | undefined): string {
  return tls && 'acme' in tls.source ? tls.source.acme.names.join(',') : '';
}

function rate(limit: Rate | undefined): string {
  return limit ? `${limit.max}/${period(limit.window)}` : 'none';
}

/** 0: never. */
function pause(interval: number): string {
  return interval === 0 ? '0' : period(interval);
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const;

function period(milliseconds: number): string {
  const [unit, size] = units.find(([, each]) => milliseconds >= each && milliseconds % each === 0) ?? [
    's',
    1000,
  ];
  return `${milliseconds / size}${unit}`;
}
