/**
 * The pages for who looks after something with others: organizations, and what the owner of a repository decides. One part of the
 * program, loaded with the first of them. See on-demand.ts.
 */
export { CreateOrganizationPage } from './create-organization.tsx';
export { OrganizationPage } from './organization.tsx';
export { OrganizationsPage } from './organizations.tsx';
export { RepositorySettings } from './repository-settings.tsx';
export { TeamPage } from './team.tsx';
