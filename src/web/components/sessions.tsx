/** Where the account is signed in, and an end to each. */
import { Button, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Session } from '../../hub-api/types.ts';
import { useEndSession } from '../hub/mutations.ts';
import { isFailed, useSessions } from '../hub/queries.ts';
import { Failure, FailureAlert } from './failure.tsx';
import { RelativeTime } from './relative-time.tsx';
import { ListSkeleton } from './repository-list.tsx';

export function Sessions() {
  const { t } = useTranslation();
  const sessions = useSessions();
  if (sessions.isPending) return <ListSkeleton />;
  if (isFailed(sessions)) return <Failure error={sessions.error} retry={sessions.refetch} />;
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('sessions.title')}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {t('sessions.lead')}
      </Text>
      <ul className="rows" aria-label={t('sessions.title')}>
        {sessions.data.results.map((session) => (
          <li key={session.id} className="setting-row">
            <Row session={session} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Row({ session }: { readonly session: Session }) {
  const { t } = useTranslation();
  const end = useEndSession();
  return (
    <>
      <div style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        <Text size="sm">
          <bdi>{session.user_agent || t('sessions.unknown')}</bdi>
        </Text>
        <Text size="xs" c="dimmed">
          {session.address} · {t('sessions.since')} <RelativeTime time={session.created_at} />
        </Text>
        <FailureAlert error={end.error} />
      </div>
      {session.is_current ? (
        <Text size="xs" c="dimmed" flex="none">
          {t('sessions.this')}
        </Text>
      ) : (
        <Button
          size="xs"
          variant="default"
          flex="none"
          loading={end.isPending}
          aria-label={t('sessions.endThis', { where: session.user_agent || session.address })}
          onClick={() => end.mutate(session.id)}
        >
          {t('sessions.end')}
        </Button>
      )}
    </>
  );
}
