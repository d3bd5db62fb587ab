/** Two-factor authentication of one's own account: set up, confirm, turn off. */
import {
  beginSecondFactorSchema,
  begunSecondFactorSchema,
  recoveryCodesSchema,
  secondFactorCodeSchema,
  secondFactorSchema,
} from '../../hub-api/schemas/sessions.ts';
import {
  beginSecondFactor,
  requireSecondFactor,
  confirmSecondFactor,
  renewRecoveryCodes,
} from '../accounts/second-factor.ts';
import { checkPasswordOf } from '../accounts/change-password.ts';
import { requirePerson } from './call.ts';
import { route, type Route } from './route.ts';

const noStore = { headers: { 'Cache-Control': 'no-store' } };

const getSecondFactor = route({
  method: 'GET',
  path: '/v2/user/2fa',
  id: 'getSecondFactor',
  tag: 'Accounts',
  summary: 'Whether two-factor authentication is on.',
  auth: 'required',
  answers: { 200: secondFactorSchema },
  async handle({ secondFactors }, call) {
    const { isOn, recoveryCodesLeft } = await secondFactors.state(requirePerson(call).id);
    return Response.json({ enabled: isOn, recovery_codes_left: recoveryCodesLeft }, noStore);
  },
});

const begin = route({
  method: 'POST',
  path: '/v2/user/2fa',
  id: 'beginSecondFactor',
  tag: 'Accounts',
  summary: 'Get the secret for an authenticator app. It counts only once its first code is confirmed.',
  auth: 'required',
  body: beginSecondFactorSchema,
  answers: { 201: begunSecondFactorSchema },
  async handle(parts, call) {
    const account = requirePerson(call);
    await checkPasswordOf(parts, account, 'password', (await call.body()).password, call.address);
    const host = new URL(parts.originOf(call.request)).host;
    return Response.json(await beginSecondFactor(parts, account, host), { status: 201, ...noStore });
  },
});

const confirm = route({
  method: 'POST',
  path: '/v2/user/2fa/confirm',
  id: 'confirmSecondFactor',
  tag: 'Accounts',
  summary: 'Turn it on with the app’s first code. Every other session and every refresh token ends.',
  auth: 'required',
  body: secondFactorCodeSchema,
  answers: { 200: recoveryCodesSchema },
  async handle(parts, call) {
    const account = requirePerson(call);
    const { code } = await call.body();
    const codes = await confirmSecondFactor(parts, account, code, call.session?.id);
    return Response.json({ recovery_codes: codes }, noStore);
  },
});

const renew = route({
  method: 'POST',
  path: '/v2/user/2fa/recovery-codes',
  id: 'renewRecoveryCodes',
  tag: 'Accounts',
  summary: 'New recovery codes in place of the old ones.',
  auth: 'required',
  body: secondFactorCodeSchema,
  answers: { 200: recoveryCodesSchema },
  async handle(parts, call) {
    const account = requirePerson(call);
    const codes = await renewRecoveryCodes(parts, account, (await call.body()).code);
    return Response.json({ recovery_codes: codes }, noStore);
  },
});

const turnOff = route({
  method: 'DELETE',
  path: '/v2/user/2fa',
  id: 'deleteSecondFactor',
  tag: 'Accounts',
  summary: 'Turn two-factor authentication off, with a code of the app or a recovery code.',
  auth: 'required',
  body: secondFactorCodeSchema,
  answers: { 204: 'The password alone is enough.' },
  async handle(parts, call) {
    const account = requirePerson(call);
    await requireSecondFactor(parts, account, (await call.body()).code);
    await parts.changes.make(() => parts.secondFactors.turnOff(account.id), {
      kind: 'second-factor-changed',
      account: account.name,
      change: 'off',
    });
    return new Response(null, { status: 204 });
  },
});

export const secondFactorRoutes: readonly Route[] = [getSecondFactor, begin, confirm, renew, turnOff];
