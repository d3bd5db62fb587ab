/** An account: who it is, and its repositories that the reader may see. */
import { Avatar, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Navigate, useParams } from 'react-router';
import { Failure } from '../components/failure.tsx';
import { NamespaceRepositories } from '../components/namespace-repositories.tsx';
import { isFailed, useAccount, useSession } from '../hub/queries.ts';
import { officialNamespace, organizationPath } from '../routes.ts';
import { useFormat } from '../text/format.ts';
import { usePageTitle } from '../text/page-title.ts';

export function AccountPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const { namespace = '' } = useParams();
  const account = useAccount(namespace);
  const session = useSession();
  usePageTitle(namespace);
  if (account.isPending) return <Skeleton height={72} aria-label={t('common.loading')} />;
  if (isFailed(account)) return <Failure error={account.error} retry={account.refetch} />;
  if (account.data?.type === 'Organization') return <Navigate to={organizationPath(namespace)} replace />;
  const joined = account.data?.date_joined;
  return (
    <Stack gap="xl">
      <Group wrap="nowrap">
        <Avatar name={namespace} color="quay" size="lg" radius="xl" alt="" />
        <div>
          <Title order={1} size="h2" style={{ overflowWrap: 'anywhere' }}>
            {namespace}
          </Title>
          <Text c="dimmed" size="sm">
            {joined ? t('account.since', { when: format.month(new Date(joined)) }) : t('account.official')}
          </Text>
        </div>
      </Group>
      <NamespaceRepositories
        key={namespace}
        namespace={namespace}
        mayCreate={
          session.data?.username === namespace ||
          (namespace === officialNamespace && session.data?.is_admin === true)
        }
      />
    </Stack>
  );
}
