/** Settings of what is kept of what happens, and of who is told. Part of config.ts. */
import { readPeriod } from './access-config.ts';
import { Networks } from './limits/client-address.ts';
import { settingReader } from './setting-reader.ts';

export interface ReportingFlags {
  readonly auditKeep?: string | undefined;
  readonly webhookAllow?: readonly string[] | undefined;
}

export interface ReportingConfig {
  /** In milliseconds; undefined: the audit log is never shortened. */
  readonly auditKeep: number | undefined;
  /** Private networks that webhooks may lead to. */
  readonly webhookAllow: Networks;
}

const usualKeep = 365 * 86_400_000;

/** @throws InvalidError naming the flag or the variable that is wrong. */
export function readReportingConfig(
  flags: ReportingFlags,
  env: Readonly<Record<string, string | undefined>>,
): ReportingConfig {
  const read = settingReader(env);
  const keep = read('--audit-keep', 'CAIS_HUB_AUDIT_KEEP', flags.auditKeep, readPeriod) ?? usualKeep;
  const allow = flags.webhookAllow?.join(',') || undefined;
  return {
    auditKeep: keep === 'none' ? undefined : keep,
    webhookAllow: read('--webhook-allow', 'CAIS_HUB_WEBHOOK_ALLOW', allow, readNetworks) ?? new Networks([]),
  };
}

function readNetworks(text: string): Networks {
  return new Networks(
    text
      .split(',')
      .map((each) => each.trim())
      .filter(Boolean),
  );
}
