/** An account: who it is, and its repositories that the reader may see. */
import { Skeleton, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Navigate, useParams } from 'react-router';
import { Failure } from '../components/failure.tsx';
import { NamespaceRepositories } from '../components/namespace-repositories.tsx';
import { ProfileHead } from '../components/profile-head.tsx';
import { isFailed, useAccount, useSession } from '../hub/queries.ts';
import { officialNamespace, organizationPath } from '../routes.ts';
import { usePageTitle } from '../text/page-title.ts';

export function AccountPage() {
  const { t } = useTranslation();
  const { namespace = '' } = useParams();
  const account = useAccount(namespace);
  const session = useSession();
  usePageTitle(namespace);
  if (account.isPending) return <Skeleton height={72} aria-label={t('common.loading')} />;
  if (isFailed(account)) return <Failure error={account.error} retry={account.refetch} />;
  if (account.data?.type === 'Organization') return <Navigate to={organizationPath(namespace)} replace />;
  const profile = account.data;
  return (
    <Stack gap="xl">
      {profile ? (
        <ProfileHead
          name={namespace}
          fullName={profile.full_name}
          about={[profile.company, profile.location]}
          joined={profile.date_joined}
          radius="xl"
        />
      ) : (
        <div>
          <Title order={1} size="h2">
            {namespace}
          </Title>
          <Text c="dimmed" size="sm">
            {t('account.official')}
          </Text>
        </div>
      )}
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
