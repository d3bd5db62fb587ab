/** `cais hub audit`: the audit log from the shell of the hub's machine, also while the hub serves. */
import type { ServerCommand } from '../cli/context.ts';
import { parseInstant } from '../cli/instant.ts';
import { exportAudit } from '../hub/audit/export-audit.ts';
import { InvalidError } from '../lib/errors.ts';
import { openQuietly } from './hub-parts.ts';
import { text } from './server-flags.ts';

export const hubAudit: ServerCommand = async (flags, _input, output) => {
  const format = text(flags, 'format') ?? 'json';
  if (format !== 'json' && format !== 'csv') throw new InvalidError('--format is csv or json');
  const filter = {
    action: text(flags, 'action'),
    name: text(flags, 'name'),
    actor: text(flags, 'actor'),
    token: text(flags, 'token'),
    address: text(flags, 'address'),
    outcome: outcomeIn(text(flags, 'outcome')),
    from: instant(text(flags, 'since'), '--since'),
    to: instant(text(flags, 'until'), '--until'),
  };
  const account = text(flags, 'account');
  await using parts = await openQuietly(flags);
  for await (const part of exportAudit(
    parts.audit,
    account === undefined ? {} : { account },
    filter,
    format,
  )) {
    await output.write(part);
  }
  return 0;
};

function outcomeIn(given: string | undefined): 'done' | 'refused' | undefined {
  if (given === undefined || given === 'done' || given === 'refused') return given;
  throw new InvalidError('--outcome is done or refused');
}

/** In milliseconds since 1970. */
function instant(given: string | undefined, flag: string): number | undefined {
  return given === undefined ? undefined : Math.floor(Number(parseInstant(given, flag)) * 1000);
}
