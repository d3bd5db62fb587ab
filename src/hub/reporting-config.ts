/** Settings of what is kept of what happens, and of who is told. Part of config.ts. */
import { InvalidError } from '../lib/errors.ts';
import { readPeriod } from './access-config.ts';

export interface ReportingFlags {
  readonly auditKeep?: string | undefined;
}

export interface ReportingConfig {
  /** In milliseconds; undefined: the audit log is never shortened. */
  readonly auditKeep: number | undefined;
}

/** @throws InvalidError naming the flag or the variable that is wrong. */
export function readReportingConfig(
  flags: ReportingFlags,
  env: Readonly<Record<string, string | undefined>>,
): ReportingConfig {
  const keep = flags.auditKeep ?? (env['CAIS_HUB_AUDIT_KEEP'] || '365d');
  return { auditKeep: named('--audit-keep', 'CAIS_HUB_AUDIT_KEEP', keep, readKeep) };
}

function readKeep(text: string): number | undefined {
  const period = readPeriod(text);
  return period === 'none' ? undefined : period;
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
