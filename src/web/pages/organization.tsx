/** An organization: who it is, and one of its tabs by the address. Strangers see its repositories only. */
import { Skeleton, Stack, Tabs } from '@mantine/core';
import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import type { SeenOrganization } from '../../hub-api/types.ts';
import { Failure, NotFound } from '../components/failure.tsx';
import { NamespaceRepositories } from '../components/namespace-repositories.tsx';
import { ProfileHead } from '../components/profile-head.tsx';
import { useOrganization } from '../hub/organizations.ts';
import { isFailed } from '../hub/queries.ts';
import { organizationPath, type OrganizationTab } from '../routes.ts';
import { usePageTitle } from '../text/page-title.ts';
import { OrganizationMembers } from './organization-members.tsx';
import { OrganizationSettings } from './organization-settings.tsx';
import { OrganizationTeams } from './organization-teams.tsx';
import { OrganizationTokens } from './organization-tokens.tsx';

type TabName = 'repositories' | OrganizationTab;

export function OrganizationPage({ tab }: { readonly tab: TabName }) {
  const { t } = useTranslation();
  const { org = '' } = useParams();
  const organization = useOrganization(org);
  usePageTitle(org);
  if (organization.isPending) return <Skeleton height={72} aria-label={t('common.loading')} />;
  if (isFailed(organization)) return <Failure error={organization.error} retry={organization.refetch} />;
  const { data } = organization;
  if (!tabsOf(data).includes(tab)) return <NotFound />;
  return (
    <Stack gap="lg">
      <ProfileHead
        name={org}
        fullName={data.full_name}
        about={[data.company, data.location]}
        joined={data.date_joined}
        radius="md"
      />
      {data.role === null ? <Repositories organization={data} /> : <Parts organization={data} tab={tab} />}
    </Stack>
  );
}

/** Those that the reader may open. */
function tabsOf({ role }: SeenOrganization): readonly TabName[] {
  if (role === null) return ['repositories'];
  const forMembers = ['repositories', 'members', 'teams'] as const;
  return role === 'Owner' ? [...forMembers, 'access-tokens', 'settings'] : forMembers;
}

function Repositories({ organization }: { readonly organization: SeenOrganization }) {
  const { orgname, role } = organization;
  return (
    <NamespaceRepositories
      key={orgname}
      namespace={orgname}
      mayCreate={role === 'Owner' || role === 'Editor'}
    />
  );
}

const parts: Record<TabName, ComponentType<{ readonly organization: SeenOrganization }>> = {
  repositories: Repositories,
  members: OrganizationMembers,
  teams: OrganizationTeams,
  'access-tokens': OrganizationTokens,
  settings: OrganizationSettings,
};

interface PartsProps {
  readonly organization: SeenOrganization;
  readonly tab: TabName;
}

function Parts({ organization, tab }: PartsProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const Part = parts[tab];
  const open = (value: string | null): void =>
    void navigate(
      organizationPath(
        organization.orgname,
        value === 'repositories' ? undefined : (value as OrganizationTab),
      ),
    );
  return (
    <Tabs value={tab} onChange={open} activateTabWithKeyboard={false} keepMounted={false}>
      <Tabs.List aria-label={t('organization.tabs')} mb="lg">
        {tabsOf(organization).map((name) => (
          <Tabs.Tab key={name} value={name}>
            {t(`organization.${name}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={tab}>
        <Part organization={organization} />
      </Tabs.Panel>
    </Tabs>
  );
}
