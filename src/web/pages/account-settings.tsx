/** What an account looks after: its profile, access tokens, second factor, password and sessions. */
import { Stack, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { AccessTokens } from '../components/access-tokens.tsx';
import { AccountProfile } from '../components/account-profile.tsx';
import { AuditSection } from '../components/audit-section.tsx';
import { ChangePassword } from '../components/change-password.tsx';
import { LazyWebhooks } from '../components/lazy-webhooks.tsx';
import { LinkedIdentity } from '../components/linked-identity.tsx';
import { SignInFirst } from '../components/failure.tsx';
import { ListSkeleton } from '../components/repository-list.tsx';
import { Retention } from '../components/retention.tsx';
import { SecondFactor } from '../components/second-factor.tsx';
import { Sessions } from '../components/sessions.tsx';
import { useIdentity } from '../hub/provider.ts';
import { useSession } from '../hub/queries.ts';
import { usePageTitle } from '../text/page-title.ts';

export function AccountSettingsPage() {
  const { t } = useTranslation();
  const session = useSession();
  const hasPassword = useIdentity().data?.has_password !== false;
  usePageTitle(t('accountSettings.title'));
  if (session.isPending) return <ListSkeleton />;
  if (!session.data) return <SignInFirst />;
  return (
    <Stack gap="lg" maw={760}>
      <Title order={1} size="h2">
        {t('accountSettings.title')}
      </Title>
      <AccountProfile user={session.data} />
      <AccessTokens username={session.data.username} />
      <LinkedIdentity />
      {hasPassword && <SecondFactor />}
      {hasPassword && <ChangePassword />}
      <Sessions />
      <Retention scope={{ namespace: session.data.username }} />
      <LazyWebhooks place={{ namespace: session.data.username }} />
      <AuditSection account={session.data.username} lead={t('audit.leadOwn')} />
    </Stack>
  );
}
