/** From rows of organizations, members and rights to the shapes of hub-api/schemas/organizations.ts. */
import type { z } from 'zod';
import type {
  memberSchema,
  organizationSchema,
  teamGrantSchema,
  teamRepositorySchema,
  teamSchema,
} from '../../hub-api/schemas/organizations.ts';
import type { Account } from '../accounts/account-store.ts';
import type { OrganizationRole } from '../db/schema.ts';
import type { TeamGrant, TeamRepository } from '../organizations/grant-store.ts';
import type { Member } from '../organizations/member-store.ts';
import type { Team } from '../organizations/team-store.ts';
import { presentPublicUser } from './present-account.ts';
import { timeOf } from './present.ts';

const roles = { owner: 'Owner', editor: 'Editor', member: 'Member' } as const;

export function presentOrganization(account: Account): z.output<typeof organizationSchema> {
  return {
    id: String(account.id),
    orgname: account.name,
    full_name: account.full_name,
    company: account.company,
    location: account.location,
    type: 'Organization',
    date_joined: timeOf(account.created_at),
    gravatar_email: '',
    gravatar_url: '',
    profile_url: '',
  };
}

export function presentRole(role: OrganizationRole): (typeof roles)[OrganizationRole] {
  return roles[role];
}

/** @param showsEmail for owners, who may have to write to them. */
export function presentMember(
  { account, role, teams }: Member,
  showsEmail: boolean,
): z.output<typeof memberSchema> {
  return {
    ...presentPublicUser(account),
    email: showsEmail ? account.email : '',
    role: presentRole(role),
    groups: [...teams],
    is_guest: false,
  };
}

export function presentTeam(team: Team): z.output<typeof teamSchema> {
  const { id, uuid, name, description, member_count } = team;
  return { id, uuid, name, description, member_count };
}

export function presentTeamGrant(grant: TeamGrant): z.output<typeof teamGrantSchema> {
  return { group_id: grant.teamId, group_name: grant.teamName, permission: grant.permission };
}

export function presentTeamRepository(given: TeamRepository): z.output<typeof teamRepositorySchema> {
  const { namespace, name, isPrivate, permission } = given;
  return { namespace, name, is_private: isPrivate, permission };
}
