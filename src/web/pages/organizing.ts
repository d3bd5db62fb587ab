/** The pages of organizations: one part of the program, loaded with the first of them. See on-demand.ts. */
export { CreateOrganizationPage } from './create-organization.tsx';
export { OrganizationPage } from './organization.tsx';
export { OrganizationsPage } from './organizations.tsx';
export { TeamPage } from './team.tsx';
