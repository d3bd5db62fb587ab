/** The organizations that the reader belongs to. */
import { Badge, Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { OwnOrganization } from '../../hub-api/types.ts';
import { Failure, SignInFirst } from '../components/failure.tsx';
import { Pager } from '../components/pager.tsx';
import { ListSkeleton } from '../components/repository-list.tsx';
import { useMyOrganizations } from '../hub/organizations.ts';
import { isFailed, useSession } from '../hub/queries.ts';
import { organizationPath, patterns } from '../routes.ts';
import { usePageTitle } from '../text/page-title.ts';

const pageSize = 25;

export function OrganizationsPage() {
  const { t } = useTranslation();
  const session = useSession();
  usePageTitle(t('organizations.title'));
  if (session.isPending) return <ListSkeleton />;
  if (isFailed(session)) return <Failure error={session.error} retry={session.refetch} />;
  if (!session.data) return <SignInFirst />;
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={1} size="h2">
            {t('organizations.title')}
          </Title>
          <Text c="dimmed" mt={4} maw={620}>
            {t('organizations.lead')}
          </Text>
        </div>
        <Button
          component={Link}
          to={patterns.createOrganization}
          leftSection={<IconPlus size={16} aria-hidden />}
        >
          {t('organizations.create')}
        </Button>
      </Group>
      <List />
    </Stack>
  );
}

function List() {
  const { t } = useTranslation();
  const [page, setPage] = useState(1);
  const mine = useMyOrganizations({ page, page_size: pageSize });
  if (mine.isPending) return <ListSkeleton rows={2} />;
  if (isFailed(mine)) return <Failure error={mine.error} retry={mine.refetch} />;
  const { count, results } = mine.data;
  if (count === 0) return <Text c="dimmed">{t('organizations.none')}</Text>;
  return (
    <>
      <ul className="rows card" aria-label={t('organizations.title')}>
        {results.map((organization) => (
          <li key={organization.orgname} className="row">
            <Row organization={organization} />
          </li>
        ))}
      </ul>
      <Pager count={count} pageSize={pageSize} page={page} onChange={setPage} />
    </>
  );
}

function Row({ organization }: { readonly organization: OwnOrganization }) {
  const { t } = useTranslation();
  const { orgname, full_name, role } = organization;
  return (
    <Group justify="space-between" wrap="nowrap">
      <div style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        <Link className="repository-link" to={organizationPath(orgname)}>
          {orgname}
        </Link>
        {full_name && (
          <Text size="sm" c="dimmed">
            <bdi>{full_name}</bdi>
          </Text>
        )}
      </div>
      <Badge variant="light" color="gray" tt="none" flex="none">
        {t(`roles.${role}`)}
      </Badge>
    </Group>
  );
}
