/** Settings of what is kept of what happens, and of who is told. Part of config.ts. */
import { InvalidError } from '../lib/errors.ts';
import { readPeriod } from './access-config.ts';
import { Networks } from './limits/client-address.ts';

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

/** @throws InvalidError naming the flag or the variable that is wrong. */
export function readReportingConfig(
  flags: ReportingFlags,
  env: Readonly<Record<string, string | undefined>>,
): ReportingConfig {
  const keep = flags.auditKeep ?? (env['CAIS_HUB_AUDIT_KEEP'] || '365d');
  const allow = flags.webhookAllow?.join(',') || (env['CAIS_HUB_WEBHOOK_ALLOW'] ?? '');
  return {
    auditKeep: named('--audit-keep', 'CAIS_HUB_AUDIT_KEEP', keep, readKeep),
    webhookAllow: named('--webhook-allow', 'CAIS_HUB_WEBHOOK_ALLOW', allow, readNetworks),
  };
}

function readKeep(text: string): number | undefined {
  const period = readPeriod(text);
  return period === 'none' ? undefined : period;
}

function readNetworks(text: string): Networks {
  return new Networks(
    text
      .split(',')
      .map((each) => each.trim())
      .filter(Boolean),
  );
}

function named<T>(flag: string, variable: string, value: string, parse: (text: string) => T): T {
  try {
    return parse(value);
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error;
    throw new InvalidError(
      `invalid value ${JSON.stringify(value)} for ${flag} (${variable}): ${error.message}`,
      { cause: error },
    );
  }
}
