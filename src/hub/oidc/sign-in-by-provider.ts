/**
 * Signing in by the provider, step by step. Whose account it is follows from the identity alone: that somebody's e-mail address is
 * an account's opens nothing, its password does.
 */
import { ConflictError, DeniedError, InvalidError } from '../../lib/errors.ts';
import { parseAccountName } from '../accounts/account-name.ts';
import type { Account } from '../accounts/account-store.ts';
import { type SecondFactorParts, takeSecondFactor, wrongCodeText } from '../accounts/second-factor.ts';
import { type Credentials, provePassword, type SignInParts } from '../accounts/sign-in.ts';
import { FieldsError } from '../accounts/sign-up.ts';
import type { Changes } from '../changes.ts';
import type { HubEvent } from '../events.ts';
import { rightsOf } from './group-map.ts';
import type { GroupChange, GroupGrantStore } from './group-grant-store.ts';
import type { IdentityStore } from './identity-store.ts';
import { type ProvedIdentity, suggestedName } from './proved-identity.ts';
import type { Provider } from './provider.ts';
import { ProviderSignInError } from './provider-error.ts';
import type { AskedStep, ProvedStep, StepStore } from './step-store.ts';

export interface ProviderParts extends SignInParts, SecondFactorParts {
  readonly provider: Provider;
  readonly changes: Changes;
  readonly identities: IdentityStore;
  readonly steps: StepStore;
  readonly groupGrants: GroupGrantStore;
}

/** Why somebody is sent to the provider. */
export interface Purpose {
  /** Where they go on afterwards: a path on this origin. */
  readonly next: string;
  readonly invitation?: string | undefined;
  /** Of who is signed in, and has proved the password, and wants the identity linked to their account. */
  readonly accountId?: number | undefined;
}

export type Outcome =
  | { readonly kind: 'signed-in'; readonly account: Account; readonly sid: string }
  | { readonly kind: 'linked' }
  /** No account is theirs yet; the secret is for the step that finds one. */
  | { readonly kind: 'unknown'; readonly secret: string };

/** @returns where to send the browser, and the secret that it has to come back with. @throws ProviderSignInError */
export async function goToProvider(
  { provider, steps }: Pick<ProviderParts, 'provider' | 'steps'>,
  purpose: Purpose,
  redirectUri: string,
): Promise<{ readonly url: string; readonly secret: string }> {
  const { url, ...asked } = await provider.begin(redirectUri);
  return { url, secret: await steps.create({ kind: 'asked', ...purpose, ...asked }) };
}

/**
 * @param callback the address that the browser came back to.
 * @param signedIn the account that it is signed in to, if any.
 * @throws ProviderSignInError
 */
export async function comeBack(
  parts: ProviderParts,
  step: AskedStep,
  callback: URL,
  signedIn: number | undefined,
): Promise<Outcome> {
  const identity = await parts.provider.prove(callback, step);
  if (step.accountId !== undefined) {
    if (step.accountId !== signedIn)
      throw new ProviderSignInError('expired', 'the session has ended meanwhile');
    try {
      await linkTo(parts, identity, await activeAccount(parts, signedIn));
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      throw new ProviderSignInError('linked', error.message, { cause: error });
    }
    return { kind: 'linked' };
  }
  const account =
    (await linkedAccount(parts, identity)) ??
    (await signUpAtOnce(parts, identity, step)) ??
    // Another browser of theirs may have made it meanwhile.
    (await linkedAccount(parts, identity));
  if (!account) {
    const { next, invitation } = step;
    return {
      kind: 'unknown',
      secret: await parts.steps.create({ kind: 'proved', next, invitation, identity }),
    };
  }
  await syncGroups(parts, account, identity);
  return { kind: 'signed-in', account, sid: identity.sid };
}

/** Makes the account that they chose a name for. @throws FieldsError naming what is wrong, DeniedError */
export async function signUpByProvider(
  parts: ProviderParts,
  { identity, ...step }: ProvedStep,
  given: { readonly username: string; readonly invitation?: string | undefined },
): Promise<Account> {
  try {
    const invitation = given.invitation ?? step.invitation;
    const account = await create(parts, identity, given.username, invitation);
    await syncGroups(parts, account, identity);
    return account;
  } catch (error) {
    if (error instanceof InvalidError || error instanceof ConflictError)
      throw new FieldsError({ username: [error.message] });
    throw error;
  }
}

/** Links the identity to an account that they have, whose password they know. @throws FieldsError, UnauthorizedError, ConflictError */
export async function linkByPassword(
  parts: ProviderParts,
  { identity }: ProvedStep,
  credentials: Credentials & { readonly code?: string | undefined },
  address: string,
): Promise<Account> {
  const { account, needsSecondFactor } = await provePassword(parts, credentials, address);
  if (needsSecondFactor) {
    const { code } = credentials;
    if (code === undefined)
      throw new FieldsError({ code: ['this account has two-factor authentication: a code is needed'] });
    if (!(await takeSecondFactor(parts, account, code))) throw new FieldsError({ code: [wrongCodeText] });
  }
  await linkTo(parts, identity, account);
  return account;
}

/** What came by groups of the provider goes with it. @throws NotFoundError, ConflictError */
export async function unlink(parts: ProviderParts, account: Account): Promise<void> {
  const { config } = parts.provider;
  if (config.only || !(await parts.accounts.hasPassword(account.id))) {
    const way = config.only
      ? `${config.name} is the only way to sign in here`
      : 'the account has no password';
    throw new ConflictError(`cannot unlink: ${way}`);
  }
  await parts.changes.make(
    async () => {
      await parts.identities.unlink(account.id, config.issuer.href);
      await applyGroups(parts, account, []);
    },
    { kind: 'identity-unlinked', account: account.name },
  );
}

/** @throws ConflictError when it, or the account, is linked otherwise. */
async function linkTo(parts: ProviderParts, identity: ProvedIdentity, account: Account): Promise<void> {
  await parts.changes.make(
    async () => {
      await parts.identities.link(identity, account.id);
      await syncGroups(parts, account, identity);
    },
    { kind: 'identity-linked', account: account.name },
  );
}

/** Undefined when something has to be asked first: another name, or whether an account of the same address is theirs. */
async function signUpAtOnce(
  parts: ProviderParts,
  identity: ProvedIdentity,
  { invitation }: AskedStep,
): Promise<Account | undefined> {
  const { signUp } = parts.provider.config;
  const { name, isExact } = suggestedName(identity);
  const mayBeMade = signUp === 'auto' || (signUp === 'invite' && invitation !== undefined);
  if (!mayBeMade || !isExact || (await parts.accounts.findByEmail(identity.email))) return undefined;
  try {
    return await create(parts, identity, name, invitation);
  } catch (error) {
    if (error instanceof ConflictError || error instanceof DeniedError) return undefined;
    throw error;
  }
}

async function create(
  { provider, accounts, changes }: ProviderParts,
  identity: ProvedIdentity,
  username: string,
  invitation: string | undefined,
): Promise<Account> {
  const { signUp } = provider.config;
  if (signUp === 'never')
    throw new DeniedError('nobody gets an account here by signing in: ask the administrator');
  if (signUp === 'invite' && invitation === undefined)
    throw new DeniedError('signing up here needs an invitation: ask the administrator for one');
  const name = parseAccountName(username);
  return await changes.make(
    () =>
      accounts.create({
        name,
        email: identity.email,
        passwordHash: undefined,
        isAdmin: false,
        fullName: identity.fullName,
        identity,
        ...(signUp === 'invite' && { invitation }),
      }),
    { kind: 'account-created', account: name },
  );
}

async function linkedAccount(parts: ProviderParts, identity: ProvedIdentity): Promise<Account | undefined> {
  const accountId = await parts.identities.use(identity);
  return accountId === undefined ? undefined : await activeAccount(parts, accountId);
}

async function activeAccount({ accounts }: ProviderParts, id: number): Promise<Account> {
  const account = await accounts.find(id);
  if (account?.is_active === 1) return account;
  throw new ProviderSignInError('switched-off', `the account ${account?.name ?? id} is switched off`);
}

/** Where the provider says that there are too many to tell, what came from groups stays as it was. */
async function syncGroups(parts: ProviderParts, account: Account, { groups }: ProvedIdentity): Promise<void> {
  if (groups) await applyGroups(parts, account, groups);
  else parts.events.report({ kind: 'groups-unread', account: account.name });
}

async function applyGroups(
  { provider, groupGrants, changes, events }: ProviderParts,
  { id, name: account }: Account,
  groups: readonly string[],
): Promise<void> {
  const rights = rightsOf(provider.config.groupMap, groups);
  const { missing } = await changes.make(
    () => groupGrants.sync(id, rights),
    (synced) => synced.changes.map((change) => eventOf(change, account)),
  );
  if (missing.length > 0) events.report({ kind: 'groups-unmatched', account, missing });
}

function eventOf(change: GroupChange, member: string): HubEvent {
  switch (change.of) {
    case 'hub': {
      const { isAdministrator } = change;
      return {
        kind: 'account-administered',
        account: member,
        change: isAdministrator ? 'promoted' : 'demoted',
      };
    }
    case 'organization':
      return { kind: 'member-changed', organization: change.organization, member, role: change.role };
    default: {
      const { organization, team, isIn } = change;
      return { kind: 'team-member-changed', organization, team, member, isIn };
    }
  }
}
