/** `cais login`: checks user and password with the registry, by way of the engine, and keeps them. Wrong ones are not kept. */
import type { AuthConfig } from '../../../engine-api/types.ts';
import { UnauthorizedError } from '../../../lib/errors.ts';
import { between, defineCommand } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import {
  type Credential,
  defaultServer,
  findCredential,
  serverKey,
  storeCredential,
} from '../../credentials.ts';
import { ExitError } from '../../exit-code.ts';
import { bool, string } from '../../flags.ts';
import { readAll, readLine, readSecret } from '../../prompt.ts';

interface LoginAnswer {
  readonly Status?: string;
  readonly IdentityToken?: string;
}

export const login = defineCommand({
  usage: '[OPTIONS] [SERVER]',
  long: 'Authenticate to a registry.\nDefaults to Docker Hub if no server is specified.',
  flags: {
    password: string('Password or Personal Access Token (PAT)', 'p'),
    'password-stdin': bool('Take the Password or Personal Access Token (PAT) from stdin'),
    username: string('Username', 'u'),
  },
  count: between(0, 1),
  run: async ({ context, flags, args: [server] }) => {
    const key = serverKey(server);
    const file = await context.configFile();
    const stored = flags.username === undefined ? await findCredential(file, key) : undefined;
    if (stored && stored.password + (stored.identitytoken ?? '') !== '') {
      if (await renew(context, key, stored)) return;
    }
    const typed = await askCredential(context, key, flags);
    await keep(context, key, await authenticate(context, key, typed));
  },
});

/** Checks what is stored already. @returns false where it isn't valid any more. */
async function renew(context: CliContext, key: string, stored: Credential): Promise<boolean> {
  await context.out.write(
    `Authenticating with existing credentials... [Username: ${stored.username}]\n\n` +
      " Info -> To login with a different account, run 'cais logout' followed by 'cais login'\n\n\n",
  );
  try {
    const { credential, status } = await authenticate(context, key, stored);
    if (credential !== stored) await storeCredential(await context.configFile(), key, credential);
    await context.out.write(`${status}\n`);
    return true;
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
    await context.err.write('Stored credentials invalid or expired\n');
    return false;
  }
}

interface LoginFlags {
  readonly password: string | undefined;
  readonly 'password-stdin': boolean;
  readonly username: string | undefined;
}

async function askCredential(context: CliContext, key: string, flags: LoginFlags): Promise<Credential> {
  if (flags['password-stdin']) return await fromStdin(context, flags);
  if (flags.password !== undefined) {
    await context.err.write('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n');
  }
  const isComplete = flags.username !== undefined && flags.password !== undefined;
  if (!isComplete && !context.input.isTerminal) {
    throw new ExitError(1, 'Error: Cannot perform an interactive login from a non TTY device');
  }
  const username = flags.username ?? (await askUsername(context, key));
  const password = flags.password ?? (await askPassword(context));
  return { username, password };
}

async function fromStdin(context: CliContext, flags: LoginFlags): Promise<Credential> {
  if (flags.password !== undefined) {
    throw new ExitError(1, 'conflicting options: cannot specify both --password and --password-stdin');
  }
  if (flags.username === undefined || flags.username === '') {
    throw new ExitError(1, 'the --password-stdin option requires --username to be set');
  }
  const password = (await readAll(context.input)).replace(/\r?\n$/, '');
  return { username: flags.username, password };
}

async function askUsername(context: CliContext, key: string): Promise<string> {
  if (key === defaultServer) {
    await context.out.write('Log in with your account on the hub. No account yet? Sign up on its page.\n');
  }
  await context.out.write('Username: ');
  const username = (await readLine(context.input)).trim();
  if (username === '') throw new ExitError(1, 'Error: Non-null Username Required');
  return username;
}

async function askPassword(context: CliContext): Promise<string> {
  const password = await readSecret(context.input, context.out, 'Password: ');
  if (password === '') throw new ExitError(1, 'Error: Password Required');
  return password;
}

interface Verified {
  readonly credential: Credential;
  readonly status: string;
}

async function authenticate(context: CliContext, key: string, credential: Credential): Promise<Verified> {
  const auth: AuthConfig & { identitytoken?: string } = { ...credential, serveraddress: key };
  const answer = await context.engine.post<LoginAnswer>('/auth', { json: auth });
  const { username } = credential;
  const token = answer.IdentityToken ?? '';
  return {
    credential: token === '' ? credential : { username, password: '', identitytoken: token },
    status: answer.Status ?? '',
  };
}

async function keep(context: CliContext, key: string, { credential, status }: Verified): Promise<void> {
  const file = await context.configFile();
  const helper = await storeCredential(file, key, credential);
  if (helper === undefined) {
    await context.err.write(
      `\nWARNING! Your credentials are stored unencrypted in '${file.path}'.\n` +
        'Configure a credential helper to remove this warning. See\n' +
        'https://docs.docker.com/go/credential-store/\n\n',
    );
  }
  if (status !== '') await context.out.write(`${status}\n`);
}
