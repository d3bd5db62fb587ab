/** `cais hub user …`: accounts from the shell of the hub's machine. */
import type { Input, ServerCommand, ServerFlags } from '../cli/context.ts';
import type { Output } from '../cli/output.ts';
import { readAll, readSecret } from '../cli/prompt.ts';
import { alignTabs } from '../cli/table.ts';
import * as administer from '../hub/accounts/administer.ts';
import type { HubParts } from '../hub/parts.ts';
import { InvalidError } from '../lib/errors.ts';
import { openOrMake, openQuietly } from './hub-parts.ts';
import { text } from './server-flags.ts';

export const addUser: ServerCommand = async (flags, input, output) => {
  const [username = ''] = flags.args;
  const email = text(flags, 'email') ?? '';
  const password = await askPassword(flags['password-stdin'] === true, input, output);
  await using parts = await openOrMake(flags);
  const account = await administer.addUser(parts, {
    username,
    email,
    password,
    isAdmin: flags['admin'] === true,
  });
  await output.write(`${account.name}\n`);
  return 0;
};

export const listUsers: ServerCommand = async (flags, _input, output) => {
  await using parts = await openQuietly(flags);
  const accounts = await administer.listUsers(parts.accounts);
  const rows = accounts.map(
    ({ name, email, is_admin: isAdmin, has_second_factor: hasSecondFactor }) =>
      `${name}\t${email}\t${yesNo(isAdmin)}\t${yesNo(hasSecondFactor)}\n`,
  );
  await output.write(alignTabs(`NAME\tEMAIL\tADMINISTRATOR\tTWO-FACTOR\n${rows.join('')}`));
  return 0;
};

export const changePassword: ServerCommand = async (flags, input, output) => {
  const [username = ''] = flags.args;
  const password = await askPassword(flags['password-stdin'] === true, input, output);
  await using parts = await openQuietly(flags);
  await administer.setPassword(parts, username, password);
  return 0;
};

export const removeUser: ServerCommand = async (flags, _input, output) => {
  const [username = ''] = flags.args;
  await using parts = await openQuietly(flags);
  await administer.removeUser(parts, username);
  await output.write(`${username}\n`);
  return 0;
};

export const promote: ServerCommand = (flags) =>
  repair(flags, (parts, name) => administer.setAdministrator(parts, name, true));

export const demote: ServerCommand = (flags) =>
  repair(flags, (parts, name) => administer.setAdministrator(parts, name, false));

export const turnOffSecondFactor: ServerCommand = (flags) => repair(flags, administer.turnOffSecondFactor);

export const signOut: ServerCommand = (flags) => repair(flags, administer.signOut);

export const invite: ServerCommand = async (flags, _input, output) => {
  await using parts = await openOrMake(flags);
  await output.write(`${await administer.invite(parts, text(flags, 'email'))}\n`);
  return 0;
};

/** What is done to the one account that is named. */
async function repair(
  flags: ServerFlags,
  work: (parts: HubParts, name: string) => Promise<void>,
): Promise<number> {
  const [username = ''] = flags.args;
  await using parts = await openQuietly(flags);
  await work(parts, username);
  return 0;
}

function yesNo(truth: number): string {
  return truth === 1 ? 'yes' : 'no';
}

async function askPassword(fromStdin: boolean, input: Input, output: Output): Promise<string> {
  if (fromStdin) return (await readAll(input)).replace(/\r?\n$/, '');
  if (!input.isTerminal) throw new InvalidError('no terminal to ask for the password: use --password-stdin');
  return await readSecret(input, output, 'Password: ');
}
