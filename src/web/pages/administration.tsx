/** What an administrator looks after; for everybody else there is no such page. */
import { Stack, Tabs, Title } from '@mantine/core';
import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { NotFound } from '../components/failure.tsx';
import { ListSkeleton } from '../components/repository-list.tsx';
import { useSession } from '../hub/queries.ts';
import { administrationPath, patterns } from '../routes.ts';
import { usePageTitle } from '../text/page-title.ts';
import { AdministrationAudit } from './administration-audit.tsx';
import { AdministrationCache } from './administration-cache.tsx';
import { AdministrationFailures } from './administration-failures.tsx';
import { AdministrationGarbage } from './administration-garbage.tsx';
import { AdministrationQuotas } from './administration-quotas.tsx';
import { AdministrationReplication } from './administration-replication.tsx';
import { AdministrationSettings } from './administration-settings.tsx';
import { AdministrationStorage } from './administration-storage.tsx';
import { AdministrationUsers } from './administration-users.tsx';

const parts = {
  users: AdministrationUsers,
  storage: AdministrationStorage,
  quotas: AdministrationQuotas,
  replication: AdministrationReplication,
  cache: AdministrationCache,
  garbage: AdministrationGarbage,
  settings: AdministrationSettings,
  errors: AdministrationFailures,
  audit: AdministrationAudit,
} as const satisfies Record<string, ComponentType>;

type PartName = keyof typeof parts;

export function AdministrationPage() {
  const { part = 'users' } = useParams();
  const session = useSession();
  if (session.isPending) return <ListSkeleton />;
  if (session.data?.is_admin !== true || !Object.hasOwn(parts, part)) return <NotFound />;
  return <Administration part={part as PartName} />;
}

function Administration({ part }: { readonly part: PartName }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  usePageTitle(`${t(`administration.parts.${part}`)} · ${t('administration.title')}`);
  const Part = parts[part];
  const open = (name: string | null): void =>
    void navigate(name === 'users' || name === null ? patterns.administration : administrationPath(name));
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        {t('administration.title')}
      </Title>
      <Tabs value={part} onChange={open} activateTabWithKeyboard={false} keepMounted={false}>
        <Tabs.List aria-label={t('administration.tabs')} mb="lg">
          {(Object.keys(parts) as PartName[]).map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`administration.parts.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={part}>
          <Part />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
