/** Organizations: themselves, their members and teams, and who has which right on one repository. */
import { z } from 'zod';
import { pageOf, pageQuery, time } from './common.ts';
import { publicUser, publicUserSchema } from './users.ts';

const profileText = z.string().max(100, 'at most 100 characters');

export const createOrganizationSchema = z
  .object({
    orgname: z.string().describe('By the rules of account names.'),
    full_name: profileText.optional(),
    company: profileText.optional(),
    location: profileText.optional(),
  })
  .meta({ id: 'CreateOrganizationRequest' });

export const updateOrganizationSchema = createOrganizationSchema
  .omit({ orgname: true })
  .meta({ id: 'UpdateOrganizationRequest', description: 'What is left out stays.' });

const organization = {
  id: z.string(),
  orgname: z.string(),
  full_name: z.string(),
  company: z.string(),
  location: z.string(),
  type: z.literal('Organization'),
  date_joined: time,
  gravatar_email: z.string(),
  gravatar_url: z.string(),
  profile_url: z.string(),
};

export const organizationSchema = z.object(organization).meta({ id: 'Organization' });

const memberRole = z.enum(['owner', 'editor', 'member']);
const roleOfCaller = z.enum(['Owner', 'Editor', 'Member']).describe('Of the caller.');

export const ownOrganizationSchema = z
  .object({ ...organization, role: roleOfCaller })
  .meta({ id: 'OwnOrganization' });

export const organizationPageSchema = pageOf('OrganizationPage', ownOrganizationSchema);

export const seenOrganizationSchema = z
  .object({ ...organization, role: roleOfCaller.nullable() })
  .meta({ id: 'SeenOrganization' });

export const memberListQuery = z.object({
  ...pageQuery,
  search: z.string().max(100).default('').describe('Part of a name.'),
  role: memberRole.optional(),
});

export const changeMemberSchema = z
  .object({
    role: memberRole.describe(
      'A member has the rights of their teams; an editor is an administrator of every repository; an owner of the organization, too.',
    ),
  })
  .meta({ id: 'ChangeMemberRequest' });

export const memberSchema = z
  .object({
    ...publicUser,
    email: z.string().describe('For owners only.'),
    role: z.enum(['Owner', 'Editor', 'Member']),
    groups: z.array(z.string()).describe('Names of teams.'),
    is_guest: z.boolean(),
  })
  .meta({ id: 'Member' });

export const memberPageSchema = pageOf('MemberPage', memberSchema);

const teamName = z
  .string()
  .regex(
    /^[a-z0-9]+(?:[_-][a-z0-9]+)*$/,
    'a team name holds lower-case letters and digits, with single dashes or underscores between them',
  )
  .max(30, 'at most 30 characters')
  .refine((name) => name !== 'owners', 'owners are members with the role owner, not a team');
const teamDescription = z.string().max(255, 'at most 255 characters');

export const createTeamSchema = z
  .object({ name: teamName, description: teamDescription.optional() })
  .meta({ id: 'CreateTeamRequest' });

export const updateTeamSchema = z
  .object({ name: teamName.optional(), description: teamDescription.optional() })
  .meta({ id: 'UpdateTeamRequest', description: 'What is left out stays.' });

export const teamSchema = z
  .object({
    id: z.int(),
    uuid: z.string(),
    name: z.string(),
    description: z.string(),
    member_count: z.int(),
  })
  .meta({ id: 'Team' });

export const teamListQuery = z.object({
  ...pageQuery,
  search: z.string().max(100).default('').describe('Part of a name.'),
});

export const teamPageSchema = pageOf('TeamPage', teamSchema);

export const addTeamMemberSchema = z
  .object({ member: z.string().max(100).describe('Their username.') })
  .meta({ id: 'AddTeamMemberRequest' });

export const teamMemberPageSchema = pageOf('TeamMemberPage', publicUserSchema);

const permission = z.enum(['read', 'write', 'admin']);

export const grantTeamSchema = z
  .object({ group_id: z.int().positive(), permission })
  .meta({ id: 'GrantTeamRequest' });

export const teamGrantSchema = z
  .object({ group_id: z.int(), group_name: z.string(), permission })
  .meta({ id: 'TeamGrant' });

export const teamGrantPageSchema = pageOf('TeamGrantPage', teamGrantSchema);

export const teamRepositorySchema = z
  .object({ namespace: z.string(), name: z.string(), is_private: z.boolean(), permission })
  .meta({ id: 'TeamRepository' });

export const teamRepositoryPageSchema = pageOf('TeamRepositoryPage', teamRepositorySchema);

export const grantCollaboratorSchema = z
  .object({ user: z.string().max(100).describe('Their username.'), permission: permission.default('write') })
  .meta({ id: 'GrantCollaboratorRequest' });

export const collaboratorSchema = z.object({ user: z.string(), permission }).meta({ id: 'Collaborator' });

export const collaboratorPageSchema = pageOf('CollaboratorPage', collaboratorSchema);

export const grantListQuery = z.object(pageQuery);
