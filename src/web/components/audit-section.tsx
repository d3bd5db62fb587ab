/** The audit log at the end of settings: it is asked for, and the program for it loaded, when somebody wants to see it. */
import { Button, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { loadLater } from './load-later.tsx';
import { ListSkeleton } from './repository-list.tsx';

const pageSize = 10;

export const LazyAuditLog = loadLater(
  async () => (await import('./audit-log.tsx')).AuditLogList,
  <ListSkeleton />,
);

interface AuditSectionProps {
  readonly account: string;
  readonly lead: string;
}

export function AuditSection({ account, lead }: AuditSectionProps) {
  const { t } = useTranslation();
  const [isShown, setShown] = useState(false);
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('audit.title')}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {lead}
      </Text>
      {isShown ? (
        <LazyAuditLog key={account} account={account} pageSize={pageSize} />
      ) : (
        <Button variant="default" onMouseEnter={LazyAuditLog.prepare} onClick={() => setShown(true)}>
          {t('audit.show')}
        </Button>
      )}
    </section>
  );
}
