/** The pages put together: theme, hub, router. routes.ts holds the addresses, pages/ what is at each. */
import { MantineProvider } from '@mantine/core';
import { BrowserRouter, Navigate, Route, Routes, useParams } from 'react-router';
import { Frame } from './components/frame.tsx';
import { loadLater } from './components/load-later.tsx';
import { HubProvider } from './hub/hub.tsx';
import { HomePage } from './pages/home.tsx';
import { NotFoundPage } from './pages/not-found.tsx';
import {
  AccountPage,
  AccountSettingsPage,
  AdministrationPage,
  ApiPage,
  CreateOrganizationPage,
  CreateRepositoryPage,
  FinishSignInPage,
  OrganizationPage,
  OrganizationsPage,
  RepositoryPage,
  ResetPasswordPage,
  SearchPage,
  SignInPage,
  SignUpPage,
  TagChangesPage,
  TagFilesPage,
  TagPage,
  TeamPage,
} from './pages/on-demand.ts';
import { accountPath, patterns } from './routes.ts';
import { theme } from './theme.ts';

const Notices = loadLater(async () => (await import('./components/notices.tsx')).Notices);

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <Notices />
      <HubProvider>
        <BrowserRouter>
          <Frame>
            <Pages />
          </Frame>
        </BrowserRouter>
      </HubProvider>
    </MantineProvider>
  );
}

function Pages() {
  return (
    <Routes>
      <Route path={patterns.home} element={<HomePage />} />
      <Route path={patterns.search} element={<SearchPage />} />
      <Route path={patterns.api} element={<ApiPage />} />
      <Route path={patterns.signUp} element={<SignUpPage />} />
      <Route path={patterns.signIn} element={<SignInPage />} />
      <Route path={patterns.finishSignIn} element={<FinishSignInPage />} />
      <Route path={patterns.resetPassword} element={<ResetPasswordPage />} />
      <Route path={patterns.settings} element={<AccountSettingsPage />} />
      <Route path={patterns.administration} element={<AdministrationPage />} />
      <Route path={patterns.administrationPart} element={<AdministrationPage />} />
      <Route path={patterns.createRepository} element={<CreateRepositoryPage />} />
      <Route
        path={patterns.createRepositoryOld}
        element={<Navigate to={patterns.createRepository} replace />}
      />
      <Route path={patterns.organizations} element={<OrganizationsPage />} />
      <Route path={patterns.createOrganization} element={<CreateOrganizationPage />} />
      <Route path={patterns.organization} element={<OrganizationPage tab="repositories" />} />
      <Route path={patterns.organizationMembers} element={<OrganizationPage tab="members" />} />
      <Route path={patterns.organizationTeams} element={<OrganizationPage tab="teams" />} />
      <Route path={patterns.organizationTeam} element={<TeamPage />} />
      <Route path={patterns.organizationTokens} element={<OrganizationPage tab="access-tokens" />} />
      <Route path={patterns.organizationSettings} element={<OrganizationPage tab="settings" />} />
      <Route path={patterns.account} element={<AccountPage />} />
      <Route path={patterns.accountRepositories} element={<ToAccount />} />
      <Route path={patterns.repository} element={<RepositoryPage tab="overview" />} />
      <Route path={patterns.repositoryTags} element={<RepositoryPage tab="tags" />} />
      <Route path={patterns.repositoryActivity} element={<RepositoryPage tab="activity" />} />
      <Route path={patterns.repositorySettings} element={<RepositoryPage tab="settings" />} />
      <Route path={patterns.tag} element={<TagPage />} />
      <Route path={patterns.tagFiles} element={<TagFilesPage />} />
      <Route path={patterns.tagChanges} element={<TagChangesPage />} />
      <Route path={patterns.official} element={<RepositoryPage tab="overview" />} />
      <Route path={patterns.officialTags} element={<RepositoryPage tab="tags" />} />
      <Route path={patterns.officialActivity} element={<RepositoryPage tab="activity" />} />
      <Route path={patterns.officialSettings} element={<RepositoryPage tab="settings" />} />
      <Route path={patterns.officialTag} element={<TagPage />} />
      <Route path={patterns.officialTagFiles} element={<TagFilesPage />} />
      <Route path={patterns.officialTagChanges} element={<TagChangesPage />} />
      <Route path="*" element={<NotFoundPage />} />
    </Routes>
  );
}

/** `/repositories/alice`, as on Docker Hub. */
function ToAccount() {
  const { namespace = '' } = useParams();
  return <Navigate to={accountPath(namespace)} replace />;
}
