/** An organization: who it is, and one of its tabs by the address. Strangers see its repositories only. */
import { Avatar, Group, Skeleton, Stack, Tabs, Text, Title } from '@mantine/core';
import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import type { SeenOrganization } from '../../hub-api/types.ts';
import { Failure, NotFound } from '../components/failure.tsx';
import { NamespaceRepositories } from '../components/namespace-repositories.tsx';
import { useOrganization } from '../hub/organizations.ts';
import { isFailed } from '../hub/queries.ts';
import { organizationPath, type OrganizationTab } from '../routes.ts';
import { useFormat } from '../text/format.ts';
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
      <Head organization={data} />
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

function Head({ organization }: { readonly organization: SeenOrganization }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { orgname, full_name, company, location, date_joined } = organization;
  const about = [full_name && orgname, company, location].filter(Boolean);
  return (
    <Group wrap="nowrap">
      <Avatar name={orgname} color="quay" size="lg" radius="md" alt="" />
      <div style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        <Title order={1} size="h2">
          <bdi>{full_name || orgname}</bdi>
        </Title>
        <Text c="dimmed" size="sm">
          {about.map((text) => (
            <span key={text}>
              <bdi>{text}</bdi> ·{' '}
            </span>
          ))}
          {t('account.since', { when: format.month(new Date(date_joined)) })}
        </Text>
      </div>
    </Group>
  );
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
