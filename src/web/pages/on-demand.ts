/**
 * Every page but the first, loaded when it is opened: nobody waits for what they do not look at. They come in four parts, not page
 * by page, which would make dozens of small files of what pages have in common. frame.tsx shows the page before until they are there.
 */
import { lazy } from 'react';
import { LazyReadme } from '../components/lazy-readme.tsx';
import { loadPage } from '../load-part.ts';

const looking = () => loadPage(() => import('./looking.ts'));
const managing = () => loadPage(() => import('./managing.ts'));
const administering = () => loadPage(() => import('./administering.ts'));
const organizing = () => loadPage(() => import('./organizing.ts'));

export const AccountPage = lazy(async () => ({ default: (await looking()).AccountPage }));
export const RepositoryPage = lazy(async () => {
  // Its first tab shows one, most often.
  LazyReadme.prepare();
  return { default: (await looking()).RepositoryPage };
});
export const SearchPage = lazy(async () => ({ default: (await looking()).SearchPage }));
export const TagChangesPage = lazy(async () => ({ default: (await looking()).TagChangesPage }));
export const TagFilesPage = lazy(async () => ({ default: (await looking()).TagFilesPage }));
export const TagPage = lazy(async () => ({ default: (await looking()).TagPage }));

export const AccountSettingsPage = lazy(async () => ({ default: (await managing()).AccountSettingsPage }));
export const ApiPage = lazy(async () => ({ default: (await managing()).ApiPage }));
export const CreateRepositoryPage = lazy(async () => ({ default: (await managing()).CreateRepositoryPage }));
export const FinishSignInPage = lazy(async () => ({ default: (await managing()).FinishSignInPage }));
export const ResetPasswordPage = lazy(async () => ({ default: (await managing()).ResetPasswordPage }));
export const SignInPage = lazy(async () => ({ default: (await managing()).SignInPage }));
export const SignUpPage = lazy(async () => ({ default: (await managing()).SignUpPage }));

export const AdministrationPage = lazy(async () => ({ default: (await administering()).AdministrationPage }));

export const CreateOrganizationPage = lazy(async () => ({
  default: (await organizing()).CreateOrganizationPage,
}));
export const OrganizationPage = lazy(async () => ({ default: (await organizing()).OrganizationPage }));
export const OrganizationsPage = lazy(async () => ({ default: (await organizing()).OrganizationsPage }));
export const TeamPage = lazy(async () => ({ default: (await organizing()).TeamPage }));
