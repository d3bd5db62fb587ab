/** Invitations to sign up: an administrator's to give and to take back. */
import { z } from 'zod';
import {
  createdInvitationSchema,
  createInvitationSchema,
  invitationListSchema,
} from '../../hub-api/schemas/users.ts';
import { InvalidError } from '../../lib/errors.ts';
import { checkEmail, FieldsError } from '../accounts/sign-up.ts';
import { requireAdministrator } from './call.ts';
import { presentInvitation } from './present-account.ts';
import { route, type Route } from './route.ts';

const createInvitation = route({
  method: 'POST',
  path: '/v2/invites',
  id: 'createInvitation',
  tag: 'Accounts',
  summary: 'For an administrator: invite somebody to sign up, within a week.',
  auth: 'required',
  body: createInvitationSchema,
  answers: { 201: createdInvitationSchema },
  async handle({ invitations, changes }, call) {
    const { id } = requireAdministrator(call);
    const { email } = await call.body();
    const address = email === undefined ? '' : readEmail(email);
    const { invitation, secret } = await changes.make(
      () => invitations.create(address, id),
      (made) => [{ kind: 'invitation-changed', invitation: made.invitation.uuid, change: 'created' }],
    );
    const body = { ...presentInvitation(invitation), token: secret };
    return Response.json(body, { status: 201, headers: { 'Cache-Control': 'no-store' } });
  },
});

const listInvitations = route({
  method: 'GET',
  path: '/v2/invites',
  id: 'listInvitations',
  tag: 'Accounts',
  summary: 'For an administrator: the invitations that nobody used yet.',
  auth: 'required',
  answers: { 200: invitationListSchema },
  async handle({ invitations }, call) {
    requireAdministrator(call);
    const open = await invitations.list();
    return Response.json({ data: open.map(presentInvitation) });
  },
});

const deleteInvitation = route({
  method: 'DELETE',
  path: '/v2/invites/{id}',
  id: 'deleteInvitation',
  tag: 'Accounts',
  summary: 'For an administrator: take an invitation back.',
  auth: 'required',
  params: z.object({ id: z.string() }),
  answers: { 204: 'Nobody can sign up with it any more.' },
  async handle({ invitations, changes }, call) {
    requireAdministrator(call);
    const { id: invitation } = call.params;
    const told = { kind: 'invitation-changed', invitation, change: 'deleted' } as const;
    await changes.make(() => invitations.delete(invitation), told);
    return new Response(null, { status: 204 });
  },
});

export const invitationRoutes: readonly Route[] = [createInvitation, listInvitations, deleteInvitation];

/** @throws FieldsError */
function readEmail(text: string): string {
  try {
    return checkEmail(text).toLowerCase();
  } catch (error) {
    if (error instanceof InvalidError) throw new FieldsError({ email: [error.message] });
    throw error;
  }
}
